import { ModelError } from '../../errors.js';
import { highest, numbersOf, sum } from '../numbers.js';
import { pooledInterval, wilson } from './intervals.js';
import { arrayOf, mainOutput } from './outputs.js';
import type { Metric } from './types.js';

const LEAST = 1e-12;

/**
 * Language models: bits for each token, perplexity, accuracy of the next token. The output is a score for each token of
 * the vocabulary at each place, `[1, T, V]`: probabilities when all of a row sum to 1, logits otherwise. Negative labels
 * are left out.
 */
export function tokens(output?: string): Metric {
  return {
    measure(outputs, label) {
      const tensor = mainOutput(outputs, output);
      const scores = numbersOf(tensor);
      const wanted = arrayOf(label);
      const size = tensor.shape.at(-1) ?? 1;
      if (scores.length !== wanted.length * size)
        throw new ModelError('invalid-data', `${scores.length / size} tokens expected as label, got ${wanted.length}`);
      const bits: number[] = [];
      let right = 0;
      for (let i = 0; i < wanted.length; i++) {
        const y = wanted[i] as number;
        if (y < 0) continue;
        if (!(y < size)) throw new ModelError('invalid-data', `a token below ${size} expected, got ${y}`);
        const row = scores.subarray(i * size, (i + 1) * size);
        bits.push(-Math.log2(Math.max(probability(row, y), LEAST)));
        if (highest(row) === y) right++;
      }
      return { bits: [sum(bits)], right: [right], count: [bits.length] };
    },
    result({ bits = [], right = [], count = [] }) {
      const rates = bits.map((b, i) => (b as number) / (count[i] as number));
      const at = pooledInterval(sum(bits as number[]) / sum(count as number[]), rates);
      const two = (x: number) => 2 ** x;
      return [
        { metric: 'bits per token', kind: 'number', isGain: false, ...at },
        {
          metric: 'perplexity',
          kind: 'number',
          isGain: false,
          value: two(at.value),
          low: two(at.low),
          high: two(at.high),
        },
        {
          metric: 'token accuracy',
          kind: 'share',
          isGain: true,
          ...wilson(sum(right as number[]), sum(count as number[])),
        },
      ];
    },
  };
}

function probability(row: Float32Array, index: number): number {
  let sum = 0;
  let top = -Infinity;
  let isProbable = true;
  for (const x of row) {
    sum += x;
    top = Math.max(top, x);
    isProbable &&= x >= 0;
  }
  if (isProbable && Math.abs(sum - 1) < 1e-3) return row[index] as number;
  let total = 0;
  for (const x of row) total += Math.exp(x - top);
  return Math.exp((row[index] as number) - top) / total;
}
