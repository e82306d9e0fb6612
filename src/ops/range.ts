import { allocate, isFloat, type Tensor } from '../ir/tensor.js';
import { defineOp } from './define.js';
import { stored, TRACKED } from './elements.js';
import { isBig, requireOperands } from './elementwise.js';
import { inFloat32 } from './half.js';
import { invalid } from './shapes.js';
import { versionByType } from './version.js';

/** The numbers `start`, `start + delta`, … before `limit`. */
export const range = defineOp({
  name: 'RANGE',
  inputs: ['start', 'limit', 'delta'],
  outputs: ['output'],
  version: versionByType({ i64: 2 }),
  infer({ start, limit, delta }) {
    const dtype = requireOperands([start, limit, delta]);
    const [a, b, step] = [start, limit, delta].map((v) => v.elements?.[0]);
    const isKnown = a !== undefined && b !== undefined && step !== undefined && dtype !== 'f16' && dtype !== 'bf16';
    return [{ dtype, shape: [isKnown ? length(a, b, step) : -1] }];
  },
  elements({ start, limit, delta }) {
    const [a, b, step] = [start, limit, delta].map((v) => v.elements?.[0]);
    if (a === undefined || b === undefined || step === undefined || isFloat(start.dtype)) return undefined;
    const count = length(a, b, step);
    return count > TRACKED ? undefined : [Array.from({ length: count }, (_, i) => stored(start.dtype, a + i * step))];
  },
  reference: ({ inputs: { start, limit, delta }, types }) =>
    inFloat32([start, limit, delta], types, ([a, b, step]) => [numbered(a as Tensor, b as Tensor, step as Tensor)]),
});

function length(start: number, limit: number, delta: number): number {
  if (delta === 0) throw invalid('a range with steps of 0 has no end');
  return Math.max(0, Math.ceil((limit - start) / delta));
}

function numbered({ dtype, data: [start] }: Tensor, { data: [limit] }: Tensor, { data: [delta] }: Tensor): Tensor {
  const count = length(Number(start), Number(limit), Number(delta));
  const data = allocate(dtype, count);
  if (isBig(dtype)) for (let i = 0; i < count; i++) data[i] = (start as bigint) + BigInt(i) * (delta as bigint);
  else for (let i = 0; i < count; i++) data[i] = (start as number) + i * (delta as number);
  return { dtype, shape: [count], data };
}
