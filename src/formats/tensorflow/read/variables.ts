import { originOf } from '../../../bytes/protobuf.js';
import { ModelError } from '../../../errors.js';
import { Constant } from '../../../ir/constant.js';
import { allocate, elementCount, isComplex, type Shape, type TensorData } from '../../../ir/tensor.js';
import type { Bundle } from './bundle.js';
import { decode } from './protos.js';
import { outputIndex, type RawBody, type RawGraph, type RawNode, type RawSource } from './raw-graph.js';
import { type Extent, eachRow } from './slices.js';

/** Where a variable's value is in a checkpoint: a tensor, or a part of one (`shape_and_slices` text, else empty). */
interface Place {
  readonly key: string;
  readonly slice: string;
}

/** What a model says of its variables, besides the graph itself. */
export interface VariableSources {
  readonly graph: RawGraph;
  readonly bundle: Bundle | undefined;
  /** Function name -> ids of the objects bound to its last arguments. */
  readonly boundInputs: ReadonlyMap<string, readonly number[]>;
  /** The node that restores a checkpoint; may be empty. */
  readonly restoreOp: string;
  /** Nodes that stand for assets -> the asset's path. */
  readonly assets: ReadonlyMap<string, Constant>;
}

/**
 * Finds the values of variables, by the name of their node. In this order:
 *
 * 1. the objects bound to a signature's function, and their keys in the checkpoint's object graph
 * 2. the function that restores a checkpoint (TensorFlow 2), or the restoring nodes of the graph (TensorFlow 1)
 * 3. a checkpoint tensor of the variable's name
 *
 * A variable that is assigned an asset's path holds that path.
 */
export function variableValues(sources: VariableSources): (variable: string) => Constant | undefined {
  const { bundle } = sources;
  const ways = [() => objectPlaces(sources, bundle), () => restorePlaces(sources), () => namePlaces(bundle)];
  /** What the ways say; a later one is asked only for a variable that the earlier ones do not know. */
  const places: Map<string, Place>[] = [];
  let paths: Map<string, Constant> | undefined;
  const found = new Map<string, Constant | undefined>();
  const find = (variable: string): Constant | undefined => {
    paths ??= assignedPaths(sources);
    const path = paths.get(variable);
    if (path || !bundle) return path;
    for (const [i, way] of ways.entries()) {
      places[i] ??= way();
      const place = places[i]?.get(variable);
      if (place && bundle.has(place.key)) return slicedTensor(bundle, place, variable);
    }
    return bundle.has(variable) ? bundle.tensor(variable) : undefined;
  };
  return (variable) => {
    if (!found.has(variable)) found.set(variable, find(variable));
    return found.get(variable);
  };
}

const OBJECT_GRAPH = '_CHECKPOINTABLE_OBJECT_GRAPH';

function objectGraph(bundle: Bundle | undefined) {
  if (!bundle?.has(OBJECT_GRAPH)) return undefined;
  const [bytes] = bundle.tensor(OBJECT_GRAPH).data();
  if (!(bytes instanceof Uint8Array)) return undefined;
  return decode('TrackableObjectGraph', bytes, originOf(`checkpoint tensor ${OBJECT_GRAPH}`, bytes));
}

function objectPlaces({ graph, boundInputs }: VariableSources, bundle: Bundle | undefined): Map<string, Place> {
  const places = new Map<string, Place>();
  const objects = objectGraph(bundle)?.nodes ?? [];
  for (const node of graph.main.nodes.values()) {
    if (!/^(Stateful)?PartitionedCall$/.test(node.op)) continue;
    const bound = boundInputs.get(graph.detailsOf(node).attrs.func('f'));
    if (!bound || bound.length > node.inputs.length) continue;
    node.inputs.slice(node.inputs.length - bound.length).forEach((source, k) => {
      const values = objects[bound[k] as number]?.attributes.find((a) => a.name === 'VARIABLE_VALUE');
      if (values) places.set(source.node, { key: values.checkpointKey, slice: '' });
    });
  }
  return places;
}

function namePlaces(bundle: Bundle | undefined): Map<string, Place> {
  const places = new Map<string, Place>();
  for (const { attributes } of objectGraph(bundle)?.nodes ?? [])
    for (const { name, fullName, checkpointKey } of attributes)
      if (name === 'VARIABLE_VALUE' && fullName) places.set(fullName, { key: checkpointKey, slice: '' });
  return places;
}

