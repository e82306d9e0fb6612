import { ModelError } from '../errors.js';
import { Constant } from '../ir/constant.js';
import { Graph, Node, Value, type ValueType } from '../ir/graph.js';
import { isStatic, type Shape } from '../ir/tensor.js';
import { foldNode, knownValue, withNode } from '../ops/build.js';
import { findOp } from '../ops/registry.js';
import { checkInputs, checkOutputs } from '../ops/verify.js';
import { dequantizedBlocks } from './blockwise.js';
import { asBuiltin, customTypes } from './custom-ops.js';
import { isRow, listUpdate } from './list-updates.js';
import { isOpened, loopShapes, mayGrow } from './loop-shapes.js';
import { atNode } from './node-errors.js';
import { noteSource } from './sources.js';

/** Loops within loops that are looked into. */
const MAX_LOOPS = 4;

/** The graphs of the model, by index, as far as they are to be looked into. */
export type GraphOf = (index: number) => Graph | undefined;

/**
 * A copy of a graph for inputs of known shapes: types are inferred anew, and what is constant then is folded (shapes,
 * dequantized weights). Lists whose rows are replaced get an operator that keeps their size known. `shapes` are in the
 * order of the graph's inputs. `graphOf` gives the bodies of loops, which tell what grows; `depth`
 * counts the loops around it. The original is not touched.
 * @throws {ModelError} `invalid-graph` when the shapes do not fit the operators.
 */
export function specialize(
  graph: Graph,
  shapes: readonly (Shape | undefined)[],
  graphOf: GraphOf = () => undefined,
  depth = 0,
): Graph {
  const copy = new Graph(graph.name);
  const values = new Map<Value, Value>();
  for (const [i, input] of graph.inputs.entries()) {
    // A file may hold elements of an input, too: those that are fed count.
    const value = new Value(input.name, input.dtype, shapes[i]);
    value.quantization = input.quantization;
    value.isVariable = input.isVariable;
    values.set(input, value);
    copy.inputs.push(value);
  }
  const mapped = (value: Value): Value => {
    const known = values.get(value);
    if (known) return known;
    if (!value.constant && !value.isVariable)
      throw new ModelError('invalid-graph', `'${value.name}' is read before anything computes it`);
    const made = described(value, value);
    values.set(value, made);
    return made;
  };
  /** What the ends of list updates read, which may serve nobody any more. */
  const replaced: (Value | undefined)[] = [];
  for (const node of graph.nodes())
    atNode(node, () => {
      const inputs = node.inputs.map((v) => v && mapped(v));
      const updated = updatedList(copy, node, mapped);
      if (updated) replaced.push(...inputs);
      const outputs = updated ?? copyNode(copy, node, inputs);
      if (!updated && depth < MAX_LOOPS && mayGrow(node)) leaveOpen(node, outputs, graphOf, depth + 1);
      for (const [i, output] of node.outputs.entries()) values.set(output, outputs[i] as Value);
    });
  for (const output of graph.outputs) copy.outputs.push(mapped(output));
  for (const value of replaced) if (value) removeUnused(copy, value);
  return copy;
}

/** The list with one row replaced, when the node is the end of such an update. */
function updatedList(copy: Graph, node: Node, mapped: (value: Value) => Value): readonly Value[] | undefined {
  const update = listUpdate(node);
  if (!update) return undefined;
  const [list, item] = [mapped(update.list), mapped(update.item)];
  const from = [mapped(update.index), mapped(update.zeros)];
  if (!isRow(item, list) || from[0]!.constant || from[1]!.dtype !== from[0]!.dtype) return undefined;
  const place = new Value(`${node.name}/start`, from[0]!.dtype, [list.shape!.length]);
  const join = new Node({ op: 'CONCATENATION', name: node.name, inputs: from, outputs: [place], options: { axis: 0 } });
  const start = copyNode(copy, join, from);
  const outputs = [new Value(node.output.name, list.dtype, list.shape)];
  const inputs = [list, item, start[0]];
  outputs[0]!.quantization = node.output.quantization;
  copy.append({ op: 'DYNAMIC_UPDATE_SLICE', name: node.name, inputs, outputs });
  return outputs;
}

