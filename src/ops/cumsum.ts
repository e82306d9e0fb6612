import { allocate, elementCount, type Tensor } from '../ir/tensor.js';
import { defineOp } from './define.js';
import { isBig, requireOperands } from './elementwise.js';
import { inFloat32 } from './half.js';
import { LITERT } from './litert.js';
import { normalizeAxis } from './shapes.js';

/**
 * Running sums along the scalar `axis`: each element and all before it. `exclusive` leaves the element itself out,
 * `reverse` sums from the end.
 */
export const cumsum = defineOp({
  name: 'CUMSUM',
  litert: LITERT.ownFloat,
  inputs: ['input', 'axis'],
  outputs: ['output'],
  infer({ input, axis }) {
    const [at] = axis.elements ?? [];
    if (input.shape && at !== undefined) normalizeAxis(at, input.shape.length);
    return [{ dtype: requireOperands([input]), shape: input.shape }];
  },
  reference: ({ inputs: { input, axis }, types, options }) =>
    inFloat32([input], types, ([x]) => [runningSums(x as Tensor, Number(axis.data[0]), options)]),
});

function runningSums(
  { dtype, shape, data }: Tensor,
  option: number,
  { exclusive, reverse }: { readonly exclusive: boolean; readonly reverse: boolean },
): Tensor {
  const axis = normalizeAxis(option, shape.length);
  const size = shape[axis] as number;
  const inner = elementCount(shape.slice(axis + 1));
  const out = allocate(dtype, elementCount(shape)) as Float64Array;
  const x = data as Float64Array;
  const zero = (isBig(dtype) ? 0n : 0) as number;
  for (let run = 0; run * size < out.length; run++) {
    const start = Math.floor(run / inner) * size * inner + (run % inner);
    let sum = zero;
    for (let k = 0; k < size; k++) {
      const at = start + (reverse ? size - 1 - k : k) * inner;
      const next = sum + (x[at] as number);
      out[at] = exclusive ? sum : next;
      // Sums of floats are kept in the element's precision.
      sum = exclusive ? next : (out[at] as number);
    }
  }
  return { dtype, shape, data: out };
}
