import { ModelError } from '../errors.js';
import type { Graph, Node, ValueType } from '../ir/graph.js';
import { printType } from '../ir/print.js';
import { verifyGraph } from '../ir/verify.js';
import { knownValue, withNode } from './build.js';
import type { Op } from './define.js';
import { findOp } from './registry.js';

/**
 * Checks a graph with what is known of its operators: it holds together, the inputs fit the operators, and the recorded
 * types agree with the inferred ones (either may know a size that the other does not). Unknown operators pass.
 * @throws {ModelError} `invalid-graph`, naming the node.
 */
export function verifyOps(graph: Graph): void {
  verifyGraph(graph);
  for (const node of graph.nodes()) withNode(node.op, node.name, () => verifyNode(node));
}

function verifyNode(node: Node): void {
  const op = findOp(node.op);
  if (!op) return;
  checkInputs(op, node);
  const types = op.infer(
    node.inputs.map((v) => v && knownValue(v)),
    node.options,
  );
  checkOutputs(node, types);
  if (types.length === 0) return;
  for (const [i, value] of node.outputs.entries()) {
    const type = op.choosesType ? { ...(types[i] as ValueType), dtype: value.dtype } : (types[i] as ValueType);
    if (!agree(value, type))
      throw new ModelError(
        'invalid-graph',
        `output '${value.name}' should be ${printType(type)}, is ${printType(value)}`,
      );
  }
}

/** @throws {ModelError} `invalid-graph` when an input is missing, or there are more than the operator takes. */
export function checkInputs(op: Op, { inputs }: Pick<Node, 'inputs'>): void {
  const isList = op.inputs.at(-1)?.endsWith('*') ?? false;
  for (const [i, argument] of op.inputs.entries())
    if (!/[?*]$/.test(argument) && !inputs[i]) throw new ModelError('invalid-graph', `input '${argument}' is missing`);
  if (inputs.length > op.inputs.length && !isList)
    throw new ModelError('invalid-graph', `expected at most ${op.inputs.length} inputs, got ${inputs.length}`);
}

/** @throws {ModelError} `invalid-graph` when inference gives more or fewer types than the node has outputs. */
export function checkOutputs({ outputs }: Node, types: readonly ValueType[]): void {
  if (types.length > 0 && types.length !== outputs.length)
    throw new ModelError('invalid-graph', `expected ${types.length} outputs, got ${outputs.length}`);
}

/** True when one value can have both types. */
function agree(a: ValueType, b: ValueType): boolean {
  if (a.dtype !== b.dtype) return false;
  if (!a.shape || !b.shape) return true;
  return (
    a.shape.length === b.shape.length &&
    a.shape.every((d, i) => d < 0 || (b.shape?.[i] ?? -1) < 0 || d === b.shape?.[i])
  );
}