/** What the nodes that restore a checkpoint assign to variables. */
function restorePlaces({ graph, restoreOp }: VariableSources): Map<string, Place> {
  const places = new Map<string, Place>();
  collectRestores(graph, graph.main, (name) => name, places);
  const call = graph.main.nodes.get(restoreOp.split(':')[0] as string);
  if (!call || !/^(Stateful)?PartitionedCall$/.test(call.op)) return places;
  const raw = graph.functionOf(graph.detailsOf(call).attrs.func('f'));
  const handles = new Map(raw.args.map((arg, k) => [arg.name, call.inputs[k]?.node]));
  collectRestores(graph, raw, (name) => handles.get(name), places);
  return places;
}

/** Follows identities back to the node or argument that makes a tensor. */
function traced(body: RawBody, source: RawSource | undefined): RawSource | undefined {
  let at = source;
  for (let steps = 0; at && steps < 100; steps++) {
    const node = body.nodes.get(at.node);
    if (node?.op !== 'Identity') return at;
    at = node.inputs[0];
  }
  return undefined;
}

function* assignments(body: RawBody): Iterable<{ target: RawSource; value: RawSource }> {
  for (const node of body.nodes.values()) {
    if (node.op !== 'Assign' && node.op !== 'AssignVariableOp') continue;
    const target = traced(body, node.inputs[0]);
    const value = traced(body, node.inputs[1]);
    if (target && value) yield { target, value };
  }
}

function collectRestores(
  graph: RawGraph,
  body: RawBody,
  variableOf: (name: string) => string | undefined,
  places: Map<string, Place>,
): void {
  for (const { target, value } of assignments(body)) {
    const restore = body.nodes.get(value.node);
    const variable = variableOf(target.node);
    if (restore?.op !== 'RestoreV2' || variable === undefined) continue;
    const index = outputIndex(graph, restore, value);
    const key = stringAt(graph, body, restore, 1, index);
    if (key !== undefined) places.set(variable, { key, slice: stringAt(graph, body, restore, 2, index) ?? '' });
  }
}

function stringAt(graph: RawGraph, body: RawBody, node: RawNode, input: number, index: number): string | undefined {
  const constant = body.nodes.get(traced(body, node.inputs[input])?.node ?? '');
  if (constant?.op !== 'Const') return undefined;
  const element = graph.detailsOf(constant).attrs.tensor('value').data()[index];
  return element instanceof Uint8Array ? new TextDecoder().decode(element) : undefined;
}

function assignedPaths({ graph, assets }: VariableSources): Map<string, Constant> {
  const paths = new Map<string, Constant>();
  if (assets.size === 0) return paths;
  for (const { target, value } of assignments(graph.main)) {
    const path = assets.get(value.node);
    if (path) paths.set(target.node, path);
  }
  return paths;
}

function slicedTensor(bundle: Bundle, { key, slice }: Place, variable: string): Constant {
  const whole = bundle.tensor(key);
  if (slice === '') return whole;
  const extents = parseSlice(slice, whole.shape, variable);
  const shape = extents.map((e) => e.length);
  return Constant.lazy(whole.dtype, shape, () => cut(whole, shape, extents));
}

/** Text such as `6 4 0,3:0,4`: the shape of the whole, then `start,length` (or `-` for all) of each axis. */
function parseSlice(text: string, whole: Shape, variable: string): Extent[] {
  const extents = (text.split(' ').at(-1) ?? '').split(':').map((part, axis) => {
    const [start, length] = part === '-' ? [0, whole[axis]] : part.split(',').map(Number);
    return { start: start ?? Number.NaN, length: length ?? Number.NaN };
  });
  const fits =
    extents.length === whole.length &&
    extents.every(({ start, length }, axis) => start >= 0 && length >= 0 && start + length <= (whole[axis] as number));
  if (fits) return extents;
  throw new ModelError('malformed-file', `a slice of [${whole}] expected, '${text}' found.`, {
    where: `variable '${variable}'`,
  });
}

/** Copies a box out of a tensor. */
function cut(whole: Constant, shape: Shape, extents: readonly Extent[]): TensorData {
  const width = isComplex(whole.dtype) ? 2 : 1;
  const from = whole.data() as Uint8Array;
  const out = allocate(whole.dtype, elementCount(shape)) as Uint8Array;
  eachRow(whole.shape, extents, (inWhole, inBox, length) => {
    out.set(from.subarray(inWhole * width, (inWhole + length) * width), inBox * width);
  });
  return out;
}
