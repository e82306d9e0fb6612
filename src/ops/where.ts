import { defineOp, type VersionFacts } from './define.js';
import { requireOperands } from './elementwise.js';
import { stridesOf } from './shapes.js';

/** The positions of all elements that are not zero, as i64 rows `[count, rank]`. */
export const where = defineOp({
  name: 'WHERE',
  inputs: ['condition'],
  outputs: ['output'],
  version: ({ inputs: [x] }: VersionFacts) => (x?.dtype === 'bool' ? 1 : 2),
  infer({ condition }) {
    requireOperands([condition]);
    return [{ dtype: 'i64', shape: [-1, condition.shape?.length ?? -1] }];
  },
  reference({ inputs: { condition } }) {
    const { shape, data } = condition;
    const strides = stridesOf(shape);
    const rows: bigint[] = [];
    let count = 0;
    for (const [i, x] of (data as Float32Array).entries()) {
      // An f16 zero has no bits but the sign.
      if (condition.dtype === 'f16' || condition.dtype === 'bf16' ? (x & 0x7fff) === 0 : Number(x) === 0) continue;
      count++;
      for (const [axis, stride] of strides.entries())
        rows.push(BigInt(Math.floor(i / stride) % (shape[axis] as number)));
    }
    return [{ dtype: 'i64', shape: [count, shape.length], data: BigInt64Array.from(rows) }];
  },
});
