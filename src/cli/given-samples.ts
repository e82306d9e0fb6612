import { bytesSource } from '../bytes/source.js';
import { parseNormalization } from '../data/normalize.js';
import { splitRows } from '../data/split-rows.js';
import { pickSignature } from '../evaluate/pick-signature.js';
import { readTflite } from '../formats/tflite/index.js';
import type { Tensor } from '../ir/tensor.js';
import { runnable } from '../node/runtime.js';
import { readInputs } from './model-inputs.js';

/** The flags that give samples. */
export interface SampleFlags {
  readonly input?: string[];
  readonly normalize?: string;
  readonly signature?: string;
  readonly seed: number;
}

/** Samples, and what they are called. */
export interface GivenSamples {
  readonly inputs?: readonly Readonly<Record<string, Tensor>>[];
  readonly data?: string;
}

/**
 * The samples that `--input` names for a `.tflite` file; nothing when it names none. Where the model takes one row at a
 * time, each row of an array is a sample.
 */
export async function givenSamples(file: Uint8Array, flags: SampleFlags): Promise<GivenSamples> {
  const { input, normalize, signature: key, seed } = flags;
  if (!input) return {};
  const model = runnable(readTflite(bytesSource(file)));
  const signature = pickSignature(model.signatures, key);
  model.dispose();
  const single = signature.inputs.filter(({ shape }) => shape[0] === 1).map(({ name }) => name);
  const inputs = signature.inputs.map((facts) =>
    single.includes(facts.name) ? { ...facts, shape: [-1, ...facts.shape.slice(1)] } : facts,
  );
  const { tensors, sources } = await readInputs({ ...signature, inputs }, input, {
    seed,
    ...(normalize !== undefined && { normalize: parseNormalization(normalize) }),
  });
  const texts = Object.entries(sources).map(([name, source]) => `${name} from ${source}`);
  return { inputs: splitRows(tensors, single), data: texts.join(', ') };
}
