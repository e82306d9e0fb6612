import { ModelError } from '../../../errors.js';
import type { Quantization, Value } from '../../../ir/graph.js';
import type { DType } from '../../../ir/tensor.js';
import type { Lower, Lowering } from './context.js';

/** 8-bit numbers `low..high` that stand for real ones. */
interface Grid {
  readonly dtype: DType;
  readonly quantization: Quantization;
  readonly low: number;
  readonly high: number;
}

const grid = (dtype: DType, scale: number, zeroPoint: number, low: number, high: number): Grid => ({
  dtype,
  quantization: { scale: Float32Array.of(scale), zeroPoint: [zeroPoint], axis: 0 },
  low,
  high,
});

/**
 * Unsigned numbers for `min..max`, a range with 0 in it. It is moved so that 0 is exact; with `narrow` the lowest number
 * is not used.
 * Source: documentation of tf.quantization.fake_quant_with_min_max_vars.
 */
function movedGrid(min: number, max: number, bits: number, narrow: boolean): Grid {
  const [low, high] = [narrow ? 1 : 0, 2 ** bits - 1];
  const scale = Math.fround((Math.fround(max) - Math.fround(min)) / (high - low));
  const zero = Math.fround(low - Math.fround(min / scale));
  const zeroPoint = zero < low ? low : zero > high ? high : Math.round(zero);
  return grid('u8', scale, zeroPoint, low, high);
}

/**
 * Numbers whose 0 is 0 for a range on both sides of it: the side that needs the larger steps gives them.
 * Source: documentation of tf.quantization.quantize_and_dequantize_v2.
 */
function symmetricGrid(min: number, max: number, bits: number, signed: boolean, narrow: boolean): Grid {
  const high = signed ? 2 ** (bits - 1) - 1 : 2 ** bits - 1;
  const low = signed ? -high - (narrow ? 0 : 1) : 0;
  const below = signed ? min / low : 0;
  return grid(signed ? 'i8' : 'u8', Math.fround(Math.max(below, max / high)), 0, low, high);
}

/** Rounds to numbers of 8 bits and back. Fewer bits are a smaller range of them. */
function throughBytes(c: Lowering, x: Value, { dtype, quantization, low, high }: Grid): Value {
  const [scale = 1] = quantization.scale;
  const [zero = 0] = quantization.zeroPoint;
  const full = dtype === 'i8' ? [-128, 127] : [0, 255];
  const real = (q: number): Value => c.scalar(x, (q - zero) * scale);
  const above = low === full[0] ? x : c.emit('MAXIMUM', [x, real(low)]);
  const within = high === full[1] ? above : c.emit('MINIMUM', [above, real(high)]);
  const [q] = c.append('QUANTIZE', [within], [{ dtype, shape: x.shape, quantization }]);
  return c.append('DEQUANTIZE', [q], [{ dtype: 'f32', shape: x.shape }])[0] as Value;
}

function bitsOf(c: Lowering): number {
  const bits = c.attrs.int('num_bits', 8);
  if (bits >= 2 && bits <= 8) return bits;
  throw new ModelError('unsupported', `rounds to ${bits} bits; 2 to 8 have a counterpart.`);
}

const isNarrow = (c: Lowering): boolean => c.attrs.bool('narrow_range', false);

function requireRange(min: number, max: number): [number, number] {
  if (min < max) return [min, max];
  throw new ModelError('invalid-graph', `expects a range, got ${min}..${max}`);
}

const fakeQuant =
  (range: (c: Lowering) => [number, number]): Lower =>
  (c) => {
    const moved = withZero(requireRange(...range(c)));
    const grid = movedGrid(...moved, bitsOf(c), isNarrow(c));
    const x = c.input(0);
    return [x.constant ? throughSteps(c, x, [grid], []) : throughBytes(c, x, grid)];
  };

/** Each channel, the last axis, has a grid of its own. */
const fakeQuantOfChannels: Lower = (c) => {
  const maxima = c.numbers(2, 'maximum');
  const grids = c.numbers(1, 'minimum').map((min, channel) => {
    const range = requireRange(min, maxima[channel] ?? Number.NaN);
    return movedGrid(...withZero(range), bitsOf(c), isNarrow(c));
  });
  return [throughSteps(c, c.input(0), grids, [grids.length])];
};

/** The same in floats: steps are counted from the lowest number of each grid on. Weights fold. */
function throughSteps(c: Lowering, x: Value, grids: readonly Grid[], shape: readonly number[]): Value {
  const scales = grids.map(({ quantization }) => quantization.scale[0] ?? 1);
  const zeros = grids.map(({ quantization }) => Number(quantization.zeroPoint[0]));
  const constant = (of: (grid: Grid, zero: number, scale: number) => number) =>
    c.make(
      'f32',
      grids.map((grid, i) => of(grid, zeros[i] as number, scales[i] as number)),
      shape,
    );
  const least = constant(({ low }, zero, scale) => (low - zero) * scale);
  const most = constant(({ high }, zero, scale) => (high - zero) * scale);
  const within = c.emit('MINIMUM', [c.emit('MAXIMUM', [x, least]), most]);
  const steps = c.emit('MUL', [c.emit('SUB', [within, least]), constant((_, __, scale) => 1 / scale)]);
  const whole = c.emit('FLOOR', [c.emit('ADD', [steps, c.make('f32', 0.5)])]);
  return c.emit('ADD', [c.emit('MUL', [whole, constant((_, __, scale) => scale)]), least]);
}

/** A range on one side of 0 is moved until it begins or ends there. */
function withZero([min, max]: [number, number]): [number, number] {
  return min > 0 ? [0, max - min] : max < 0 ? [min - max, 0] : [min, max];
}

const rangeInputs = (c: Lowering): [number, number] => [c.number(1, 'minimum'), c.number(2, 'maximum')];

const quantizeAndBack: Lower = (c) => {
  if (!c.attrs.bool('range_given', false)) throw new ModelError('unsupported', 'takes its range from its input.');
  const [min, max] = requireRange(...rangeInputs(c));
  const signed = c.attrs.bool('signed_input', true);
  return [throughBytes(c, c.input(0), symmetricGrid(min, max, bitsOf(c), signed, isNarrow(c)))];
};

/** Rounding as quantization would do it. */
export const quantizations: Readonly<Record<string, Lower>> = {
  FakeQuantWithMinMaxArgs: fakeQuant((c) => [c.attrs.float('min', -6), c.attrs.float('max', 6)]),
  FakeQuantWithMinMaxVars: fakeQuant(rangeInputs),
  FakeQuantWithMinMaxVarsPerChannel: fakeQuantOfChannels,
  QuantizeAndDequantizeV2: quantizeAndBack,
  QuantizeAndDequantizeV4: quantizeAndBack,
};
