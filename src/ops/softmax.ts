import { allocate, type Tensor } from '../ir/tensor.js';
import { defineOp, type Op, type OutputType } from './define.js';
import { allocateFloats, floats, floatTensor } from './floats.js';
import { eachRow, logSoftmax8, type RowFunction, softmax8, softmax16 } from './integer-softmax.js';
import { type Affine, affinesOf } from './integers.js';
import { LITERT } from './litert.js';
import { invalid } from './shapes.js';
import { versionByType } from './version.js';

/**
 * Softmax `exp(beta x) / Σ exp(beta x)` and its logarithm `x - log Σ exp(x)` along the last axis; the largest element is
 * subtracted first, so that large logits do not overflow. Input and output have the same shape, of rank 1 or more.
 *
 * Source: TFLite operators SOFTMAX, LOG_SOFTMAX.
 */
export const softmaxes: readonly Op[] = [
  defineOp({
    name: 'SOFTMAX',
    litert: LITERT.floatFast,
    inputs: ['input'],
    outputs: ['output'],
    choosesType: true,
    defaults: { beta: 1 },
    version: versionByType({ f16: 4, i16: 3, i8: 2 }),
    infer: ({ input }) => {
      if (input.shape?.length === 0) throw invalid('input expects rank 1 or more, got a scalar');
      return [{ dtype: input.dtype, shape: input.shape }];
    },
    reference({ inputs, types: [type], options: { beta } }) {
      const integers = integerRows(inputs.input, type!, (from, to) =>
        from.dtype === 'i16' ? softmax16(from, beta) : softmax8(from, to, beta),
      );
      if (integers) return [integers];
      const x = floats(inputs.input);
      const out = allocateFloats(type!);
      forEachRow(x, inputs.input.shape.at(-1) ?? 1, (start, end, max) => {
        let sum = 0;
        for (let i = start; i < end; i++) sum += Math.exp(beta * (x[i]! - max));
        for (let i = start; i < end; i++) out[i] = Math.exp(beta * (x[i]! - max)) / sum;
      });
      return [floatTensor(type!, out)];
    },
  }),
  defineOp({
    name: 'LOG_SOFTMAX',
    litert: LITERT.ownBytes,
    inputs: ['input'],
    outputs: ['output'],
    version: versionByType({ i8: 2 }),
    infer: ({ input }) => [{ dtype: input.dtype, shape: input.shape }],
    reference({ inputs, types: [type] }) {
      const integers = integerRows(inputs.input, type!, logSoftmax8);
      if (integers) return [integers];
      const x = floats(inputs.input);
      const out = allocateFloats(type!);
      forEachRow(x, inputs.input.shape.at(-1) ?? 1, (start, end, max) => {
        let sum = 0;
        for (let i = start; i < end; i++) sum += Math.exp(x[i]! - max);
        const log = Math.log(sum);
        for (let i = start; i < end; i++) out[i] = x[i]! - max - log;
      });
      return [floatTensor(type!, out)];
    },
  }),
];

/** The result of quantized integers; undefined for other types. */
function integerRows(
  { dtype, shape, data, quantization }: Tensor,
  type: OutputType,
  rule: (from: Affine, to: Affine) => RowFunction,
): Tensor | undefined {
  const meanings = affinesOf([{ dtype, quantization }, type]);
  if (!meanings) return undefined;
  const [from, to] = meanings as [Affine, Affine];
  const out = allocate(to.dtype, data.length) as Int8Array;
  eachRow(data as Int8Array, out, shape.at(-1) ?? 1, rule(from, to));
  return { dtype: to.dtype, shape, data: out, quantization: type.quantization };
}

function forEachRow(x: Float32Array, size: number, visit: (start: number, end: number, max: number) => void): void {
  for (let start = 0; start < x.length; start += size) {
    let max = -Infinity;
    for (let i = start; i < start + size; i++) max = Math.max(max, x[i]!);
    visit(start, start + size, max);
  }
}
