import { ModelError } from '../../errors.js';
import { classification } from './classification.js';
import { detection } from './detection.js';
import { regression } from './regression.js';
import { segmentation } from './segmentation.js';
import { tokens } from './tokens.js';
import { transcription } from './transcription.js';
import type { Metric } from './types.js';

/** What a task may need to know. */
export interface TaskOptions {
  readonly top?: number | undefined;
  readonly labelOffset?: number | undefined;
  /** Name of the output that counts. */
  readonly output?: string | undefined;
  /** What each class stands for, for texts. */
  readonly alphabet?: readonly string[] | undefined;
}

const TASKS: Readonly<Record<string, (options: TaskOptions) => Metric>> = {
  classification,
  regression: ({ output }) => regression(output),
  segmentation: ({ output }) => segmentation(output),
  detection,
  tokens: ({ output }) => tokens(output),
  transcription({ alphabet, output }) {
    if (!alphabet)
      throw new ModelError(
        'invalid-option',
        'transcription needs to know what each class stands for: "classes" in the description of the data.',
      );
    return transcription({ alphabet, output });
  },
};

export const taskNames: readonly string[] = Object.keys(TASKS);

/** The metric of a task. @throws {ModelError} `invalid-option`. */
export function metricOf(task: string, options: TaskOptions = {}): Metric {
  const make = Object.hasOwn(TASKS, task) ? TASKS[task] : undefined;
  if (!make) throw new ModelError('invalid-option', `one of ${taskNames.join(', ')} expected, got '${task}'.`);
  return make(options);
}
