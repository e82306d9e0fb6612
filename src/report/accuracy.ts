import { ModelError } from '../errors.js';
import type { AccuracyFigure } from './report-data.js';

/** One model of what `evaluate --json` prints, as far as reports need it. */
interface EvaluatedModel {
  readonly name: string;
  readonly metric: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly samples: number;
}

/**
 * What `evaluate --json` printed, as a lookup by model and form: a model's name holds both.
 * @throws {ModelError} `malformed-file` for other text.
 */
export function readAccuracy(text: string, where: string): (subject: string, form: string) => AccuracyFigure | null {
  const wrong = (what: string) =>
    new ModelError('malformed-file', `what "tersor evaluate --json" prints expected, got ${what}.`, { where });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw wrong('text that is not JSON');
  }
  const { models } = (json ?? {}) as { readonly models?: unknown };
  if (!Array.isArray(models)) throw wrong('JSON without models');
  const evaluated = models.map((m: Partial<EvaluatedModel> | null): EvaluatedModel => {
    const { name, metric, value, low, high, samples } = m ?? {};
    const numbers = [value, low, high, samples].every((x) => typeof x === 'number');
    if (typeof name !== 'string' || typeof metric !== 'string' || !numbers) throw wrong('models without figures');
    return m as EvaluatedModel;
  });
  return (subject, form) => {
    const isIt = ({ name }: EvaluatedModel) =>
      name.includes(subject) && (form === 'float' ? !/, /.test(name) : name.endsWith(`, ${form}`));
    const { metric, value, low, high, samples } = evaluated.find(isIt) ?? {};
    return metric === undefined ? null : ({ metric, value, low, high, samples } as AccuracyFigure);
  };
}
