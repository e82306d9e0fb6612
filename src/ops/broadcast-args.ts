import { defineOp } from './define.js';
import { type Elements, vectorOf } from './elements.js';
import { broadcastShapes, invalid, requireRank } from './shapes.js';

/** The shape, as a vector, that two shapes given as vectors broadcast to. */
export const broadcastArgs = defineOp({
  name: 'BROADCAST_ARGS',
  inputs: ['a', 'b'],
  outputs: ['output'],
  infer({ a, b }) {
    if (a.dtype !== b.dtype) throw invalid(`operands should have one type, got ${a.dtype} and ${b.dtype}`);
    const sizes = [a, b].map((v, i) => requireRank(v.shape, 1, i === 0 ? 'a' : 'b')?.[0] ?? -1);
    return [{ dtype: a.dtype, shape: [sizes.includes(-1) ? -1 : Math.max(...sizes)] }];
  },
  elements({ a, b }) {
    const [x, y] = [vectorOf(a), vectorOf(b)];
    return x && y && (a.elements || b.elements) && [broadcastKnown(x, y)];
  },
  reference({ inputs: { a, b } }) {
    const [x, y] = [a, b].map((t) => Array.from(t.data as ArrayLike<number | bigint>, Number));
    const sizes = broadcastShapes(x, y) ?? [];
    const data = a.dtype === 'i64' ? BigInt64Array.from(sizes, BigInt) : Int32Array.from(sizes);
    return [{ dtype: a.dtype, shape: [sizes.length], data }];
  },
});

/** A known size other than 1 decides; an unknown one may be 1. */
function broadcastKnown(a: Elements, b: Elements): Elements {
  const rank = Math.max(a.length, b.length);
  const at = (list: Elements, i: number) => (i < rank - list.length ? 1 : list[i - rank + list.length]);
  return Array.from({ length: rank }, (_, i) => {
    const [x, y] = [at(a, i), at(b, i)];
    if (x === undefined || y === undefined) return (x ?? y ?? 1) > 1 ? (x ?? y) : undefined;
    return broadcastShapes([x], [y])?.[0];
  });
}
