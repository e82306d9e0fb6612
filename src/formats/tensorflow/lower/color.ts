import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import type { Lower, Lowering } from './context.js';
import { castTo } from './operands.js';

/** Hue, saturation and value, or red, green and blue: `[…, 1]` each. */
type Channels = readonly [Value, Value, Value];

/** The three channels of the last axis. */
function channelsOf(c: Lowering, x: Value): Channels {
  if (x.shape?.at(-1) !== 3) throw new ModelError('unsupported', 'needs images of three channels.');
  return c.emitAll('SPLIT', [c.i32(-1), x], { numSplits: 3 }) as unknown as Channels;
}

/** Hue as a share of the circle, 0 where there is none. Source: TensorFlow's `colorspace_op.h`. */
function toHsv(c: Lowering, [red, green, blue]: Channels): Channels {
  const number = (n: number) => c.scalar(red, n);
  const extreme = (op: string) => c.emit(op, [c.emit(op, [red, green]), blue]);
  const value = extreme('MAXIMUM');
  const range = c.emit('SUB', [value, extreme('MINIMUM')]);
  const isColored = c.emit('GREATER', [range, number(0)]);
  // Where the range is 0, so is the share: what divides it only must not be 0.
  const divisor = (of: Value, isPositive: Value) => c.emit('SELECT_V2', [isPositive, of, number(1)]);
  const share = (a: Value, b: Value, from: number) => {
    const part = c.emit('DIV', [c.emit('SUB', [a, b]), c.emit('MUL', [divisor(range, isColored), number(6)])]);
    return from === 0 ? part : c.emit('ADD', [part, number(from)]);
  };
  const isTop = (x: Value) => c.emit('EQUAL', [x, value]);
  const others = c.emit('SELECT_V2', [isTop(green), share(blue, red, 2 / 6), share(red, green, 4 / 6)]);
  const any = c.emit('SELECT_V2', [isTop(red), share(green, blue, 0), others]);
  const turned = c.emit('SELECT_V2', [c.emit('LESS', [any, number(0)]), c.emit('ADD', [any, number(1)]), any]);
  const isLit = c.emit('GREATER', [value, number(0)]);
  const saturation = c.emit('DIV', [range, divisor(value, isLit)]);
  return [c.emit('MUL', [turned, one(c, isColored)]), c.emit('MUL', [saturation, one(c, isLit)]), value];
}

const one = (c: Lowering, truth: Value): Value => castTo(truth, 'f32', (n) => c.emitAll(n.op, n.inputs, n.options));

/** `[…, 3]` of red, green and blue. */
function toRgb(c: Lowering, [hue, saturation, value]: Channels): Value {
  const number = (n: number) => c.scalar(hue, n);
  const sixths = c.emit('MUL', [hue, number(6)]);
  const away = (from: number) => c.emit('ABS', [c.emit('SUB', [sixths, number(from)])]);
  const ramps = [
    c.emit('SUB', [away(3), number(1)]),
    c.emit('SUB', [number(2), away(2)]),
    c.emit('SUB', [number(2), away(4)]),
  ];
  const parts = c.emit('CONCATENATION', ramps, { axis: -1 });
  const colors = clamped(c, parts);
  const grey = c.emit('SUB', [number(1), saturation]);
  return c.emit('MUL', [c.emit('ADD', [c.emit('MUL', [colors, saturation]), grey]), value]);
}

const clamped = (c: Lowering, x: Value): Value =>
  c.emit('MINIMUM', [c.emit('MAXIMUM', [x, c.scalar(x, 0)]), c.scalar(x, 1)]);

const rgbToHsv: Lower = (c) => [c.emit('CONCATENATION', toHsv(c, channelsOf(c, c.input(0))), { axis: -1 })];

const hsvToRgb: Lower = (c) => [toRgb(c, channelsOf(c, c.input(0)))];

const adjustHue: Lower = (c) => {
  const [hue, saturation, value] = toHsv(c, channelsOf(c, c.input(0)));
  const turned = c.emit('FLOOR_MOD', [c.emit('ADD', [hue, c.input(1)]), c.scalar(hue, 1)]);
  return [toRgb(c, [turned, saturation, value])];
};

const adjustSaturation: Lower = (c) => {
  const [hue, saturation, value] = toHsv(c, channelsOf(c, c.input(0)));
  return [toRgb(c, [hue, clamped(c, c.emit('MUL', [saturation, c.input(1)])), value])];
};

/** Colors of images `[…, 3]`. */
export const colors: Readonly<Record<string, Lower>> = {
  AdjustHue: adjustHue,
  AdjustSaturation: adjustSaturation,
  HSVToRGB: hsvToRgb,
  RGBToHSV: rgbToHsv,
};
