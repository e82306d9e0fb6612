import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import type { DType } from '../../../ir/tensor.js';
import type { Lower, Lowering } from './context.js';
import { castTo } from './operands.js';
import { entryOf, int32Input, knownNumbers, product, reshape, type Size, sizesOf } from './shapes.js';

const inType = (c: Lowering, x: Value, dtype: DType): Value =>
  castTo(x, dtype, (n) => c.emitAll(n.op, n.inputs, n.options));
const scalarOf = (c: Lowering, size: Size): Value => (typeof size === 'number' ? c.i32(size) : size);
const asFloat = (c: Lowering, size: Size): Value =>
  typeof size === 'number' ? c.make('f32', size) : inType(c, size, 'f32');
const asValue = (c: Lowering, x: Value | number): Value => (typeof x === 'number' ? c.make('f32', x) : x);
const binary =
  (op: string) =>
  (c: Lowering, x: Value | number, y: Value | number): Value =>
    c.emit(op, [asValue(c, x), asValue(c, y)]);
const [add, sub, mul, div] = [binary('ADD'), binary('SUB'), binary('MUL'), binary('DIV')];
const [least, most, mod] = [binary('MINIMUM'), binary('MAXIMUM'), binary('FLOOR_MOD')];

/** Where along an axis of `size` pixels a place outside of it is looked up; all of the type `f32`. */
type Fill = (c: Lowering, place: Value, size: Value) => Value;

const within: Fill = (c, x, size) => least(c, most(c, x, 0), sub(c, size, 1));

/** `dcba|abcd|dcba`. */
const reflected: Fill = (c, x, size) => {
  const period = mul(c, size, 2);
  const isBefore = inType(c, c.emit('LESS', [x, c.make('f32', 0)]), 'f32');
  const at = sub(c, mod(c, c.emit('ABS', [x]), period), isBefore);
  return within(c, least(c, at, sub(c, sub(c, period, 1), at)), size);
};

/** `abcd|abcd|abcd`; as TensorFlow counts them, with a period of one pixel less. */
const wrapped: Fill = (c, x, size) => {
  const end = sub(c, size, 1);
  const turns = c.emit('FLOOR', [div(c, c.emit('ABS', [x]), most(c, end, 1))]);
  const before = add(c, x, mul(c, size, add(c, turns, 1)));
  const behind = c.emit('SELECT_V2', [c.emit('GREATER', [x, end]), sub(c, x, mul(c, size, turns)), x]);
  return within(c, c.emit('SELECT_V2', [c.emit('LESS', [x, c.make('f32', 0)]), before, behind]), size);
};

/** One pixel beyond, where the border is. */
const bordered: Fill = (c, x, size) => least(c, most(c, x, -1), size);

const FILLS: Readonly<Record<string, Fill>> = {
  CONSTANT: bordered,
  NEAREST: within,
  REFLECT: reflected,
  WRAP: wrapped,
};

/** Numbers 0, 1, .. of an axis of the result. */
const counted = (c: Lowering, size: Size): Value =>
  inType(c, c.emit('RANGE', [c.i32(0), scalarOf(c, size), c.i32(1)]), 'f32');

/** Where each pixel of the result comes from: `[B, H, W, 1]`, B being 1 or the number of images. */
interface Places {
  readonly x: Value;
  readonly y: Value;
  /** Whether it is one at all: a plane seen from its side has none. */
  readonly isPoint: Value;
}

/** `x' = (a0 x + a1 y + a2) / k`, `y' = (b0 x + b1 y + b2) / k` and `k = c0 x + c1 y + 1`, for a, b and c in a row. */
function placesOf(c: Lowering, transforms: Value, height: Size, width: Size): Places {
  const rows = reshape(c, transforms, [transforms.shape?.[0] ?? -1, 8, 1, 1]);
  const t = c.emitAll('SPLIT', [c.i32(1), rows], { numSplits: 8 }) as readonly Value[];
  const x = reshape(c, counted(c, width), [1, 1, width, 1]);
  const y = reshape(c, counted(c, height), [1, height, 1, 1]);
  const line = (first: number, last: Value | number): Value =>
    add(c, add(c, mul(c, t[first] as Value, x), mul(c, t[first + 1] as Value, y)), last);
  const projection = line(6, 1);
  const isPoint = c.emit('NOT_EQUAL', [projection, c.make('f32', 0)]);
  const divisor = c.emit('SELECT_V2', [isPoint, projection, c.make('f32', 1)]);
  return { x: div(c, line(0, t[2] as Value), divisor), y: div(c, line(3, t[5] as Value), divisor), isPoint };
}

