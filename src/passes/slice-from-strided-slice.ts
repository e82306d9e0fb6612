import { Constant } from '../ir/constant.js';
import { type Graph, type Node, Value } from '../ir/graph.js';
import { definePass, type Pass } from './define.js';
import { integersOf, optionsOf } from './match.js';
import { rewrite } from './replace.js';

/**
 * A STRIDED_SLICE with steps of 1, constant bounds and no masks becomes a SLICE. Bounds behind the end are cut, so the
 * sizes must be known.
 */
export function sliceFromStridedSlice(): Pass {
  return definePass('slice-from-strided-slice', (graph) => {
    let changes = 0;
    for (const node of graph.nodes()) if (node.op === 'STRIDED_SLICE' && convert(graph, node)) changes++;
    return changes;
  });
}

function convert(graph: Graph, node: Node): boolean {
  const [x, ...operands] = node.inputs;
  const [begin, end, strides] = operands.map(integersOf);
  const { beginMask, endMask, newAxisMask, shrinkAxisMask, ellipsisMask, offset } = optionsOf(node);
  if (beginMask || endMask || newAxisMask || shrinkAxisMask || ellipsisMask || offset) return false;
  if (!x?.shape || !begin || !end || !strides?.every((n) => n === 1) || begin.length !== x.shape.length) return false;
  const spans = x.shape.map((size, i) => span(size, begin[i], end[i]));
  if (spans.some((s) => s === undefined)) return false;
  const all = spans as Span[];
  const operand = (name: string, values: number[]) =>
    Value.constant(`${node.output.name}/${name}`, Constant.i32(values));
  return rewrite(graph, node, {
    op: 'SLICE',
    inputs: [
      x,
      operand(
        'begin',
        all.map((s) => s.from),
      ),
      operand(
        'size',
        all.map((s) => s.size),
      ),
    ],
  });
}

interface Span {
  readonly from: number;
  readonly size: number;
}

/** What `begin:end` means on an axis of known size. */
function span(size: number, begin: number | undefined, end: number | undefined): Span | undefined {
  if (begin === undefined || end === undefined || size < 0) return undefined;
  const clamp = (at: number) => Math.min(Math.max(at < 0 ? at + size : at, 0), size);
  const from = clamp(begin);
  return { from, size: Math.max(0, clamp(end) - from) };
}
