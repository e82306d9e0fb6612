import { defineOp } from './define.js';
import { dtypeOf } from './tensor-type.js';

/** Sizes of the axes as an i32 or i64 vector, by `outType`. */
export const shape = defineOp({
  name: 'SHAPE',
  inputs: ['input'],
  outputs: ['output'],
  defaults: { outType: 'INT32' },
  infer: ({ input }, { outType }) => [{ dtype: dtypeOf(outType), shape: [input.shape?.length ?? -1] }],
  elements: ({ input }) => input.shape && [input.shape.map((d) => (d < 0 ? undefined : d))],
  reference: ({ inputs: { input }, options: { outType } }) => [
    dtypeOf(outType) === 'i64'
      ? { dtype: 'i64', shape: [input.shape.length], data: BigInt64Array.from(input.shape, BigInt) }
      : { dtype: 'i32', shape: [input.shape.length], data: Int32Array.from(input.shape) },
  ],
});

/** The number of axes, an i32 scalar. */
export const rank = defineOp({
  name: 'RANK',
  inputs: ['input'],
  outputs: ['output'],
  infer: () => [{ dtype: 'i32', shape: [] }],
  elements: ({ input }) => input.shape && [[input.shape.length]],
  reference: ({ inputs: { input } }) => [{ dtype: 'i32', shape: [], data: Int32Array.of(input.shape.length) }],
});
