import { join } from 'node:path';
import { diffLines } from '../ir/diff.js';
import type { Graph } from '../ir/graph.js';
import { printGraph } from '../ir/print.js';
import { writeFileAtomically } from '../node/files.js';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Writes `00-read.ir`, then for every pass that changed a graph `01-<pass>.ir` and a `.diff` beside it, into a folder. */
export function irDumper(folder: string): (pass: string, changes: number, graph: Graph) => void {
  const before = new Map<Graph, string>();
  let count = 0;
  return (pass, changes, graph) => {
    if (pass !== 'read' && changes === 0) return;
    const text = printGraph(graph);
    const suffix = graph.name === 'main' ? '' : `.${graph.name.replace(/[^\w.-]/g, '_')}`;
    const name = join(folder, `${String(count++).padStart(2, '0')}-${pass}${suffix}`);
    writeFileAtomically(`${name}.ir`, [encode(text)]);
    const old = before.get(graph);
    if (old !== undefined) writeFileAtomically(`${name}.diff`, [encode(diffLines(old, text))]);
    before.set(graph, text);
  };
}
