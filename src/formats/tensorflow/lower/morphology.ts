import { ModelError } from '../../../errors.js';
import { slidingSize } from '../../../ops/shapes.js';
import type { Lower, Lowering } from './context.js';

/** Less than any pixel. */
const LOWEST = -3.4028234663852886e38;

/** Cells before and behind an axis so that the windows cover it. */
function padding(from: number, to: number, window: number, stride: number): [number, number] {
  const all = Math.max((to - 1) * stride + window - from, 0);
  return [all >> 1, all - (all >> 1)];
}

/**
 * Grayscale dilation of `[N, H, W, C]` by `[h, w, C]`: the largest sum of a pixel of the window and the cell of the
 * filter; where all cells are equal, the largest pixel and that cell.
 */
const dilation: Lower = (c) => {
  const [x, filter] = [c.input(0), c.input(1)];
  const [n = -1, height = -1, width = -1, channels = -1] = x.shape ?? [];
  const [h = 0, w = 0] = c.staticShape(filter, 'its filter');
  const [, sh = 1, sw = 1] = c.attrs.ints('strides');
  const [, dh = 1, dw = 1] = c.attrs.ints('rates');
  const isSame = c.attrs.string('padding') === 'SAME';
  const cells = filter.constant?.numbers();
  if (dh === 1 && dw === 1 && cells?.every((v) => v === cells[0])) {
    const options = { padding: isSame ? 'SAME' : 'VALID', strideH: sh, strideW: sw, filterHeight: h, filterWidth: w };
    const largest = c.emit('MAX_POOL_2D', [x], options);
    return [cells[0] === 0 ? largest : c.emit('ADD', [largest, c.scalar(x, cells[0] as number)])];
  }
  if (height < 0 || width < 0 || channels < 0)
    throw new ModelError('unsupported', "needs images of a known size. Give the model's inputs fixed shapes.");
  const [spanH, spanW] = [(h - 1) * dh + 1, (w - 1) * dw + 1];
  const to = [slidingSize(height, h, sh, dh, isSame ? 'SAME' : 'VALID'), slidingSize(width, w, sw, dw, isSame ? 'SAME' : 'VALID')] as const; // biome-ignore format: two sizes
  const pads = [padding(height, to[0], spanH, sh), padding(width, to[1], spanW, sw)].flat();
  const whole = pads.some((p) => p > 0)
    ? c.emit('PADV2', [x, c.i32([0, 0, ...pads, 0, 0], [4, 2]), c.scalar(x, LOWEST)])
    : x;
  const rows = Array.from({ length: h * w }, (_, i) => [Math.floor(i / w), i % w] as const);
  const sums = rows.map(([row, column]) => shifted(c, whole, filter, { row, column, n, to, s: [sh, sw], d: [dh, dw] }));
  return [sums.reduce((a, b) => c.emit('MAXIMUM', [a, b]))];
};

interface Cell {
  readonly row: number;
  readonly column: number;
  readonly n: number;
  readonly to: readonly [number, number];
  readonly s: readonly [number, number];
  readonly d: readonly [number, number];
}

/** The pixels that one cell of the filter meets, and the cell added. */
function shifted(c: Lowering, x: Lowering['inputs'][0], filter: Lowering['inputs'][0], cell: Cell) {
  const { row, column, to, s, d } = cell;
  const begin = [0, row * d[0], column * d[1], 0];
  const end = [0, (begin[1] as number) + (to[0] - 1) * s[0] + 1, (begin[2] as number) + (to[1] - 1) * s[1] + 1, 0];
  const options = { beginMask: 0b1001, endMask: 0b1001 };
  const pixels = c.emit('STRIDED_SLICE', [x, c.i32(begin), c.i32(end), c.i32([1, ...s, 1])], options);
  const added = c.emit('STRIDED_SLICE', [filter, c.i32([row, column, 0]), c.i32([row + 1, column + 1, 0]), c.i32([1, 1, 1])], { beginMask: 0b100, endMask: 0b100, shrinkAxisMask: 0b011 }); // biome-ignore format: one cell
  return c.emit('ADD', [pixels, added]);
}

/** Morphology of images. */
export const morphologies: Readonly<Record<string, Lower>> = { Dilation2D: dilation };
