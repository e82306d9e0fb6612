import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { diffLines } from '../src/ir/diff.js';
import type { Graph } from '../src/ir/graph.js';
import { evaluateGraph } from '../src/ops/evaluate.js';
import { parseGraphs, printGraphs } from '../src/ops/text.js';
import { verifyOps } from '../src/ops/verify.js';
import type { Pass } from '../src/passes/define.js';
import { describeMove, evaluated, seededInputs } from '../src/passes/numerics.js';

/**
 * Every `test/golden/<pass>.<number>.txt` holds a true sentence, `===`, a graph, and, unless nothing may change, `@@@` and
 * the graph after the pass. `UPDATE_GOLDEN=1` writes what the passes do now into the files.
 */
const folder = new URL('./golden/', import.meta.url);
const update = process.env.UPDATE_GOLDEN !== undefined;

interface Golden {
  readonly file: string;
  readonly sentence: string;
  readonly before: string;
  readonly after: string | undefined;
}

function readGolden(file: string): Golden {
  const [sentence = '', rest = ''] = split(readFileSync(new URL(file, folder), 'utf8'), '===');
  const [before = '', after] = split(rest, '@@@');
  return { file, sentence: sentence.trim(), before, after };
}

const split = (text: string, line: string): string[] => text.split(new RegExp(`^${line}\\n`, 'm'));

/** The pass of a golden file: `fold-constants.01.txt` is made by `foldConstants()` of `src/passes/fold-constants.ts`. */
async function passOf(name: string): Promise<Pass> {
  const module = (await import(`../src/passes/${name}.ts`)) as Record<string, () => Pass>;
  const make = module[name.replace(/-(.)/g, (_, c: string) => c.toUpperCase())];
  if (!make) throw new Error(`src/passes/${name}.ts exports no pass`);
  return make();
}

/** The outputs for seeded inputs, unknown sizes being 3; undefined when some operator has no reference kernel. */
function outputsOf(graph: Graph) {
  const sized = seededInputs(graph, (value) => value.shape?.map((d) => (d < 0 ? 3 : d)));
  return evaluated(() => evaluateGraph(graph, sized));
}

function check(pass: Pass, { file, sentence, before, after }: Golden): void {
  const graphs = parseGraphs(before);
  const start = printGraphs(graphs);
  for (const graph of graphs) verifyOps(graph);
  const outputs = graphs.map(outputsOf);
  const names = graphs.map((g) => g.outputs.map((v) => v.name));
  const changes = graphs.reduce((n, graph) => n + pass.run(graph), 0);
  const text = printGraphs(graphs);
  if (update) writeFileSync(new URL(file, folder), `${sentence}\n===\n${start}${text === start ? '' : `@@@\n${text}`}`);
  else expect(text, `${file}: ${sentence}\n${diffLines(after ?? before, text)}`).toBe(after ?? before);
  expect(changes > 0, `${pass.name} returned ${changes} changes`).toBe(text !== start);
  expect(graphs.map((g) => g.outputs.map((v) => v.name))).toEqual(names);
  for (const [i, graph] of graphs.entries()) {
    verifyOps(graph);
    const now = outputs[i] && outputsOf(graph);
    if (outputs[i] && now) expect(describeMove(outputs[i], now)).toBeUndefined();
  }
  expect(
    graphs.reduce((n, graph) => n + pass.run(graph), 0),
    'changes of a second run',
  ).toBe(0);
  expect(printGraphs(graphs)).toBe(text);
}

const goldens = readdirSync(folder)
  .filter((file) => file.endsWith('.txt'))
  .map(readGolden);
const passNames = new Set(goldens.map(({ file }) => file.split('.')[0] as string));
for (const name of passNames)
  describe(name, () => {
    for (const golden of goldens)
      if (golden.file.startsWith(`${name}.`))
        it(`${golden.sentence} (${golden.file})`, async () => check(await passOf(name), golden));
  });
