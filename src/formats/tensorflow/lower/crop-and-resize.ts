import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import { impliedCount } from '../../../ops/shapes.js';
import type { Lower, Lowering } from './context.js';
import { castTo } from './operands.js';
import { reshape, type Size, sizesOf, toInt32 } from './shapes.js';

/** Where along one axis the pixels of a crop lie: `[B, n]` each. */
interface Places {
  /** The pixels before and behind each place, as `i32`, and how far it is from the first to the second. */
  readonly before: Value;
  readonly behind: Value;
  readonly part: Value;
  /** Whether it lies within the image. */
  readonly isInside: Value;
}

const inType = (c: Lowering, x: Value, dtype: 'f32' | 'i32'): Value =>
  castTo(x, dtype, (n) => c.emitAll(n.op, n.inputs, n.options));
const scalarOf = (c: Lowering, size: Size): Value => (typeof size === 'number' ? c.i32(size) : size);

/** `count` places from `first` to `last` `[B, 1]`, which are shares of an axis; a single one in the middle. */
function placesOf(c: Lowering, first: Value, last: Value, size: Size, count: number): Places {
  const end = c.emit('SUB', [inType(c, scalarOf(c, size), 'f32'), c.make('f32', 1)]);
  const times = (x: Value, y: Value): Value => c.emit('MUL', [x, y]);
  const at =
    count > 1
      ? c.emit('ADD', [
          times(first, end),
          times(
            c.make('f32', [...Array(count).keys()], [1, count]),
            times(times(c.emit('SUB', [last, first]), end), c.make('f32', 1 / (count - 1))),
          ),
        ])
      : times(times(c.emit('ADD', [first, last]), c.make('f32', 0.5)), end);
  const isInside = c.emit('LOGICAL_AND', [
    c.emit('GREATER_EQUAL', [at, c.make('f32', 0)]),
    c.emit('LESS_EQUAL', [at, end]),
  ]);
  const within = c.emit('MINIMUM', [c.emit('MAXIMUM', [at, c.make('f32', 0)]), end]);
  const floor = c.emit('FLOOR', [within]);
  const pixel = (x: Value): Value => inType(c, x, 'i32');
  return {
    before: pixel(c.attrs.string('method', 'bilinear') === 'nearest' ? rounded(c, within) : floor),
    behind: pixel(c.emit('CEIL', [within])),
    part: c.emit('SUB', [within, floor]),
    isInside,
  };
}

/** Halves go up. */
const rounded = (c: Lowering, x: Value): Value => c.emit('FLOOR', [c.emit('ADD', [x, c.make('f32', 0.5)])]);

/**
 * Parts of images `[N, H, W, C]` inside of boxes `[B, 4]` (y, x, y, x as shares of the sizes), each of one size. The images
 * are a table of pixels, in which those around each place are looked up.
 */
const cropAndResize: Lower = (c) => {
  const [boxes, images] = [c.input(1), c.input(2)];
  const [height = 0, width = 0] = c.numbers(3, 'crop size');
  for (const size of [height, width]) impliedCount(size, 'rows and columns of a crop');
  const image = inType(c, c.input(0), 'f32');
  const [, rows = 0, columns = 0, channels = 0] = sizesOf(c, image);
  if (typeof channels !== 'number') throw new ModelError('unsupported', 'needs a known number of channels.');
  const [top, left, bottom, right] = c.emitAll('SPLIT', [c.i32(1), boxes], { numSplits: 4 }) as Value[];
  const y = placesOf(c, top as Value, bottom as Value, rows, height);
  const x = placesOf(c, left as Value, right as Value, columns, width);
  const table = c.emit('RESHAPE', [image, c.i32([-1, channels])]);
  const first = c.emit('MUL', [reshape(c, toInt32(c, images), [-1, 1]), scalarOf(c, rows)]);
  const down = (v: Value): Value => reshape(c, v, [-1, height, 1]);
  const across = (v: Value): Value => reshape(c, v, [-1, 1, width]);
  const pixels = (row: Value, column: Value): Value => {
    const line = c.emit('MUL', [c.emit('ADD', [first, row]), scalarOf(c, columns)]);
    return c.emit('GATHER', [table, c.emit('ADD', [down(line), across(column)])], { axis: 0 });
  };
  const mixed = (a: Value, b: Value, part: Value): Value =>
    c.emit('ADD', [a, c.emit('MUL', [c.emit('SUB', [b, a]), part])]);
  const line = (row: Value): Value =>
    mixed(pixels(row, x.before), pixels(row, x.behind), reshape(c, x.part, [-1, 1, width, 1]));
  const isNearest = c.attrs.string('method', 'bilinear') === 'nearest';
  const crops = isNearest
    ? pixels(y.before, x.before)
    : mixed(line(y.before), line(y.behind), reshape(c, y.part, [-1, height, 1, 1]));
  const isInside = c.emit('LOGICAL_AND', [down(y.isInside), across(x.isInside)]);
  const outside = c.make('f32', c.attrs.float('extrapolation_value', 0));
  return [c.emit('SELECT_V2', [reshape(c, isInside, [-1, height, width, 1]), crops, outside])];
};

/** Crops of images. */
export const crops: Readonly<Record<string, Lower>> = { CropAndResize: cropAndResize };
