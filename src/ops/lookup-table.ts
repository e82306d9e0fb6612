import { clamp, roundHalfAway } from '../numerics/round.js';
import type { Affine } from './integers.js';

/** A number rounded to the precision in which a table is computed. */
type Precision = (x: number) => number;

/** Scale and zero point of one side of a table over 16-bit integers. */
interface Steps {
  readonly scale: number;
  readonly zeroPoint: number;
}

/** A function of 8-bit integers: `round(f(s_in * (q - z_in)) / s_out) + z_out` in float32, for each of them once. */
export function table8(f: (x: number) => number, from: Affine, to: Affine): (q: number) => number {
  const inverse = Math.fround(1 / to.scale);
  const entries = new Int16Array(256);
  for (let i = 0; i < 256; i++) {
    const x = Math.fround(from.scale * (from.low + i - from.zeroPoint));
    entries[i] = clamp(roundHalfAway(Math.fround(Math.fround(f(x)) * inverse)) + to.zeroPoint, to.low, to.high);
  }
  return (q) => entries[q - from.low]!;
}

/**
 * A function of 16-bit integers: exact at 513 points, and linear between them. Each point is moved by half the error in the
 * middle of the step behind it.
 */
export function table16(
  f: (x: number) => number,
  from: Steps,
  to: Steps,
  precise: Precision = Math.fround,
): (q: number) => number {
  const at = (q: number) => precise(from.scale * (q - from.zeroPoint));
  const low = at(-32768);
  const high = at(32767);
  const least = precise(to.scale * (-32768 - to.zeroPoint));
  const most = precise(to.scale * (32767 - to.zeroPoint));
  const step = precise(precise(high - low) / 512);
  const half = precise(step / 2);
  const steps = precise(65536 / precise(most - least));
  const scaled = (x: number) => precise(precise(f(x)) * steps);
  const entries = new Int16Array(513);
  for (let i = 0; i < 512; i++) {
    const x = precise(low + precise(i * step));
    const here = roundHalfAway(scaled(x));
    const next = scaled(precise(low + precise((i + 1) * step)));
    const middle = roundHalfAway(precise(precise(next + here) / 2));
    const error = middle - roundHalfAway(scaled(precise(x + half)));
    entries[i] = clamp(here - roundHalfAway(error / 2), -32768, 32767);
  }
  entries[512] = clamp(roundHalfAway(scaled(high)), -32768, 32767);
  return (q) => {
    const i = 256 + (q >> 7);
    const slope = ((entries[i + 1]! - entries[i]!) << 16) >> 16;
    return entries[i]! + ((slope * (q & 127) + 64) >> 7);
  };
}
