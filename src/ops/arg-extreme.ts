import { allocate, elementCount, type Shape, type Tensor } from '../ir/tensor.js';
import { defineOp, type Op } from './define.js';
import { requireOperands } from './elementwise.js';
import { widened } from './half.js';
import { invalid, normalizeAxis } from './shapes.js';
import { dtypeOf } from './tensor-type.js';
import { unknownSizes } from './unify.js';
import { versionByType } from './version.js';

/** Index of the greatest or least element along the scalar `axis`, which is dropped; the first one of equals. */
const argExtreme = (name: 'ARG_MAX' | 'ARG_MIN', isBetter: <T extends number | bigint>(x: T, best: T) => boolean): Op =>
  defineOp({
    name,
    inputs: ['input', 'axis'],
    outputs: ['output'],
    defaults: { outputType: 'INT64' },
    version: versionByType({ bool: 3, i8: 2 }),
    infer({ input, axis }, { outputType }) {
      requireOperands([input]);
      const dtype = dtypeOf(outputType);
      if (dtype !== 'i32' && dtype !== 'i64') throw invalid(`indices are i32 or i64, not ${dtype}`);
      return [{ dtype, shape: withoutAxis(input.shape, axis.elements?.[0]) }];
    },
    reference({ inputs: { input, axis }, options: { outputType } }) {
      // Of quantized integers the order is that of the numbers.
      return [indexOfBest(widened(input), Number(axis.data[0]), dtypeOf(outputType), isBetter)];
    },
  });

function withoutAxis(shape: Shape | undefined, axis: number | undefined): Shape | undefined {
  if (!shape) return undefined;
  if (axis === undefined) return unknownSizes(Math.max(0, shape.length - 1));
  return shape.toSpliced(normalizeAxis(axis, shape.length), 1);
}

function indexOfBest(
  { shape, data }: Tensor,
  option: number,
  dtype: Tensor['dtype'],
  isBetter: (x: number, best: number) => boolean,
): Tensor {
  const axis = normalizeAxis(option, shape.length);
  const size = shape[axis] as number;
  const inner = elementCount(shape.slice(axis + 1));
  const to = shape.toSpliced(axis, 1);
  const out = allocate(dtype, elementCount(to));
  const x = data as unknown as readonly number[];
  for (let i = 0; i < out.length; i++) {
    const start = Math.floor(i / inner) * size * inner + (i % inner);
    let best = 0;
    for (let k = 1; k < size; k++)
      if (isBetter(x[start + k * inner] as number, x[start + best * inner] as number)) best = k;
    if (out instanceof BigInt64Array) out[i] = BigInt(best);
    else out[i] = best;
  }
  return { dtype, shape: to, data: out };
}

export const argExtremes: readonly Op[] = [
  argExtreme('ARG_MAX', (x, best) => x > best),
  argExtreme('ARG_MIN', (x, best) => x < best),
];