/** Makes the sizes unknown that a loop changes. */
function leaveOpen(node: Node, outputs: readonly Value[], graphOf: GraphOf, depth: number): void {
  const body = graphOf(Number(node.options.bodySubgraphIndex));
  if (body?.inputs.length !== outputs.length) return;
  const begin = outputs.map(({ shape }, i) => shape?.map((d, axis) => (isOpened(node, i, axis) ? -1 : d)));
  const shapes = loopShapes(begin, (given) => specialize(body, given, graphOf, depth).outputs.map((v) => v.shape));
  for (const [i, output] of outputs.entries()) output.shape = shapes[i];
}

function removeUnused(graph: Graph, value: Value): void {
  const node = value.producer;
  if (!node || node.outputs.some((v) => v.uses.length > 0 || graph.isOutput(v))) return;
  const inputs = [...node.inputs];
  graph.remove(node);
  for (const input of inputs) if (input) removeUnused(graph, input);
}

/** A new value of that type that has everything else of `source`. */
function described(source: Value, { dtype, shape }: ValueType): Value {
  const blocks = dequantizedBlocks(source);
  if (blocks) return Value.constant(source.name, blocks);
  const value = new Value(source.name, dtype, shape);
  value.constant = source.constant;
  value.quantization = source.quantization;
  value.isVariable = source.isVariable;
  return value;
}

function copyNode(graph: Graph, node: Node, inputs: readonly (Value | undefined)[]): readonly Value[] {
  const builtin = asBuiltin(node, inputs);
  if (builtin) return copyNode(graph, builtin, builtin.inputs);
  const op = findOp(node.op);
  if (op && !node.customCode) checkInputs(op, node);
  const spec = { op: node.op, name: node.name, inputs, options: node.options };
  const folded = op && (rescaled(node, inputs) ?? foldNode(spec));
  if (folded)
    return folded.map((value, i) => {
      value.name = node.outputs[i]?.name ?? value.name;
      value.quantization = node.outputs[i]?.quantization;
      return value;
    });
  const known = inputs.map((v) => v && knownValue(v));
  const types = op && !node.customCode ? op.infer(known, node.options) : customTypes(node);
  checkOutputs(node, types);
  const elements = types.length > 0 && !node.customCode ? op?.elements(known, node.options) : undefined;
  const outputs = node.outputs.map((output, i) => {
    const type = types[i];
    const dtype = type && !op?.choosesType ? type.dtype : output.dtype;
    const shape = type ? type.shape : isStatic(output.shape) ? output.shape : undefined;
    const value = described(output, { dtype, shape: refined(shape, output.shape) });
    value.partial = elements?.[i];
    return value;
  });
  graph.append({
    op: node.op,
    name: node.name,
    inputs,
    outputs,
    options: { ...op?.defaults, ...node.options },
    ...(node.customCode !== undefined && { customCode: node.customCode }),
    ...(node.customOptions && { customOptions: node.customOptions }),
    ...(node.extra && { extra: node.extra }),
  });
  return outputs;
}

/** Where inference does not know a shape, what the file says, if that is static. */
const refined = (inferred: Shape | undefined, recorded: Shape | undefined): Shape | undefined =>
  inferred ?? (isStatic(recorded) ? recorded : undefined);

/** The floats of quantized weights and the integers of float ones, computed when a kernel packs them. */
function rescaled(node: Node, [input]: readonly (Value | undefined)[]): Value[] | undefined {
  if (node.op !== 'DEQUANTIZE' && node.op !== 'QUANTIZE' && node.op !== 'DENSIFY') return undefined;
  const op = findOp(node.op);
  const constant = input?.constant;
  const output = node.outputs[0];
  if (!constant || !op?.reference || !output) return undefined;
  const run = op.reference;
  const types = op.infer([knownValue(input)], node.options);
  const type = { dtype: output.dtype, shape: types[0]?.shape ?? constant.shape, quantization: output.quantization };
  if (!isStatic(type.shape)) return undefined;
  const tensor = () => ({ ...constant.tensor(), quantization: input.quantization });
  const read = () => {
    const [result] = withNode(node.op, node.name, () => run([tensor()], [type], node.options));
    if (!result) throw new ModelError('invalid-graph', 'the kernel gave nothing');
    return result.data;
  };
  const made = Constant.lazy(type.dtype, type.shape, read);
  noteSource(made, constant);
  return [Value.constant(output.name, made)];
}
