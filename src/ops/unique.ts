import { allocate, type Tensor } from '../ir/tensor.js';
import { defineOp } from './define.js';
import { requireOperands } from './elementwise.js';
import { requireRank } from './shapes.js';
import { dtypeOf } from './tensor-type.js';

/** The different elements of a vector in the order of their first places, and for each element which of them it is. */
export const unique = defineOp({
  name: 'UNIQUE',
  inputs: ['input'],
  outputs: ['output', 'index'],
  infer({ input }, { idxOutType }) {
    requireOperands([input]);
    const shape = requireRank(input.shape, 1, 'input') ?? [-1];
    return [
      { dtype: input.dtype, shape: [-1] },
      { dtype: dtypeOf(idxOutType), shape },
    ];
  },
  reference({ inputs: { input }, options: { idxOutType } }) {
    const { dtype, shape } = input;
    const x = input.data as Float64Array;
    const places = new Map<number, number>();
    const index = allocate(dtypeOf(idxOutType), x.length);
    for (const [i, value] of x.entries()) {
      const place = places.get(value) ?? places.size;
      places.set(value, place);
      if (index instanceof BigInt64Array) index[i] = BigInt(place);
      else index[i] = place;
    }
    const data = allocate(dtype, places.size) as Float64Array;
    data.set([...places.keys()]);
    const output: Tensor = { dtype, shape: [places.size], data };
    return [output, { dtype: dtypeOf(idxOutType), shape, data: index }];
  },
});
