import { describe, expect, it } from 'vitest';
import { mutations } from '../../test/fuzz/mutate.js';
import { fromBase64, tensorFiles } from '../../test/tensor-files.js';
import { ModelError } from '../errors.js';
import type { Tensor } from '../ir/tensor.js';
import { fitTensor, type Wanted } from './fit-tensor.js';
import { type InputOptions, inputTensor } from './input-tensor.js';
import { writeNpy } from './npy-tensor.js';
import { soundTensor } from './sound-tensor.js';

const wanted = (name: string, dtype: Wanted['dtype'], ...shape: number[]): Wanted => ({ name, dtype, shape });
const f32 = (shape: number[], ...data: number[]): Tensor => ({ dtype: 'f32', shape, data: Float32Array.from(data) });
const npz = fromBase64(tensorFiles.npz);

describe('inputTensor', () => {
  const png = fromBase64(tensorFiles.images['PNG RGB']?.file ?? '');
  const jpeg = fromBase64(tensorFiles.images.JPEG?.file ?? '');
  const wav = fromBase64(tensorFiles.sounds.f32?.file ?? '');
  const npy = new Uint8Array(Buffer.concat(writeNpy(f32([2], 1, 2))));

  it.each<[string, Uint8Array, Wanted, number[]]>([
    ['a .npy file', npy, wanted('x', 'f32', 2), [2]],
    ['the array of the name in a .npz file', npz, wanted('image', 'f32', 2, 3, 4), [2, 3, 4]],
    ['a PNG', png, wanted('x', 'f32', 1, -1, -1, 3), [1, 12, 16, 3]],
    ['a JPEG', jpeg, wanted('x', 'u8', 1, 6, 8, 3), [1, 6, 8, 3]],
    ['a WAV file', wav, wanted('x', 'f32', 1, -1), [1, 20]],
  ])('takes %s, by how it begins', async (_, bytes, facts, shape) => {
    expect((await inputTensor(bytes, facts, 'file')).shape).toEqual(shape);
  });

  it('takes bytes for pixels when it is told how to normalize them, and floats as they are', async () => {
    const pixels: Tensor = { dtype: 'u8', shape: [1, 1, 3], data: Uint8Array.of(0, 51, 255) };
    const normalize = { mean: [0, 0.2, 0.5], std: [1, 1, 0.5] };
    const read = async (tensor: Tensor) => {
      const bytes = new Uint8Array(Buffer.concat(writeNpy(tensor)));
      return (await inputTensor(bytes, wanted('x', 'f32', 1, 1, 1, 3), 'file', { normalize })).data as Float32Array;
    };
    for (const [i, x] of [0, 0, 1].entries()) expect((await read(pixels))[i]).toBeCloseTo(x, 6);
    expect([...(await read(f32([1, 1, 3], 1, 2, 3)))]).toEqual([1, 2, 3]);
  });

  it('refuses other files, and archives without the array', async () => {
    await expect(inputTensor(Uint8Array.of(1, 2), wanted('x', 'f32', 1), 'x.bin')).rejects.toThrow(
      'x.bin: a .npy, .npz, PNG, JPEG or WAV file expected',
    );
    await expect(inputTensor(npz, wanted('y', 'f32', 1), 'x.npz')).rejects.toThrow(
      "x.npz: an array 'y' expected, it holds image, label",
    );
  });

  it('gives a tensor or a ModelError for damaged archives', async () => {
    for (const bytes of mutations(npz, 300, 5)) {
      try {
        await inputTensor(bytes, wanted('image', 'f32', 2, 3, 4), 'x');
      } catch (error) {
        expect(error).toBeInstanceOf(ModelError);
      }
    }
  });
});

describe('fitTensor', () => {
  const quantization = { scale: Float32Array.of(0.5), zeroPoint: [1], axis: 0 };
  const i64 = (...data: bigint[]): Tensor => ({ dtype: 'i64', shape: [data.length], data: BigInt64Array.from(data) });

  it.each<[string, Tensor, Wanted, number[]]>([
    ['a missing batch is added', f32([2], 1, 2), wanted('x', 'f32', 1, 2), [1, 2]],
    ['doubles become floats', { dtype: 'f64', shape: [1], data: Float64Array.of(0.5) }, wanted('x', 'f32', 1), [0.5]],
    ['long integers become shorter', i64(3n, -4n), wanted('x', 'i32', 2), [3, -4]],
    ['integers become floats', i64(3n), wanted('x', 'f32', 1), [3]],
    ['floats are quantized', f32([2], 2, -100), { ...wanted('x', 'i8', 2), quantization }, [5, -128]],
    ['integers stay what they are for a quantized input', i64(7n), { ...wanted('x', 'i8', 1), quantization }, [7]],
  ])('%s', (_, tensor, facts, expected) => {
    const fitted = fitTensor(tensor, facts, 'x.npy');
    expect([fitted.dtype, fitted.shape, Array.from(fitted.data as Float32Array)]).toEqual([
      facts.dtype,
      facts.shape,
      expected,
    ]);
  });

  it.each<[string, Tensor, Wanted, string]>([
    ['another shape', f32([3], 1, 2, 3), wanted('x', 'f32', 2), "x.npy: input 'x' expects [2], got [3]"],
    ['floats for integers', f32([1], 1), wanted('x', 'i32', 1), 'expects i32, got f32'],
    ['integers that are too large', i64(1n, 300n), wanted('x', 'u8', 2), 'expects u8, element 1 is 300'],
    ['texts for numbers', { dtype: 'string', shape: [0], data: [] }, wanted('x', 'f32', 0), 'expects f32, got string'],
  ])('refuses %s', (_, tensor, facts, message) => {
    expect(() => fitTensor(tensor, facts, 'x.npy')).toThrow(message);
  });
});

describe('soundTensor', () => {
  const stereo = { rate: 4, channels: [Float32Array.of(1, 0, 0.5, 0), Float32Array.of(0, 0, -0.5, 1)] };
  const given = (shape: number[], options?: InputOptions) => {
    const tensor = soundTensor(stereo, wanted('x', 'f32', ...shape), 'x.wav', options);
    return [tensor.shape, [...(tensor.data as Float32Array)]];
  };

  it('averages the channels', () => expect(given([-1])).toEqual([[4], [0.5, 0, 0, 0.5]]));

  it('cuts what is too long and adds silence to what is too short', () => {
    expect(given([1, 2])).toEqual([[1, 2], [0.5, 0]]); // biome-ignore format: one line
    expect(given([-1, 5, 1])).toEqual([[1, 5, 1], [0.5, 0, 0, 0.5, 0]]); // biome-ignore format: one line
  });

  it('resamples to the rate of the model', () => {
    expect(given([-1], { rate: 8 })).toEqual([[8], [0.5, 0.25, 0, 0, 0, 0.25, 0.5, 0.5]]);
    expect(given([-1], { rate: 2 })).toEqual([[2], [0.5, 0]]);
  });

  it('refuses inputs that are not sound', () => {
    expect(() => given([1, 28, 28])).toThrow("sound goes into [N], [1, N] or [1, N, 1]; input 'x' is [1,28,28]");
    expect(() => given([])).toThrow('sound goes into');
  });
});
