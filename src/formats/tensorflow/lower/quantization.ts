import { ModelError } from '../../../errors.js';
import type { Quantization, Value } from '../../../ir/graph.js';
import type { Lower, Lowering } from './context.js';

/**
 * Scale and zero point of the unsigned 8-bit numbers that stand for `min..max`. The range is moved so that 0 is exact.
 * With `narrow` the lowest number is not used.
 */
function unsignedRange(min: number, max: number, bits: number, narrow: boolean): Quantization {
  const [low, high] = [narrow ? 1 : 0, 2 ** bits - 1];
  const scale = Math.fround((Math.fround(max) - Math.fround(min)) / (high - low));
  const zero = low - min / scale;
  const zeroPoint = zero < low ? low : zero > high ? high : Math.round(zero);
  return { scale: Float32Array.of(scale), zeroPoint: [zeroPoint], axis: 0 };
}

/** Rounds to 8 bits and back. */
function throughBytes(c: Lowering, x: Value, min: number, max: number, bits: number, narrow: boolean): Value {
  if (bits > 8) throw new ModelError('unsupported', `rounds to ${bits} bits; at most 8 have a counterpart.`);
  if (!(min < max)) throw new ModelError('invalid-graph', `expects a range, got ${min}..${max}`);
  const quantization = unsignedRange(Math.min(min, 0), Math.max(max, 0), bits, narrow);
  const [q] = c.append('QUANTIZE', [x], [{ dtype: 'u8', shape: x.shape, quantization }]);
  return c.append('DEQUANTIZE', [q], [{ dtype: 'f32', shape: x.shape }])[0] as Value;
}

const bitsOf = (c: Lowering): number => c.attrs.int('num_bits', 8);
const isNarrow = (c: Lowering): boolean => c.attrs.bool('narrow_range', false);

const fakeQuantArgs: Lower = (c) => [
  throughBytes(c, c.input(0), c.attrs.float('min', -6), c.attrs.float('max', 6), bitsOf(c), isNarrow(c)),
];

const fakeQuantVars: Lower = (c) => [
  throughBytes(c, c.input(0), c.number(1, 'minimum'), c.number(2, 'maximum'), bitsOf(c), isNarrow(c)),
];

const quantizeAndBack: Lower = (c) => {
  if (!c.attrs.bool('range_given', false)) throw new ModelError('unsupported', 'takes its range from its input.');
  return [throughBytes(c, c.input(0), c.number(1, 'minimum'), c.number(2, 'maximum'), bitsOf(c), isNarrow(c))];
};

/** Rounding as quantization would do it. */
export const quantizations: Readonly<Record<string, Lower>> = {
  FakeQuantWithMinMaxArgs: fakeQuantArgs,
  FakeQuantWithMinMaxVars: fakeQuantVars,
  QuantizeAndDequantizeV2: quantizeAndBack,
  QuantizeAndDequantizeV4: quantizeAndBack,
};
