import { withGivenShapes } from '../data/given-shapes.js';
import { pickSignature } from '../evaluate/pick-signature.js';
import { load } from '../node/runtime.js';
import type { RunnableModel, SignatureFacts } from '../runtime/api.js';
import type { LoadFlags } from './load-options.js';
import { bytesOf, modelFile } from './model-file.js';
import { UsageError } from './usage.js';

/** A model that is ready to run. */
export interface LoadedModel {
  readonly path: string;
  /** Name of the format it was read from. */
  readonly format: string;
  readonly model: RunnableModel;
  readonly signature: SignatureFacts;
  /** Milliseconds for reading and compiling the `.tflite`; a conversion is not in it. */
  readonly loadMs: number;
  /** The bytes of the `.tflite` file, which other runtimes can take. */
  readonly bytes: () => Uint8Array;
}

/** Loads a model of any format; one that is not `.tflite` is converted first, as `convert` does. */
export async function loadModel(path: string, flags: LoadFlags, quiet: boolean): Promise<LoadedModel> {
  for (const [name, shape] of Object.entries(flags.inputShape ?? {}))
    if (shape.some((d) => d < 0)) throw new UsageError(`--input-shape ${name}: sizes that are known expected.`);
  const file = await modelFile(path, flags, quiet);
  const shapes = file.format === 'tflite' ? flags.inputShape : undefined;
  const start = performance.now();
  const model = await load(file.source, {
    ...(flags.numerics && { numerics: flags.numerics }),
    ...(flags.threads !== undefined && { threads: flags.threads }),
    ...(shapes && { inputShapes: shapes }),
  });
  const loadMs = performance.now() - start;
  const facts = pickSignature(model.signatures, flags.signature, path);
  const signature = { ...facts, inputs: withGivenShapes(facts.inputs, shapes) };
  return { path, format: file.format, model, signature, loadMs, bytes: () => bytesOf(file) };
}
