import type { Quantization } from '../../ir/tensor.js';
import { floats } from '../../ops/floats.js';
import type { Pointer } from '../buffers.js';
import type { KernelBuilder, Operand } from '../kernel.js';

type MakeVector = (to: KernelBuilder, source: object, key: string, count: number, at: (i: number) => number) => Pointer;

/** Makes vectors of 32-bit elements, padded so that the last panel may be read whole. */
const vectorsOf =
  (View: new (buffer: ArrayBufferLike, offset: number, length: number) => Float32Array | Int32Array): MakeVector =>
  (to, source, key, count, at) => {
    const padded = Math.ceil(count / 32) * 32;
    return to.sharedData(source, key, padded * 4, (view) => {
      const out = new View(view.buffer, view.byteOffset, padded);
      for (let i = 0; i < count; i++) out[i] = at(i);
    });
  };

/** A vector of `count` floats, shared by those who ask for the same source and key. */
export const floatVector = vectorsOf(Float32Array);
/** A vector of `count` 32-bit integers, shared by those who ask for the same source and key. */
export const integerVector = vectorsOf(Int32Array);

const NO_BIAS = {};

/** The bias as floats, zeros when there is none. */
export function biasVector(to: KernelBuilder, bias: Operand | undefined, count: number): Pointer {
  if (!bias) return floatVector(to, NO_BIAS, `zeros ${count}`, count, () => 0);
  if (!bias.constant) return bias.pointer;
  const { constant, quantization } = bias;
  let data: Float32Array | undefined;
  return floatVector(to, constant, 'bias', count, (i) => {
    data ??= floats({ ...constant.tensor(), quantization });
    return data[i] as number;
  });
}

/** Scales of the columns of quantized weights. */
export const columnScales = (to: KernelBuilder, { scale }: Quantization, count: number): Pointer =>
  floatVector(to, scale, 'scales', count, (i) => scale[scale.length === 1 ? 0 : i] as number);
