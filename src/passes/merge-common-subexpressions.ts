import { ContentIndex } from '../bytes/content.js';
import type { Constant } from '../ir/constant.js';
import type { Graph, Node, Options, OptionValue, Value } from '../ir/graph.js';
import { findOp } from '../ops/registry.js';
import { definePass, type Pass } from './define.js';
import { canReplace, replaceNode } from './replace.js';

/** Constants up to this many elements are compared with all others. */
const COMPARED = 256;

/**
 * Computes the same thing only once:
 *
 * 1. equal small constants become one, and so do the tensors of one large constant and equal large ones of one name:
 *    what became of weights that nodes share, each in its own way;
 * 2. of nodes with the same operator, inputs and options the first stays. Operators with effects, and those that keep
 *    state, are left alone, and so is a node whose result leaves the graph beside that of the first.
 */
export function mergeCommonSubexpressions(): Pass {
  return definePass('merge-common-subexpressions', (graph) => mergeConstants(graph) + mergeNodes(graph));
}

function mergeConstants(graph: Graph): number {
  const known = new Map<string, Value>();
  const namesakes = new ContentIndex<Constant>((constant) => constant.bytes());
  let changes = 0;
  for (const node of graph.nodes())
    for (const [index, value] of node.inputs.entries()) {
      const key = value && constantKey(value, namesakes);
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

/** Keys of constants, which never change. */
const keys = new WeakMap<Constant, string>();
let nextKey = 0;

function constantKey(value: Value, namesakes: ContentIndex<Constant>): string | undefined {
  const { constant } = value;
  if (!constant || value.quantization || value.isVariable || value.extra) return undefined;
  if (constant.dtype === 'string') return undefined;
  const type = `${constant.dtype} [${constant.shape}]`;
  if (constant.count <= COMPARED) return keyOf(constant, () => `${type} ${constant.bytes().join()}`);
  // Only namesakes are read for this: most large constants are like no other.
  const first = namesakes.firstEqual(`${type} ${value.name}`, constant);
  return keyOf(constant, () => keyOf(first, () => `large ${nextKey++}`));
}

function keyOf(constant: Constant, make: () => string): string {
  const key = keys.get(constant) ?? make();
  keys.set(constant, key);
  return key;
}

function mergeNodes(graph: Graph): number {
  const ids = new Map<Value, number>();
  const known = new Map<string, Node[]>();
  let changes = 0;
  for (const node of graph.nodes()) {
    const key = nodeKey(node, ids);
    if (key === undefined) continue;
    const alike = known.get(key);
    if (!alike) {
      known.set(key, [node]);
      continue;
    }
    const options = optionsKey(node);
    const first = alike.find((n) => optionsKey(n) === options);
    if (!first) alike.push(node);
    else if (node.outputs.every((from, i) => canReplace(graph, from, first.outputs[i] as Value))) {
      replaceNode(graph, node, first.outputs);
      changes++;
    }
  }
  return changes;
}

/** Operator and inputs. */
function nodeKey(node: Node, ids: Map<Value, number>): string | undefined {
  const op = findOp(node.op);
  if (!op || op.impure || node.customCode !== undefined || node.outputs.length === 0) return undefined;
  let key = node.op;
  for (const value of node.inputs) {
    if (value?.isVariable) return undefined;
    let id = value ? ids.get(value) : -1;
    if (id === undefined) {
      id = ids.size;
      ids.set(value as Value, id);
    }
    key += ` ${id}`;
  }
  return node.outputs.some((v) => v.isVariable) ? undefined : key;
}

function optionsKey(node: Node): string {
  const options: Options = { ...findOp(node.op)?.defaults, ...node.options };
  const text = (value: OptionValue | undefined): string =>
    typeof value === 'object' ? `[${Array.from(value as ArrayLike<OptionValue>, text)}]` : `${typeof value} ${value}`;
  return Object.keys(options)
    .sort()
    .map((name) => `${name}: ${text(options[name])}`)
    .join();
}
