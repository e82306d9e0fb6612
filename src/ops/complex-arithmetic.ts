import { allocate, elementCount, type Shape, type Tensor } from '../ir/tensor.js';
import { eachBroadcastRun } from './broadcast.js';
import { broadcastShapes } from './shapes.js';

type Pair = readonly [number, number];

const FUNCTIONS: Readonly<Record<'ADD' | 'SUB' | 'MUL' | 'DIV', (a: Pair, b: Pair) => Pair>> = {
  ADD: (a, b) => [a[0] + b[0], a[1] + b[1]],
  SUB: (a, b) => [a[0] - b[0], a[1] - b[1]],
  MUL: (a, b) => [a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]],
  DIV: (a, b) => {
    const square = b[0] * b[0] + b[1] * b[1];
    return [(a[0] * b[0] + a[1] * b[1]) / square, (a[1] * b[0] - a[0] * b[1]) / square];
  },
};

/** Arithmetic of complex tensors, with broadcasting. */
export function complexKernel(name: keyof typeof FUNCTIONS, a: Tensor, b: Tensor): Tensor {
  const shape = broadcastShapes(a.shape, b.shape) as Shape;
  const out = allocate(a.dtype, elementCount(shape)) as Float64Array;
  const compute = FUNCTIONS[name];
  const pair = ({ data }: Tensor, i: number): Pair => [data[2 * i] as number, data[2 * i + 1] as number];
  eachBroadcastRun(shape, [a.shape, b.shape], (at, [i = 0, j = 0], count, [p = 0, q = 0]) => {
    for (let k = 0; k < count; k++) out.set(compute(pair(a, i + k * p), pair(b, j + k * q)), 2 * (at + k));
  });
  return { dtype: a.dtype, shape, data: out };
}
