import { ModelError } from '../../errors.js';
import { numbersOf } from '../compare/traced-model.js';
import { meanInterval } from './intervals.js';
import { arrayOf, mainOutput } from './outputs.js';
import type { Metric } from './types.js';

/**
 * Mean intersection over union of the classes that occur, and the share of right pixels. The output is a score for each
 * class, `[1, H, W, C]`, or the probability of class 1, `[1, H, W, 1]`; the label a class for each pixel (above 0.5 counts
 * as class 1 in the second case). Labels of 255 are left out.
 */
export function segmentation(output?: string): Metric {
  return {
    measure(outputs, label) {
      const tensor = mainOutput(outputs, output);
      const scores = numbersOf(tensor);
      const wanted = arrayOf(label);
      const channels = tensor.shape.at(-1) ?? 1;
      if (scores.length !== wanted.length * channels)
        throw new ModelError(
          'invalid-data',
          `a mask of ${scores.length / channels} pixels expected, got ${wanted.length}`,
        );
      const classes = Math.max(channels, 2);
      // For each class: pixels of both, of either.
      const both = new Array<number>(classes).fill(0);
      const either = new Array<number>(classes).fill(0);
      let right = 0;
      let count = 0;
      for (let i = 0; i < wanted.length; i++) {
        const y = channels === 1 ? Number((wanted[i] as number) > 0.5) : (wanted[i] as number);
        if (y === 255) continue;
        if (!(y >= 0 && y < classes))
          throw new ModelError('invalid-data', `a class below ${classes} expected in the mask, got ${y}`);
        const x = channels === 1 ? Number((scores[i] as number) > 0.5) : highest(scores, i * channels, channels);
        count++;
        either[y] = (either[y] as number) + 1;
        if (x === y) {
          right++;
          both[y] = (both[y] as number) + 1;
        } else either[x] = (either[x] as number) + 1;
      }
      return { both: [both], either: [either], right: [right], count: [count] };
    },
    result({ both = [], either = [], right = [], count = [] }) {
      const total = (rows: readonly unknown[]) =>
        (rows as readonly (readonly number[])[]).reduce(
          (sum, row) => sum.map((x, c) => x + (row[c] ?? 0)),
          [...((rows[0] as number[]) ?? [])].map(() => 0),
        );
      const [meet, join] = [total(both), total(either)];
      const shares = meet.map((n, c) => n / (join[c] as number)).filter((_, c) => (join[c] as number) > 0);
      const value = shares.reduce((sum, x) => sum + x, 0) / shares.length;
      const single = (both as readonly number[][]).map((row, i) =>
        meanOf(row, (either as readonly number[][])[i] as number[]),
      );
      const { low, high, value: centre } = meanInterval(single);
      const sum = (values: readonly unknown[]) => (values as readonly number[]).reduce((a, b) => a + b, 0);
      // Images are the independent trials, not their pixels.
      const each = meanInterval(
        (right as readonly number[]).map((n, i) => n / ((count as readonly number[])[i] as number)),
      );
      const share = sum(right) / sum(count);
      const pixels = { value: share, low: share - (each.value - each.low), high: share + (each.high - each.value) };
      return [
        {
          metric: 'mIoU',
          kind: 'share',
          isGain: true,
          value,
          low: value - (centre - low),
          high: value + (high - centre),
        },
        { metric: 'pixel accuracy', kind: 'share', isGain: true, ...pixels },
      ];
    },
  };
}

/** The mean over the classes of one image. */
function meanOf(both: readonly number[], either: readonly number[]): number {
  const shares = both.map((n, c) => n / (either[c] as number)).filter((_, c) => (either[c] as number) > 0);
  return shares.reduce((sum, x) => sum + x, 0) / Math.max(shares.length, 1);
}

function highest(values: Float32Array, from: number, count: number): number {
  let best = 0;
  for (let i = 1; i < count; i++) if ((values[from + i] as number) > (values[from + best] as number)) best = i;
  return best;
}
