import { clamp, roundHalfAway } from '../numerics/round.js';
import { defineOp } from './define.js';
import { allocateFloats, floats, floatTensor } from './floats.js';

/**
 * Rounds numbers to those that `numBits` integers over `[min, max]` can stand for. The range is first moved (nudged) so
 * that zero is one of them. Input and output have the same shape.
 *
 * Source: TFLite operator FAKE_QUANT.
 */
export const fakeQuant = defineOp({
  name: 'FAKE_QUANT',
  inputs: ['input'],
  outputs: ['output'],
  defaults: { numBits: 8 },
  version: ({ options }) => (options.narrowRange ? 2 : 1),
  infer: ({ input }) => [{ dtype: input.dtype, shape: input.shape }],

  reference({ inputs, types: [type], options }) {
    const x = floats(inputs.input);
    const out = allocateFloats(type!);
    const { min, max, scale } = nudge(options);
    const inverse = Math.fround(1 / scale);
    for (let i = 0; i < x.length; i++) {
      const shifted = Math.fround(clamp(x[i]!, min, max) - min);
      out[i] = Math.fround(roundHalfAway(Math.fround(shifted * inverse)) * scale) + min;
    }
    return [floatTensor(type!, out)];
  },
});

export interface FakeQuantRange {
  readonly min: number;
  readonly max: number;
  readonly numBits: number;
  readonly narrowRange: boolean;
}

/** The range moved by less than a step, in float32 arithmetic, so that zero lies on the grid. */
export function nudge(options: FakeQuantRange): { readonly min: number; readonly max: number; readonly scale: number } {
  const low = options.narrowRange ? 1 : 0;
  const high = 2 ** options.numBits - 1;
  const min = Math.fround(options.min);
  const scale = Math.fround(Math.fround(Math.fround(options.max) - min) / (high - low));
  const zeroPoint = clamp(roundHalfAway(Math.fround(low - Math.fround(min / scale))), low, high);
  return { min: Math.fround((low - zeroPoint) * scale), max: Math.fround((high - zeroPoint) * scale), scale };
}
