import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import type { DType } from '../../../ir/tensor.js';
import type { Lower, Lowering } from './context.js';
import { castTo } from './operands.js';

/** A color `[.., 3]` as its largest part, and how far the smallest one is from it: `[.., 1]` each. */
interface Range {
  readonly most: Value;
  readonly range: Value;
}

/** Less than any step between two numbers of a color, so that a quotient of equal ones is no 0 / 0. */
const TINY = 1e-30;

const add = (c: Lowering, x: Value, y: Value | number) => c.emit('ADD', [x, asValue(c, y)]);
const sub = (c: Lowering, x: Value, y: Value | number) => c.emit('SUB', [x, asValue(c, y)]);
const mul = (c: Lowering, x: Value, y: Value | number) => c.emit('MUL', [x, asValue(c, y)]);
const asValue = (c: Lowering, x: Value | number) => (typeof x === 'number' ? c.make('f32', x) : x);

function channels(c: Lowering, x: Value): readonly [Value, Value, Value] {
  if (x.shape?.at(-1) !== 3) throw new ModelError('unsupported', 'needs images of three channels.');
  return c.emitAll('SPLIT', [c.i32(x.shape.length - 1), x], { numSplits: 3 }) as [Value, Value, Value];
}

function rangeOf(c: Lowering, x: Value): Range {
  const axis = c.i32([c.rank(x, 'the image') - 1]);
  const most = c.emit('REDUCE_MAX', [x, axis], { keepDims: true });
  return { most, range: sub(c, most, c.emit('REDUCE_MIN', [x, axis], { keepDims: true })) };
}

/** `x / y` where `y` is above zero; 0 where both are 0. */
const share = (c: Lowering, x: Value, y: Value): Value =>
  c.emit('DIV', [x, c.emit('MAXIMUM', [y, c.make('f32', TINY)])]);

/** Where on the circle of red, green and blue a color lies, in -1/6..5/6 turns from red; 0 for gray: `[.., 1]`. */
function turnOf(c: Lowering, x: Value, { most, range }: Range): Value {
  const [red, green, blue] = channels(c, x);
  const sixth = share(c, c.make('f32', 1 / 6), range);
  const from = (a: Value, b: Value): Value => mul(c, sub(c, a, b), sixth);
  const isGreen = c.emit('EQUAL', [green, most]);
  const others = c.emit('SELECT_V2', [isGreen, add(c, from(blue, red), 2 / 6), add(c, from(red, green), 4 / 6)]);
  return c.emit('SELECT_V2', [c.emit('EQUAL', [red, most]), from(green, blue), others]);
}

/** The full color of each turn in 0..1: `[.., 3]` of 0..1, the largest of them 1, the smallest 0. */
function pureColor(c: Lowering, turn: Value): Value {
  const distance = c.emit('ABS', [sub(c, mul(c, turn, 6), c.make('f32', [3, 2, 4]))]);
  const parts = add(c, mul(c, distance, c.make('f32', [1, -1, -1])), c.make('f32', [-1, 2, 2]));
  return c.emit('MINIMUM', [c.emit('MAXIMUM', [parts, c.make('f32', 0)]), c.make('f32', 1)]);
}

const withoutTurns = (c: Lowering, x: Value): Value => sub(c, x, c.emit('FLOOR', [x]));

/** Hue, saturation and value of colors, each 0..1. */
const toHsv = (c: Lowering, x: Value): Value => {
  const range = rangeOf(c, x);
  const turn = turnOf(c, x, range);
  const isBelow = c.emit('LESS', [turn, c.make('f32', 0)]);
  const hue = c.emit('SELECT_V2', [isBelow, add(c, turn, 1), turn]);
  const isColor = c.emit('GREATER', [range.most, c.make('f32', 0)]);
  const saturation = c.emit('SELECT_V2', [isColor, share(c, range.range, range.most), c.make('f32', 0)]);
  return c.emit('CONCATENATION', [hue, saturation, range.most], { axis: (x.shape?.length ?? 1) - 1 });
};

/** `value (1 + saturation (color - 1))`. */
const fromHsv = (c: Lowering, x: Value): Value => {
  const [hue, saturation, value] = channels(c, x);
  return mul(c, add(c, sub(c, mul(c, pureColor(c, hue), saturation), saturation), 1), value);
};

/** Turned on the circle of colors; the largest and the smallest part of each stay. */
const adjustHue = (c: Lowering, x: Value, delta: Value): Value => {
  const range = rangeOf(c, x);
  const turn = withoutTurns(c, add(c, turnOf(c, x, range), delta));
  return add(c, mul(c, pureColor(c, turn), range.range), sub(c, range.most, range.range));
};

/**
 * The distances from the largest part, times what the saturation grows by: it is `range / most`, and no more than 1
 * afterwards.
 */
const adjustSaturation = (c: Lowering, x: Value, scale: Value): Value => {
  const { most, range } = rangeOf(c, x);
  const limit = share(c, c.emit('RELU', [most]), range);
  const factor = c.emit('MINIMUM', [c.emit('MAXIMUM', [scale, c.make('f32', 0)]), limit]);
  return sub(c, most, mul(c, sub(c, most, x), factor));
};

type Formula = (c: Lowering, colors: Value, amount: Value) => Value;

/** Computed in 32-bit floats, whatever the image has. */
const inSingle =
  (make: Formula): Lower =>
  (c) => {
    const inType = (x: Value, dtype: DType) => castTo(x, dtype, (n) => c.emitAll(n.op, n.inputs, n.options));
    const x = inType(c.input(0), 'f32');
    return [inType(make(c, x, c.inputs[1] ?? x), c.input(0).dtype)];
  };

/** Colors of images: red, green and blue in the last axis. */
export const colors: Readonly<Record<string, Lower>> = {
  AdjustHue: inSingle(adjustHue),
  AdjustSaturation: inSingle(adjustSaturation),
  HSVToRGB: inSingle(fromHsv),
  RGBToHSV: inSingle(toHsv),
};
