import type { Pixels } from '../../src/bytes/image.js';
import { fitTensor } from '../../src/data/fit-tensor.js';
import { imageTensor } from '../../src/data/image-tensor.js';
import { inputTensor } from '../../src/data/input-tensor.js';
import { parseNormalization } from '../../src/data/normalize.js';
import { randomTensor } from '../../src/data/random-tensor.js';
import { soundTensor } from '../../src/data/sound-tensor.js';
import { ModelError } from '../../src/errors.js';
import { elementCount, type Tensor } from '../../src/ir/tensor.js';
import type { TensorFacts } from '../../src/runtime/api.js';
import type { Given } from '../protocol.js';

/** A tensor for every input; what was not given is random. @throws {ModelError} for what does not fit. */
export async function givenTensors(
  inputs: readonly TensorFacts[],
  given: Readonly<Record<string, Given>>,
): Promise<Readonly<Record<string, Tensor>>> {
  const tensors: Record<string, Tensor> = {};
  for (const facts of inputs) tensors[facts.name] = await tensorOf(facts, given[facts.name]);
  return tensors;
}

async function tensorOf(facts: TensorFacts, given: Given = { kind: 'random', seed: 1 }): Promise<Tensor> {
  switch (given.kind) {
    case 'random':
      return randomTensor(facts, given.seed);
    case 'text':
      return {
        dtype: 'string',
        shape: facts.shape.map((d) => Math.max(d, 1)),
        data: [new TextEncoder().encode(given.text)],
      };
    case 'numbers':
      return numbersTensor(given.values, facts);
    case 'sound':
      return soundTensor({ rate: given.rate, channels: [given.samples] }, facts, 'sound');
    case 'pixels': {
      const { width, height, data, normalize } = given;
      return imageTensor(
        { width, height, channels: 4, white: 255, data },
        facts,
        'image',
        parseNormalization(normalize),
      );
    }
    case 'file':
      return fileTensor(given, facts);
  }
}

/** Numbers in the shape of the input; one unknown size is what their count makes it. */
function numbersTensor(values: readonly number[], facts: TensorFacts): Tensor {
  const known = facts.shape.filter((d) => d >= 0);
  const open = facts.shape.length - known.length;
  const rest = values.length / Math.max(elementCount(known), 1);
  const shape = facts.shape.map((d) => (d >= 0 ? d : open === 1 ? rest : 1));
  if (elementCount(shape) !== values.length || !shape.every(Number.isInteger))
    throw new ModelError(
      'invalid-data',
      `${elementCount(facts.shape.map((d) => Math.max(d, 1)))} numbers expected, got ${values.length}.`,
      {
        where: `input '${facts.name}'`,
      },
    );
  const whole = values.every(Number.isInteger) && facts.dtype !== 'f32';
  const data = whole ? BigInt64Array.from(values, BigInt) : Float32Array.from(values);
  return fitTensor({ dtype: whole ? 'i64' : 'f32', shape, data }, facts, `input '${facts.name}'`);
}

/** Arrays, PNG, JPEG and WAV as the commands read them; other images as the browser does. */
async function fileTensor({ file, name, normalize }: Given & { kind: 'file' }, facts: TensorFacts): Promise<Tensor> {
  const normalization = parseNormalization(normalize);
  try {
    return await inputTensor(new Uint8Array(await file.arrayBuffer()), facts, name, { normalize: normalization });
  } catch (error) {
    const pixels = error instanceof ModelError && error.code === 'unsupported' ? await browserPixels(file) : undefined;
    if (!pixels) throw error;
    return imageTensor(pixels, facts, name, normalization);
  }
}

async function browserPixels(file: Blob): Promise<Pixels | undefined> {
  const bitmap = await createImageBitmap(file).catch(() => undefined);
  const context = bitmap && new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
  if (!context) return undefined;
  context.drawImage(bitmap, 0, 0);
  const { width, height, data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
  return { width, height, channels: 4, white: 255, data: new Uint8Array(data.buffer) };
}
