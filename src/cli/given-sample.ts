import { bytesSource } from '../bytes/source.js';
import { parseNormalization } from '../data/normalize.js';
import { pickSignature } from '../evaluate/pick-signature.js';
import { readTflite } from '../formats/tflite/index.js';
import type { Tensor } from '../ir/tensor.js';
import { runnable } from '../node/runtime.js';
import { readInputs } from './model-inputs.js';

/** The flags that give one sample. */
export interface SampleFlags {
  readonly input?: string[];
  readonly normalize?: string;
  readonly signature?: string;
  readonly seed: number;
}

/** One sample, and what it is called. */
export interface GivenSample {
  readonly inputs?: readonly Readonly<Record<string, Tensor>>[];
  readonly data?: string;
}

/** The sample that `--input` names for a `.tflite` file; nothing when it names none. */
export async function givenSample(file: Uint8Array, flags: SampleFlags): Promise<GivenSample> {
  const { input, normalize, signature, seed } = flags;
  if (!input) return {};
  const model = runnable(readTflite(bytesSource(file)));
  try {
    const { tensors, sources } = await readInputs(pickSignature(model.signatures, signature), input, {
      seed,
      ...(normalize !== undefined && { normalize: parseNormalization(normalize) }),
    });
    const texts = Object.entries(sources).map(([name, source]) => `${name} from ${source}`);
    return { inputs: [tensors], data: texts.join(', ') };
  } finally {
    model.dispose();
  }
}
