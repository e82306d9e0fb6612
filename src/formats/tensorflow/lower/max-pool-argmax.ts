import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import { type Padding, paddingBefore, slidingSize } from '../../../ops/shapes.js';
import type { Lower, Lowering } from './context.js';
import { castTo } from './operands.js';

const LOWEST = -3.4028234663852886e38;

interface Axis {
  readonly size: number;
  readonly window: number;
  readonly stride: number;
  readonly out: number;
  /** Cells in front of the first one that its windows cover. */
  readonly before: number;
}

/**
 * The largest value of each window, and where it stands: `(y * W + x) * C + c`, counted through the batch with
 * `include_batch_in_index`. Every cell of the windows is a strided slice of the image; of equal ones the first wins.
 */
const maxPoolWithArgmax: Lower = (c) => {
  const x = c.input(0);
  const [, , , channels = -1] = x.shape ?? [];
  const padding = c.attrs.string('padding') === 'SAME' ? 'SAME' : 'VALID';
  const [rows, columns] = [axisOf(c, x, 1, padding), axisOf(c, x, 2, padding)];
  if (channels < 0 || rows.size < 0 || columns.size < 0) c.staticShape(x, 'its image');
  const pooled = c.emit('MAX_POOL_2D', [x], {
    padding,
    strideH: rows.stride,
    strideW: columns.stride,
    filterHeight: rows.window,
    filterWidth: columns.window,
  });
  if (!c.isRead(1)) return [pooled, c.i32(0)];
  const inWindow = cellOfLargest(c, padded(c, x, rows, columns), rows, columns, channels);
  const starts = ({ out, stride, before }: Axis) => Array.from({ length: out }, (_, i) => i * stride - before);
  const offsets = [
    c.i32(
      starts(rows).map((y) => y * columns.size * channels),
      [1, rows.out, 1, 1],
    ),
    c.i32(
      starts(columns).map((i) => i * channels),
      [1, 1, columns.out, 1],
    ),
    c.i32([...Array(channels).keys()], [1, 1, 1, channels]),
  ];
  if (c.attrs.bool('include_batch_in_index', false)) offsets.push(samples(c, x, rows.size * columns.size * channels));
  const index = offsets.reduce((sum, offset) => c.emit('ADD', [sum, offset]), inWindow);
  return [pooled, castTo(index, c.type('Targmax', 'i64'), (n) => c.emitAll(n.op, n.inputs, n.options))];
};

function axisOf(c: Lowering, x: Value, at: number, padding: Padding): Axis {
  const size = x.shape?.[at] ?? -1;
  const window = c.attrs.ints('ksize')[at] ?? 1;
  const stride = c.attrs.ints('strides')[at] ?? 1;
  const out = slidingSize(size, window, stride, 1, padding);
  return { size, window, stride, out, before: padding === 'SAME' ? paddingBefore(size, window, stride, 1, out) : 0 };
}

/** The image with all cells that its windows cover. */
function padded(c: Lowering, x: Value, ...axes: readonly [Axis, Axis]): Value {
  const pairs = axes.flatMap(({ size, window, stride, out, before }) => [
    before,
    Math.max(0, (out - 1) * stride + window - before - size),
  ]);
  if (pairs.every((n) => n === 0)) return x;
  return c.emit('PADV2', [x, c.i32([0, 0, ...pairs, 0, 0], [4, 2]), c.scalar(x, LOWEST)]);
}

/** Where the largest cell stands behind the first one of its window. */
function cellOfLargest(c: Lowering, x: Value, rows: Axis, columns: Axis, channels: number): Value {
  if (rows.window * columns.window === 1) throw new ModelError('unsupported', 'has windows of one cell.');
  let best: Value | undefined;
  let index = c.i32(0);
  for (let i = 0; i < rows.window; i++)
    for (let j = 0; j < columns.window; j++) {
      const end = [0, i + (rows.out - 1) * rows.stride + 1, j + (columns.out - 1) * columns.stride + 1, 0];
      const range = [c.i32([0, i, j, 0]), c.i32(end), c.i32([1, rows.stride, columns.stride, 1])];
      const cell = c.emit('STRIDED_SLICE', [x, ...range], { beginMask: 9, endMask: 9 });
      const offset = c.i32((i * columns.size + j) * channels);
      if (best) index = c.emit('SELECT_V2', [c.emit('GREATER', [cell, best]), offset, index]);
      best = best ? c.emit('MAXIMUM', [cell, best]) : cell;
    }
  return index;
}

/** What the indices of each sample begin with: `[N, 1, 1, 1]`. */
function samples(c: Lowering, x: Value, size: number): Value {
  const count = c.emit('STRIDED_SLICE', [c.emit('SHAPE', [x]), c.i32([0]), c.i32([1]), c.i32([1])], {
    shrinkAxisMask: 1,
  });
  const numbers = c.emit('RESHAPE', [c.emit('RANGE', [c.i32(0), count, c.i32(1)]), c.i32([-1, 1, 1, 1])]);
  return c.emit('MUL', [numbers, c.i32(size)]);
}

/** Pools that tell where their values come from. */
export const argmaxPools: Readonly<Record<string, Lower>> = { MaxPoolWithArgmax: maxPoolWithArgmax };
