import { ModelError } from '../../errors.js';
import { highest, numbersOf, sum } from '../numbers.js';
import { pooledInterval } from './intervals.js';
import { mainOutput } from './outputs.js';
import type { Metric } from './types.js';

/** How text comes out of a model. */
export interface TranscriptionOptions {
  /** What each class stands for; one of them is the blank. */
  readonly alphabet: readonly string[];
  /** Class of the blank (default: the last). */
  readonly blank?: number | undefined;
  readonly output?: string | undefined;
}

/**
 * Word and character error rate of speech and writing recognition. The output is a score for each class at each step,
 * `[1, T, V]`, read greedily: the highest of each step, repetitions once, blanks left out. Source: Graves et al. (2006).
 */
export function transcription({ alphabet, blank = alphabet.length - 1, output }: TranscriptionOptions): Metric {
  return {
    measure(outputs, label) {
      if (typeof label !== 'string') throw new ModelError('invalid-data', 'a text expected as label');
      const tensor = mainOutput(outputs, output);
      const size = tensor.shape.at(-1) ?? 1;
      const text = greedy(numbersOf(tensor), size, blank)
        .map((c) => alphabet[c] ?? '')
        .join('');
      const words = (t: string) => t.split(/\s+/).filter((w) => w !== '');
      return {
        wordEdits: [edits(words(label), words(text))],
        words: [words(label).length],
        letterEdits: [edits([...label], [...text])],
        letters: [[...label].length],
      };
    },
    result({ wordEdits = [], words = [], letterEdits = [], letters = [] }) {
      const rate = (edit: readonly unknown[], count: readonly unknown[]) => {
        const each = edit.map((e, i) => (e as number) / Math.max(count[i] as number, 1));
        const { value, low, high } = pooledInterval(sum(edit as number[]) / sum(count as number[]), each);
        return { value, low: Math.max(low, 0), high };
      };
      return [
        { metric: 'word error rate', kind: 'share', isGain: false, ...rate(wordEdits, words) },
        { metric: 'character error rate', kind: 'share', isGain: false, ...rate(letterEdits, letters) },
      ];
    },
  };
}

function greedy(scores: Float32Array, size: number, blank: number): number[] {
  const out: number[] = [];
  let last = -1;
  for (let at = 0; at + size <= scores.length; at += size) {
    const best = highest(scores.subarray(at, at + size));
    if (best !== last && best !== blank) out.push(best);
    last = best;
  }
  return out;
}

/** Fewest insertions, deletions and substitutions. Source: Levenshtein (1966). */
function edits(wanted: readonly string[], got: readonly string[]): number {
  let row = got.map((_, j) => j + 1);
  row.unshift(0);
  for (const [i, a] of wanted.entries()) {
    const next = [i + 1];
    for (const [j, b] of got.entries())
      next.push(Math.min((row[j] as number) + (a === b ? 0 : 1), (row[j + 1] as number) + 1, (next[j] as number) + 1));
    row = next;
  }
  return row.at(-1) as number;
}
