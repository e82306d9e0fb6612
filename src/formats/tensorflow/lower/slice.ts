import type { Value } from '../../../ir/graph.js';
import type { Shape } from '../../../ir/tensor.js';
import type { Lower, Lowering } from './context.js';
import { entryOf, int32Input, reshape, type Size, sizesOf } from './shapes.js';

/** What a strided slice asks of each of its entries, before they meet the axes of the input. */
interface Slice {
  readonly begin: readonly number[];
  readonly end: readonly number[];
  readonly strides: readonly number[];
  readonly beginMask: number;
  readonly endMask: number;
  readonly ellipsisMask: number;
  readonly newAxisMask: number;
  readonly shrinkAxisMask: number;
}

const bit = (mask: number, i: number): boolean => ((mask >> i) & 1) === 1;

const slice: Lower = (c) => [c.emit('SLICE', [c.input(0), int32Input(c, 1), int32Input(c, 2)])];

/**
 * A slice with one entry for each axis of its input, without ellipsis and new axes: these become entries of their own and
 * axes of size 1 that a reshape inserts.
 */
const stridedSlice: Lower = (c) => {
  const x = c.input(0);
  const masks = masksOf(c);
  const entries = [1, 2, 3].map((i) => c.input(i).constant?.numbers());
  const [begin, end, strides] = entries;
  if (!begin || !end || !strides || !x.shape) return [dynamicSlice(c, x, masks)];
  const isEntry = x.producer?.op === 'SHAPE' && masks.shrinkAxisMask === 1 && (begin[0] as number) >= 0;
  if (isEntry && masks.beginMask + masks.ellipsisMask + masks.newAxisMask === 0)
    return [entryOf(c, x, begin[0] as number)];
  const full = expandEllipsis({ ...masks, begin, end, strides }, x.shape);
  return [sliceFull(c, x, full)];
};

function masksOf(c: Lowering) {
  return {
    beginMask: c.attrs.int('begin_mask', 0),
    endMask: c.attrs.int('end_mask', 0),
    ellipsisMask: c.attrs.int('ellipsis_mask', 0),
    newAxisMask: c.attrs.int('new_axis_mask', 0),
    shrinkAxisMask: c.attrs.int('shrink_axis_mask', 0),
  };
}

/** A slice whose ends are computed: entries and masks stay as they stand. */
function dynamicSlice(c: Lowering, x: Value, masks: ReturnType<typeof masksOf>): Value {
  const inputs = [x, int32Input(c, 1), int32Input(c, 2), int32Input(c, 3)];
  return c.emit('STRIDED_SLICE', inputs, { ...masks });
}

/** Writes the ellipsis out as entries that take whole axes, one for each axis that no other entry speaks of. */
function expandEllipsis(s: Slice, shape: Shape): Slice {
  const count = s.begin.length;
  const at = s.begin.findIndex((_, i) => bit(s.ellipsisMask, i));
  const newAxes = s.begin.filter((_, i) => i !== at && bit(s.newAxisMask, i)).length;
  const named = count - newAxes - (at < 0 ? 0 : 1);
  const whole = Math.max(0, shape.length - named);
  const tail = at < 0 && whole > 0 ? shape.slice(-whole).map((d) => Math.max(d, 0)) : [];
  const position = at < 0 ? count : at;
  const source = s.begin.flatMap((_, i) => (i === at ? [] : [i]));
  const before = source.filter((i) => i < position);
  const after = source.filter((i) => i > position || (at < 0 && i >= position));
  const order: (number | undefined)[] = [...before, ...new Array<undefined>(whole).fill(undefined), ...after];
  return reorder(s, order, tail);
}

/** The slice with its entries in that order; undefined ones take a whole axis. `tail` are the ends to write for the last. */
function reorder(s: Slice, order: readonly (number | undefined)[], tail: readonly number[]): Slice {
  const pick = (list: readonly number[], fill: number) =>
    order.map((i) => (i === undefined ? fill : (list[i] as number)));
  const mask = (from: number, open: boolean) =>
    order.reduce((m: number, i, k) => m | (i === undefined ? (open ? 1 << k : 0) : bit(from, i) ? 1 << k : 0), 0);
  return {
    begin: pick(s.begin, 0),
    end: pick(s.end, 0).map((e, i) => tail[i - order.length + tail.length] ?? e),
    strides: pick(s.strides, 1),
    beginMask: mask(s.beginMask, true),
    endMask: mask(s.endMask, true),
    ellipsisMask: 0,
    newAxisMask: mask(s.newAxisMask, false),
    shrinkAxisMask: mask(s.shrinkAxisMask, false),
  };
}

function sliceFull(c: Lowering, x: Value, s: Slice): Value {
  const newAxes = s.newAxisMask;
  const source = newAxes === 0 ? x : insertAxes(c, x, s);
  const { begin, end, strides } = s;
  const shrinkAxisMask = s.shrinkAxisMask & ~newAxes;
  const beginMask = s.beginMask | newAxes;
  const endMask = s.endMask | newAxes;
  const plain = begin.map((b, i) => (bit(newAxes, i) ? 0 : clamp(b)));
  const ends = end.map((e, i) => (bit(newAxes, i) ? 0 : clamp(e)));
  const steps = strides.map((n, i) => (bit(newAxes, i) ? 1 : n));
  const isWhole = begin.every(
    (_, i) => bit(beginMask, i) && bit(endMask, i) && steps[i] === 1 && !bit(shrinkAxisMask, i),
  );
  if (isWhole && newAxes !== 0) return source;
  const isSlice =
    beginMask === 0 &&
    endMask === 0 &&
    shrinkAxisMask === 0 &&
    plain.every((b, i) => steps[i] === 1 && b >= 0 && (ends[i] as number) >= b);
  if (isSlice && ends.every((e, i) => (source.shape?.[i] ?? -1) >= e)) {
    const sizes = ends.map((e, i) => e - (plain[i] as number));
    return c.emit('SLICE', [source, c.i32(plain), c.i32(sizes)]);
  }
  const inputs = [source, c.i32(plain), c.i32(ends), c.i32(steps)];
  return c.emit('STRIDED_SLICE', inputs, { beginMask, endMask, shrinkAxisMask });
}

const clamp = (n: number): number => Math.min(Math.max(n, -2147483648), 2147483647);

function insertAxes(c: Lowering, x: Value, s: Slice): Value {
  const own = [...sizesOf(c, x)];
  const sizes: Size[] = s.begin.map((_, i) => (bit(s.newAxisMask, i) ? 1 : (own.shift() as Size)));
  return reshape(c, x, sizes);
}

/** Slices of tensors. */
export const slices: Readonly<Record<string, Lower>> = {
  Slice: slice,
  StridedSlice: stridedSlice,
};