/** Looks up pixels of images `[N, H', W', C]` by their rows and columns, `[B, H, W]` each. */
function pixelsOf(c: Lowering, image: Value, isShared: boolean): (row: Value, column: Value) => Value {
  const [images = -1, rows = -1, columns = -1, channels = -1] = sizesOf(c, image);
  const area = product(c, [rows, columns]);
  const at = (row: Value, column: Value): Value => c.emit('ADD', [c.emit('MUL', [row, scalarOf(c, columns)]), column]);
  if (isShared) {
    const table = reshape(c, image, [images, area, channels]);
    const only = (v: Value): Value => c.emit('SQUEEZE', [v], { squeezeDims: [0] });
    return (row, column) => c.emit('GATHER', [table, only(at(row, column))], { axis: 1 });
  }
  const table = reshape(c, image, [-1, channels]);
  const numbers = c.emit('RANGE', [c.i32(0), scalarOf(c, images), c.i32(1)]);
  const first = c.emit('MUL', [reshape(c, numbers, [images, 1, 1]), scalarOf(c, area)]);
  return (row, column) => c.emit('GATHER', [table, c.emit('ADD', [first, at(row, column)])], { axis: 0 });
}

/** Whether random numbers are in what a value is computed from. */
function isRandom(x: Value): boolean {
  const seen = new Set([x]);
  for (const value of seen) {
    if (value.producer?.op.startsWith('RANDOM_')) return true;
    for (const input of value.producer?.inputs ?? []) if (input) seen.add(input);
  }
  return false;
}

const isTrue = (x: Value): boolean => x.constant?.numbers().every((n) => n !== 0) ?? false;

/** Halves away from zero. */
const rounded = (c: Lowering, x: Value): Value =>
  mul(c, c.emit('SIGN', [x]), c.emit('FLOOR', [add(c, c.emit('ABS', [x]), 0.5)]));

/** Images with a border of one pixel of a color. */
const framed = (c: Lowering, image: Value, color: Value): Value =>
  c.emit('PADV2', [image, c.i32([0, 0, 1, 1, 1, 1, 0, 0], [4, 2]), color]);

/**
 * Images `[N, H, W, C]` under a change of perspective for each, or one for all: every pixel is looked up where it comes
 * from, at the nearest one or between four. Images that are filled up by a color have a border of it, and all places
 * beyond lie there.
 *
 * Source: TensorFlow `kernels/image/image_ops.h`.
 */
const project: Lower = (c) => {
  const mode = c.attrs.string('fill_mode', 'CONSTANT');
  const fill = FILLS[mode];
  if (!fill) throw new ModelError('unsupported', `fills by '${mode}': ${Object.keys(FILLS).join(', ')} are known.`);
  const isNearest = c.attrs.string('interpolation') === 'NEAREST';
  const { dtype } = c.input(0);
  const image = isNearest ? c.input(0) : inType(c, c.input(0), 'f32');
  const color = inType(c, c.inputs[3] ?? c.make('f32', 0), image.dtype);
  const [, rows = -1, columns = -1] = sizesOf(c, image);
  const shape = int32Input(c, 2);
  const [height, width] = (knownNumbers(shape) ?? [0, 1].map((i) => entryOf(c, shape, i))) as [Size, Size];
  const transforms = c.input(1);
  if (isRandom(transforms))
    c.warn(
      'changes images at random whenever the model is used: export it without the layers that vary training data.',
    );
  const { x, y, isPoint } = placesOf(c, transforms, height, width);
  const column = fill(c, x, asFloat(c, columns));
  const row = fill(c, y, asFloat(c, rows));
  const all = transforms.shape?.[0] ?? -1;
  const hasFrame = mode === 'CONSTANT';
  const pixels = pixelsOf(c, hasFrame ? framed(c, image, color) : image, all === 1);
  const at = (down: Value, across: Value): Value => {
    const whole = (v: Value) => reshape(c, inType(c, hasFrame ? add(c, v, 1) : v, 'i32'), [all, height, width]);
    return pixels(whole(down), whole(across));
  };
  const between = (): Value => {
    const [left, top] = [c.emit('FLOOR', [column]), c.emit('FLOOR', [row])];
    const mixed = (a: Value, b: Value, part: Value): Value => add(c, a, mul(c, sub(c, b, a), part));
    const [right, bottom] = [c.emit('CEIL', [column]), c.emit('CEIL', [row])];
    const line = (down: Value): Value => mixed(at(down, left), at(down, right), sub(c, column, left));
    return mixed(line(top), line(bottom), sub(c, row, top));
  };
  const found = isNearest ? at(rounded(c, row), rounded(c, column)) : between();
  return [inType(c, isTrue(isPoint) ? found : c.emit('SELECT_V2', [isPoint, found, color]), dtype)];
};

/** Images seen from elsewhere. */
export const projections: Readonly<Record<string, Lower>> = {
  ImageProjectiveTransformV2: project,
  ImageProjectiveTransformV3: project,
};
