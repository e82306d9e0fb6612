import type { Graph, Node } from '../ir/graph.js';
import { addNode } from '../ops/build.js';
import { operandRules } from '../schema/operand-types.gen.js';
import { definePass, type Pass } from './define.js';
import { optionsOf } from './match.js';
import { rewrite } from './replace.js';
import { removeUnused } from './rules.js';

/** Gathers before it casts: a GATHER of a CAST that nothing else reads becomes a CAST of a GATHER. */
export function gatherBeforeCast(): Pass {
  return definePass('gather-before-cast', (graph) => {
    let changes = 0;
    for (const node of graph.nodes()) if (node.op === 'GATHER' && swap(graph, node)) changes++;
    return changes;
  });
}

function swap(graph: Graph, gather: Node): boolean {
  const [value, indices] = gather.inputs;
  const cast = value?.producer;
  const [source] = cast?.op === 'CAST' ? cast.inputs : [];
  if (!cast || !source || source === indices || !graph.hasOneUse(value)) return false;
  if (source.quantization || gather.output.quantization) return false;
  const types = operandRules.GATHER?.types[0] ?? [];
  if (types.length > 0 && !types.includes(source.dtype)) return false;
  const [gathered] = addNode(graph, gather, {
    op: 'GATHER',
    name: value.name,
    inputs: [source, indices],
    options: gather.options,
  });
  if (!rewrite(graph, gather, { op: 'CAST', inputs: [gathered], options: optionsOf(cast) })) return false;
  removeUnused(graph, [cast]);
  return true;
}
