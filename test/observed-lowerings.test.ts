import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ModelError } from '../src/errors.js';
import { lowerTensorFlow } from '../src/formats/tensorflow/lower/index.js';
import { buildGraph } from '../src/formats/tensorflow/lower/testing.js';
import type { Graph } from '../src/ir/graph.js';
import { optimizePreset } from '../src/passes/preset.js';
import { runPasses } from '../src/passes/run.js';
import { compareLines, linesOf, parseLine } from './observed/notation.js';

interface Observed {
  readonly op: string;
  readonly in: readonly string[];
  readonly note?: string;
  /** The operators it became; absent when it needs others than builtin ones. */
  readonly builtin?: readonly string[];
  readonly needs?: string;
}

/** See `about` in the file. */
interface Differences {
  readonly structure: Readonly<Record<string, string>>;
  readonly beyond: readonly string[];
  readonly outOfScope: Readonly<Record<string, string>>;
}

const data = <T>(name: string): T => JSON.parse(readFileSync(new URL(`data/${name}`, import.meta.url), 'utf8')) as T;
const observed = data<{ tf_ops: readonly Observed[] }>('observed-lowerings.json').tf_ops;
const { cases } = data<{ cases: Record<string, string | readonly string[]> }>('observed-cases.json');
const differences = data<Differences>('observed-differences.json');

const keyOf = ({ op, note }: Observed): string => (note ? `${op} ${note}` : op);

function stepsOf(entry: Observed): readonly string[] {
  const steps = cases[keyOf(entry)] ?? `${entry.op}(${entry.in.map((_, i) => `$${i}`).join(', ')})`;
  return typeof steps === 'string' ? [steps] : steps;
}

function differencesOf(entry: Observed): string[] {
  const model = lowerTensorFlow(buildGraph(entry.in, stepsOf(entry)));
  runPasses(model, optimizePreset, { verify: true });
  return compareLines(linesOf(model.graphs[0] as Graph), (entry.builtin ?? []).map(parseLine));
}

function isLowered(entry: Observed): boolean {
  try {
    lowerTensorFlow(buildGraph(entry.in, stepsOf(entry)));
    return true;
  } catch (error) {
    if (error instanceof ModelError) return false;
    throw error;
  }
}

const covered = observed.filter((e) => e.builtin && differences.outOfScope[keyOf(e)] === undefined);

describe('lowering of single operations', () => {
  it.each(covered.map((entry) => [keyOf(entry), entry] as const))(
    '%s becomes what the reference makes of it',
    (key, entry) => {
      const found = differencesOf(entry);
      if (differences.structure[key] === undefined) expect(found).toEqual([]);
      else expect(found).not.toEqual([]);
    },
  );

  it('goes beyond the reference in the cases that are listed, and in no others', () => {
    const beyond = observed.filter((e) => e.needs && isLowered(e)).map(keyOf);
    expect(beyond.sort()).toEqual([...differences.beyond].sort());
  });

  it('matches the reference in at least 95 % of the cases', () => {
    const known = covered.filter((e) => differences.structure[keyOf(e)] !== undefined).length;
    expect(known / covered.length).toBeLessThan(0.05);
  });
});
