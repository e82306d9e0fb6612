import type { Graph, Node, Options, OptionValue, Value } from '../ir/graph.js';
import { findOp } from '../ops/registry.js';
import { definePass, type Pass } from './define.js';
import { canReplace, replaceNode } from './replace.js';

/** Constants up to this many elements are compared with each other. */
const COMPARED = 256;

/**
 * Computes the same thing only once:
 *
 * 1. equal small constants become one;
 * 2. of nodes with the same operator, inputs and options the first stays. Operators with effects, and those that keep
 *    state, are left alone, and so is a node whose result leaves the graph beside that of the first.
 */
export function mergeCommonSubexpressions(): Pass {
  return definePass('merge-common-subexpressions', (graph) => mergeConstants(graph) + mergeNodes(graph));
}

function mergeConstants(graph: Graph): number {
  const known = new Map<string, Value>();
  let changes = 0;
  for (const node of graph.nodes())
    for (const [index, value] of node.inputs.entries()) {
      const key = value && constantKey(value);
      if (!value || key === undefined) continue;
      const first = known.get(key);
      if (!first) known.set(key, value);
      else if (first !== value) {
        graph.setInput(node, index, first);
        changes++;
      }
    }
  return changes;
}

function constantKey(value: Value): string | undefined {
  const { constant } = value;
  if (!constant || constant.count > COMPARED || value.quantization || value.isVariable || value.extra) return undefined;
  if (constant.dtype === 'string') return undefined;
  return `${constant.dtype} [${constant.shape}] ${constant.bytes().join()}`;
}

function mergeNodes(graph: Graph): number {
  const ids = new Map<Value, number>();
  const known = new Map<string, Node>();
  let changes = 0;
  for (const node of graph.nodes()) {
    const key = nodeKey(node, ids);
    if (key === undefined) continue;
    const first = known.get(key);
    if (!first) known.set(key, node);
    else if (node.outputs.every((from, i) => canReplace(graph, from, first.outputs[i] as Value))) {
      replaceNode(graph, node, first.outputs);
      changes++;
    }
  }
  return changes;
}

function nodeKey(node: Node, ids: Map<Value, number>): string | undefined {
  const op = findOp(node.op);
  if (!op || op.impure || node.customCode !== undefined || node.outputs.length === 0) return undefined;
  if ([...node.inputs, ...node.outputs].some((v) => v?.isVariable)) return undefined;
  const id = (value: Value | undefined) => {
    if (!value) return '_';
    if (!ids.has(value)) ids.set(value, ids.size);
    return ids.get(value);
  };
  return `${node.op}(${node.inputs.map(id)}) ${optionsKey({ ...op.defaults, ...node.options })}`;
}

function optionsKey(options: Options): string {
  const text = (value: OptionValue | undefined): string =>
    typeof value === 'object' ? `[${Array.from(value as ArrayLike<OptionValue>, text)}]` : `${typeof value} ${value}`;
  return Object.keys(options)
    .sort()
    .map((name) => `${name}: ${text(options[name])}`)
    .join();
}
