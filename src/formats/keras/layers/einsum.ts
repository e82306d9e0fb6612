import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import type { LayerCall, Lower } from './context.js';
import { operandsOf } from './operands.js';
import { productOf, reshapeTo, type Size, sizeOf } from './sizes.js';

/** A tensor whose axes have letters. */
interface Lettered {
  readonly x: Value;
  readonly axes: string;
}

const only = (axes: string, test: (axis: string) => boolean): string => [...axes].filter(test).join('');

/** The axes in another order. */
const ordered = (c: LayerCall, { x, axes }: Lettered, order: string): Value =>
  c.transpose(x, [...order].map((axis) => axes.indexOf(axis))); // biome-ignore format: short

/** Without the axes that are in nothing else: they are summed. */
function summed(c: LayerCall, { x, axes }: Lettered, kept: string): Lettered {
  const gone = [...axes].flatMap((axis, i) => (kept.includes(axis) ? [] : [i]));
  if (gone.length === 0) return { x, axes };
  return { x: c.emit('SUM', [x, c.i32(gone)], { keepDims: false }), axes: only(axes, (axis) => kept.includes(axis)) };
}

/** Axes of both that stay (batch), of both that are summed (inner), and of one alone. */
function product(c: LayerCall, a: Lettered, b: Lettered, result: string): Lettered {
  const batch = only(result, (axis) => a.axes.includes(axis) && b.axes.includes(axis));
  const inner = only(a.axes, (axis) => b.axes.includes(axis) && !result.includes(axis));
  const rows = only(a.axes, (axis) => !b.axes.includes(axis));
  const columns = only(b.axes, (axis) => !a.axes.includes(axis));
  const sizes = (axes: string): Size[] =>
    [...axes].map((axis) => {
      const [p, q] = [a, b].map((t) => (t.axes.includes(axis) ? sizeOf(c, t.x, t.axes.indexOf(axis)) : undefined));
      return (typeof p === 'number' ? p : (q ?? p)) as Size;
    });
  const shaped = (t: Lettered, order: string, groups: readonly string[]): Value => {
    const y = ordered(c, t, order);
    if (groups.every((g) => g.length === 1)) return y;
    return reshapeTo(c, y, [...sizes(batch), ...groups.map((g) => productOf(c, sizes(g)))]);
  };
  const x = shaped(a, batch + rows + inner, [rows, inner]);
  const y = shaped(b, batch + inner + columns, [inner, columns]);
  const whole = c.emit('BATCH_MATMUL', [x, y], { adjX: false, adjY: false });
  const axes = batch + rows + columns;
  if (rows.length === 1 && columns.length === 1) return { x: whole, axes };
  return { x: reshapeTo(c, whole, sizes(axes)), axes };
}

/** Sums of products over the axes that the result has not: transpositions, and one product of matrices at a time. */
export const einsum: Lower = (c) => {
  const equation = String(c.plain(99, 'subscripts') ?? c.plain(99, 'equation') ?? '').replaceAll(' ', '');
  const [, left = '', result = ''] = /^([a-zA-Z]+(?:,[a-zA-Z]+)*)->([a-zA-Z]*)$/.exec(equation) ?? [];
  const names = left.split(',');
  const operands = operandsOf(c);
  const isPlain = [...names, result].every((axes) => new Set(axes).size === axes.length);
  if (left === '' || !isPlain || operands.length !== names.length || [...result].some((axis) => !left.includes(axis)))
    throw new ModelError('unsupported', `has the equation '${equation}'; each letter once in each operand is known here.`); // biome-ignore format: long
  const terms = operands.map((x, i): Lettered => ({ x, axes: names[i] as string }));
  const used = (i: number): string => result + names.slice(i).join('');
  let all = summed(c, terms[0] as Lettered, used(1));
  for (const [i, term] of terms.slice(1).entries())
    all = product(c, all, summed(c, term, all.axes + used(i + 2)), used(i + 2));
  return ordered(c, all, result);
};
