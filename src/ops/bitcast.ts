import { bitsOf, bytesOfData, type DType, dataFromBytes, type Shape } from '../ir/tensor.js';
import { defineOp } from './define.js';
import { invalid } from './shapes.js';
import { dtypeOf, tensorTypeOf } from './tensor-type.js';

/**
 * The same bits as another type. A wider input gains a last axis of the size's ratio, a narrower one loses it. The format
 * has no field for the output's type, it stands only on the output; here the option `outDataType` says it, and without
 * one the input's type stays.
 */
export const bitcast = defineOp({
  name: 'BITCAST',
  inputs: ['input'],
  outputs: ['output'],
  implied: (_, [y]) => (y ? { outDataType: tensorTypeOf(y.dtype) } : {}),
  infer({ input: { dtype, shape } }, options) {
    const to = targetOf(options, dtype);
    return [{ dtype: to, shape: shape && bitcastShape(shape, dtype, to) }];
  },
  reference({ inputs: { input }, options }) {
    const dtype = targetOf(options, input.dtype);
    const shape = bitcastShape(input.shape, input.dtype, dtype);
    return [{ dtype, shape, data: dataFromBytes(dtype, shape, bytesOfData(input.dtype, input.data)) }];
  },
});

function targetOf(options: object, dtype: DType): DType {
  const { outDataType } = options as { readonly outDataType?: Parameters<typeof dtypeOf>[0] };
  return outDataType === undefined ? dtype : dtypeOf(outDataType);
}

function bitcastShape(shape: Shape, from: DType, to: DType): Shape {
  const ratio = bitsOf(from) / bitsOf(to);
  if (!(ratio > 0 && Number.isFinite(ratio))) throw invalid(`${from} has no bits that ${to} could read`);
  if (ratio === 1) return shape;
  if (ratio > 1) return [...shape, ratio];
  const last = shape.at(-1);
  if (last === undefined || (last !== -1 && last !== 1 / ratio))
    throw invalid(`${from} [${shape}] does not read as ${to}: the last axis should have size ${1 / ratio}`);
  return shape.slice(0, -1);
}
