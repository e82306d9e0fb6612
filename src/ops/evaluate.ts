import { ModelError } from '../errors.js';
import type { Graph, Node, Value } from '../ir/graph.js';
import { printType } from '../ir/print.js';
import { elementCount, isStatic, type Tensor } from '../ir/tensor.js';
import { knownElements, requireOp, withNode } from './build.js';
import { TRACKED } from './elements.js';
import { zeroData } from './view.js';

/**
 * Runs a graph with the reference kernels: slow and plain, for checking and folding. `inputs` are in the order of the
 * graph's; the result in the order of its outputs. Values are dropped after their last reader.
 * @throws {ModelError} `unsupported` for an operator without a reference kernel, `invalid-data` for inputs that do not fit.
 */
export function evaluateGraph(graph: Graph, inputs: readonly Tensor[]): Tensor[] {
  const tensors = new Map<Value, Tensor>();
  for (const [i, value] of graph.inputs.entries()) tensors.set(value, checkInput(value, inputs[i]));
  const readers = new Map<Value, number>();
  for (const node of graph.nodes())
    for (const value of node.inputs) if (value) readers.set(value, (readers.get(value) ?? 0) + 1);
  for (const node of graph.nodes()) {
    const results = runNode(node, tensors);
    for (const [i, value] of node.outputs.entries()) if (results[i]) tensors.set(value, results[i]);
    for (const value of node.inputs) {
      if (!value) continue;
      const left = (readers.get(value) ?? 0) - 1;
      readers.set(value, left);
      if (left === 0 && !graph.isOutput(value)) tensors.delete(value);
    }
  }
  return graph.outputs.map((value) => tensorOf(value, tensors));
}

function checkInput(value: Value, tensor: Tensor | undefined): Tensor {
  const where = `input '${value.name}'`;
  if (!tensor) throw new ModelError('invalid-data', 'expected a tensor, got none', { where });
  const fits =
    value.shape?.length === tensor.shape.length && value.shape.every((d, i) => d < 0 || d === tensor.shape[i]);
  if (tensor.dtype !== value.dtype || (value.shape && !fits))
    throw new ModelError('invalid-data', `expected ${printType(value)}, got ${printType(tensor)}`, { where });
  return tensor;
}

function tensorOf(value: Value, tensors: ReadonlyMap<Value, Tensor>): Tensor {
  const tensor = tensors.get(value) ?? value.constant?.tensor() ?? initialState(value);
  if (!tensor)
    throw new ModelError('invalid-graph', `'${value.name}' has no value: nothing computes it before it is read`);
  return value.quantization && !tensor.quantization ? { ...tensor, quantization: value.quantization } : tensor;
}

/** Variable tensors start as zeros: quantized ones with their zero point. */
function initialState(value: Value): Tensor | undefined {
  const { isVariable, dtype, shape } = value;
  return isVariable && isStatic(shape) ? { dtype, shape, data: zeroData(value, elementCount(shape)) } : undefined;
}

function runNode(node: Node, tensors: ReadonlyMap<Value, Tensor>): readonly Tensor[] {
  return withNode(node.customCode ?? node.op, node.name, () => {
    const op = requireOp(node.op);
    if (!op.reference) throw new ModelError('unsupported', 'no reference kernel runs this operator');
    const inputs = node.inputs.map((v) => v && tensorOf(v, tensors));
    return op.reference(inputs, actualTypes(node, inputs), node.options, intermediatesOf(node));
  });
}

/** The tensors inside a node that only its kernel knows; a file gives their scales. */
export const intermediatesOf = ({ extra }: Node): readonly (Value | undefined)[] =>
  (extra as { readonly intermediates?: readonly (Value | undefined)[] } | undefined)?.intermediates ?? [];

/** The types of a node's outputs for the tensors that it really gets; sizes that depend on data stay -1. */
function actualTypes(node: Node, inputs: readonly (Tensor | undefined)[]) {
  if (node.outputs.every((v) => isStatic(v.shape))) return node.outputs;
  const known = inputs.map((tensor, i) => {
    const value = node.inputs[i];
    if (!tensor || !value) return undefined;
    const isSmall = tensor.data.length <= TRACKED && tensor.dtype !== 'string';
    const numbers = () => Array.from(tensor.data as ArrayLike<number | bigint>, Number);
    return { dtype: tensor.dtype, shape: tensor.shape, elements: isSmall ? numbers() : knownElements(value) };
  });
  const op = requireOp(node.op);
  return op.infer(known, node.options).map((type, i) => {
    const output = node.outputs[i];
    const dtype = op.choosesType && output ? output.dtype : type.dtype;
    return { ...type, dtype, quantization: output?.quantization };
  });
}
