import { ModelError } from '../../../errors.js';
import type { DType, Shape } from '../../../ir/tensor.js';
import type { TfAttrValue, TfGraph, TfNode, TfPort, TfTensorRef } from '../graph.js';
import { attrsOf } from './attrs.js';
import { findOp } from './op-registry.js';
import { decodedShape } from './ports.js';
import { mainSource } from './raw-graph.js';

/** Where a graph shall begin and end: tensors by the names of nodes, `name` or `name:index`. */
export interface CutPlaces {
  readonly inputs?: readonly string[] | undefined;
  readonly outputs?: readonly string[] | undefined;
  /** Shapes of the new inputs, by the name they are given. */
  readonly inputShapes: Readonly<Record<string, Shape>>;
}

/** Names that are listed in an error. */
const LISTED = 8;

/**
 * The part of a graph between the given tensors: an inner one becomes an input in place of what computed it, or the
 * output. What that leaves without a reader is gone, inputs included.
 * @throws {ModelError} `not-found` for names that the graph does not have.
 */
export function cutAt(graph: TfGraph, places: CutPlaces): TfGraph {
  const byName = new Map(graph.nodes.map((node) => [node.name, node]));
  const outputs = places.outputs?.map((text) => outputPort(refOf(byName, text), text)) ?? graph.signature.outputs;
  const begins = (places.inputs ?? []).map((text) => ({ text, ref: refOf(byName, text) }));
  const made = new Map<TfNode, TfNode>();
  const stands = begins.map(({ text, ref }) => ({ ref, port: inputPort(ref, text, places.inputShapes[text]) }));
  const replaced = ({ node, index }: TfTensorRef): TfTensorRef => {
    const stand = stands.find(({ ref }) => ref.node === node && ref.index === index);
    return stand?.port.ref ?? { node: made.get(node) ?? node, index };
  };
  // In order, so that what a node reads has been made anew before it.
  const nodes = graph.nodes.map((node) => {
    const inputs = node.inputs.map(replaced);
    if (inputs.every((ref, i) => ref.node === node.inputs[i]?.node)) return node;
    const copy: TfNode = { ...node, inputs };
    made.set(node, copy);
    return copy;
  });
  const ends = outputs.map((port) => ({ ...port, ref: replaced(port.ref) }));
  const effects = graph.effects.map((node) => made.get(node) ?? node);
  const needed = reachable([...ends.map((e) => e.ref.node), ...effects]);
  const before = graph.signature.inputs.filter((port) => needed.has(port.ref.node));
  const after = stands.map((s) => s.port).filter((port) => needed.has(port.ref.node));
  return {
    ...graph,
    signature: { ...graph.signature, inputs: [...before, ...after], outputs: ends },
    nodes: [...after.map((port) => port.ref.node), ...nodes.filter((node) => needed.has(node))],
    effects,
    initializer: graph.initializer.filter((node) => needed.has(node)),
  };
}

function reachable(roots: readonly TfNode[]): Set<TfNode> {
  const found = new Set(roots);
  for (const node of found) for (const { node: source } of node.inputs) found.add(source);
  return found;
}

function refOf(byName: ReadonlyMap<string, TfNode>, text: string): TfTensorRef {
  const { node: name, index } = mainSource(text);
  const node = byName.get(name);
  if (node) return { node, index };
  const ending = [...byName.keys()].filter((n) => n.endsWith(`/${name}`) || n.includes(name)).slice(0, LISTED);
  const hint = ending.length > 0 ? ` Did you mean ${ending.map((n) => `'${n}'`).join(', ')}?` : '';
  throw new ModelError('not-found', `a node of the graph expected, there is no '${name}'.${hint}`);
}

const typeOf = ({ node, index }: TfTensorRef): DType => node.outputTypes?.[index] ?? 'f32';

function outputPort(ref: TfTensorRef, text: string): TfPort {
  return { name: text, tensorName: text, ref, dtype: typeOf(ref), shape: ref.node.outputShapes?.[ref.index] };
}

/** A placeholder in place of a tensor. */
function inputPort(ref: TfTensorRef, text: string, given: Shape | undefined): TfPort {
  const dtype = typeOf(ref);
  const shape = given ?? ref.node.outputShapes?.[ref.index] ?? decodedShape(ref.node, ref.node.attrs, ref.index);
  const attrs: Record<string, TfAttrValue> = {
    dtype: { kind: 'type', value: dtype },
    shape: { kind: 'shape', value: shape },
  };
  const node: TfNode = {
    name: `${text}/input`,
    op: 'Placeholder',
    inputs: [],
    attrs: attrsOf(`Placeholder '${text}'`, attrs, findOp('Placeholder')),
    outputTypes: [dtype],
    outputShapes: [shape],
  };
  return { name: text, tensorName: text, ref: { node, index: 0 }, dtype, shape };
}
