import { ModelError } from '../../errors.js';
import { highest, numbersOf, sum } from '../numbers.js';
import { pooledInterval } from './intervals.js';
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
        const x =
          channels === 1
            ? Number((scores[i] as number) > 0.5)
            : highest(scores.subarray(i * channels, (i + 1) * channels));
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
          (totals, row) => totals.map((x, c) => x + (row[c] ?? 0)),
          [...((rows[0] as number[]) ?? [])].map(() => 0),
        );
      const [meet, join] = [total(both), total(either)];
      const shares = meet.map((n, c) => n / (join[c] as number)).filter((_, c) => (join[c] as number) > 0);
      const value = sum(shares) / shares.length;
      const single = (both as readonly number[][]).map((row, i) =>
        meanOf(row, (either as readonly number[][])[i] as number[]),
      );
      // Images are the independent trials, not their pixels.
      const shareOf = (n: unknown, i: number) => (n as number) / (count[i] as number);
      const pixels = pooledInterval(sum(right as number[]) / sum(count as number[]), right.map(shareOf));
      return [
        { metric: 'mIoU', kind: 'share', isGain: true, ...pooledInterval(value, single) },
        { metric: 'pixel accuracy', kind: 'share', isGain: true, ...pixels },
      ];
    },
  };
}

/** The mean over the classes of one image. */
function meanOf(both: readonly number[], either: readonly number[]): number {
  const shares = both.map((n, c) => n / (either[c] as number)).filter((_, c) => (either[c] as number) > 0);
  return sum(shares) / Math.max(shares.length, 1);
}
