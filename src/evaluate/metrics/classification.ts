import { ModelError } from '../../errors.js';
import { numbersOf } from '../numbers.js';
import { wilson } from './intervals.js';
import { classOf, mainOutput } from './outputs.js';
import type { Metric } from './types.js';

/** How classes are told. */
export interface ClassificationOptions {
  /** A right answer is one of so many highest (default 1 and 5). */
  readonly top?: number | undefined;
  /** Added to every label, for models that have a background class first. */
  readonly labelOffset?: number | undefined;
  readonly output?: string | undefined;
}

/** Top-k accuracy. One score alone is the probability of class 1. The state is the rank of the right class. */
export function classification({ top = 5, labelOffset = 0, output }: ClassificationOptions = {}): Metric {
  return {
    measure(outputs, label) {
      const scores = numbersOf(mainOutput(outputs, output));
      const wanted = classOf(label) + labelOffset;
      if (scores.length === 1) return { ranks: [Number((scores[0] as number) > 0.5 !== (wanted === 1))] };
      if (wanted >= scores.length)
        throw new ModelError('invalid-data', `a class below ${scores.length} expected as label, got ${wanted}`);
      const own = scores[wanted] as number;
      let rank = 0;
      // Of equal scores the first one counts as higher, as in arg-max.
      for (let i = 0; i < scores.length; i++) {
        const other = scores[i] as number;
        if (other > own || (other === own && i < wanted) || (Number.isNaN(own) && i !== wanted)) rank++;
      }
      return { ranks: [rank] };
    },
    result({ ranks = [] }) {
      const share = (k: number) => wilson(ranks.filter((r) => (r as number) < k).length, ranks.length);
      return [...new Set([1, top])].map((k) => ({ metric: `top-${k}`, kind: 'share', isGain: true, ...share(k) }));
    },
    correct: ({ ranks = [] }) => ranks.map((rank) => rank === 0),
  };
}
