import { ModelError } from '../../../errors.js';
import { didYouMean } from '../../../ir/nearest-name.js';
import type { Shape } from '../../../ir/tensor.js';
import { dataTypes, type SignatureDef, type TensorInfo } from '../../../schema/tensorflow.gen.js';
import type { TfAttrs } from '../graph.js';
import type { PortRequest } from './flatten.js';
import { dtypeOf, dtypeOfName, shapeOf } from './protos.js';
import { mainSource, type RawBody, type RawGraph, type RawNode, type RawSource } from './raw-graph.js';

/** The inputs of a signature, in the order of the wrapped function's arguments; the outputs, sorted by name. */
export function signaturePorts(graph: RawGraph, key: string, signature: SignatureDef) {
  const where = `signature '${key}'`;
  const ports = (infos: ReadonlyMap<string, TensorInfo>): PortRequest[] =>
    [...infos].flatMap(([name, info]) => portsOf(graph, name, typed(graph, info), `${where}, tensor '${name}'`));
  const outputs = ports(signature.outputs).sort((a, b) => compareNames(a.name, b.name));
  const inputs = ports(signature.inputs).sort((a, b) => compareNames(a.name, b.name));
  const rank = argumentRanks(graph, outputs);
  const others = inputs.some(({ source }) => !rank.has(source.node)) ? [...graph.main.nodes.keys()] : [];
  const positions = new Map(others.map((name, i) => [name, i]));
  const placeOf = ({ source }: PortRequest): number =>
    rank.get(source.node) ?? rank.size + (positions.get(source.node) ?? 0);
  return { inputs: inputs.sort((a, b) => placeOf(a) - placeOf(b)), outputs };
}

/** Some writers leave out the type of a tensor: the node that makes it knows. */
function typed(graph: RawGraph, info: TensorInfo): TensorInfo {
  if (info.dtype !== 0 || !info.name) return info;
  const { node, index } = mainSource(info.name);
  const raw = graph.main.nodes.get(node);
  const dtype = raw && graph.detailsOf(raw).types?.[index];
  const number = Object.entries(dataTypes).find(([, name]) => dtype !== undefined && dtypeOfName(name) === dtype)?.[0];
  return { ...info, dtype: Number(number ?? 0) };
}

/** The shape of a tensor as its node notes it; for placeholders, the one that they ask for. */
export function notedShape(graph: RawGraph, { node, index }: RawSource): Shape | undefined {
  const raw = graph.main.nodes.get(node);
  const { attrs, shapes } = raw ? graph.detailsOf(raw) : {};
  const value = attrs?.value('shape');
  if (raw?.op.startsWith('Placeholder') && value?.kind === 'shape') return value.value;
  return shapes?.[index] ?? (raw && attrs && decodedShape(raw, attrs, index));
}

function portsOf(graph: RawGraph, name: string, info: TensorInfo, where: string): PortRequest[] {
  if (info.compositeTensor)
    return info.compositeTensor.components.flatMap((part, i) => portsOf(graph, `${name}/${i}`, part, where));
  const shape = shapeOf(info.tensorShape, where);
  const dtype = dtypeOf(info.dtype, where);
  const port = (portName: string, tensorName: string, type: typeof dtype, s: Shape | undefined): PortRequest => ({
    name: portName,
    tensorName,
    source: mainSource(tensorName),
    dtype: type,
    shape: s,
  });
  if (info.cooSparse) {
    const { valuesTensorName, indicesTensorName, denseShapeTensorName } = info.cooSparse;
    const rank = shape?.length ?? -1;
    return [
      port(`${name}/indices`, indicesTensorName, 'i64', [-1, rank]),
      port(`${name}/values`, valuesTensorName, dtype, [-1]),
      port(`${name}/dense_shape`, denseShapeTensorName, 'i64', [rank]),
    ];
  }
  if (!info.name) throw new ModelError('malformed-file', 'the name of a tensor expected, none found.', { where });
  return [port(name, info.name, dtype, shape ?? notedShape(graph, mainSource(info.name)))];
}

/** Compares names with the numbers in them as numbers: `output_2` before `output_10`. */
export function compareNames(a: string, b: string): number {
  const parts = (name: string): string[] => name.split(/(\d+)/);
  const [x, y] = [parts(a), parts(b)];
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    const [p, q] = [x[i] as string, y[i] as string];
    if (p === q) continue;
    const numbers = i % 2 === 1 && Number(p) !== Number(q);
    return numbers ? Number(p) - Number(q) : p < q ? -1 : 1;
  }
  return x.length - y.length;
}

const isCall = (node: RawNode | undefined): node is RawNode => /^(Stateful)?PartitionedCall$/.test(node?.op ?? '');

/**
 * Placeholders -> their place among the arguments of the function that a signature wraps. A signature calls a wrapper,
 * whose arguments are sorted by name; the wrapper calls the function itself, with its arguments as they were declared.
 */
function argumentRanks(graph: RawGraph, outputs: readonly PortRequest[]): Map<string, number> {
  const rank = new Map<string, number>();
  const call = outputs.map(({ source }) => graph.main.nodes.get(source.node)).find(isCall);
  if (!call) return rank;
  const name = graph.detailsOf(call).attrs.func('f');
  const order = call.inputs.map((source) => source.node);
  if (graph.hasFunction(name)) {
    const wrapper = graph.functionOf(name);
    const outer = new Map(wrapper.args.map((arg, k) => [arg.name, call.inputs[k]?.node]));
    const inner = largestCall(wrapper);
    order.unshift(...(inner?.inputs ?? []).flatMap((source) => outer.get(source.node) ?? []));
  }
  for (const node of order) if (!rank.has(node)) rank.set(node, rank.size);
  return rank;
}

function largestCall(body: RawBody): RawNode | undefined {
  let largest: RawNode | undefined;
  for (const node of body.nodes.values())
    if (isCall(node) && node.inputs.length > (largest?.inputs.length ?? 0)) largest = node;
  return largest;
}

/**
 * Gives inputs other shapes. Also tells whether the shapes noted in the file still hold: they do when only unknown
 * sizes were filled in.
 * @throws {ModelError} `invalid-option` for a name that is no input, another rank, or a size that is not one
 */
export function withShapes(
  inputs: readonly PortRequest[],
  shapes: Readonly<Record<string, Shape>>,
): { inputs: PortRequest[]; hints: boolean } {
  const wanted = new Map(Object.entries(shapes));
  let hints = true;
  const changed = inputs.map((port) => {
    const key = [port.name, port.tensorName, port.source.node].find((name) => wanted.has(name));
    const shape = key === undefined ? undefined : wanted.get(key);
    if (key === undefined || !shape) return port;
    wanted.delete(key);
    checkShape(port, shape);
    if (port.shape?.some((d, axis) => d >= 0 && d !== shape[axis])) hints = false;
    return { ...port, shape };
  });
  const [unknown] = wanted.keys();
  if (unknown !== undefined)
    throw new ModelError(
      'invalid-option',
      `a name of an input expected. Inputs: ${listNames(inputs)}.${didYouMean(
        unknown,
        inputs.map((p) => p.name),
      )}`,
      { where: `shape of '${unknown}'` },
    );
  return { inputs: changed, hints };
}

export const listNames = (ports: readonly { readonly name: string }[]): string => {
  const names = ports.map((p) => p.name);
  return names.length > 20 ? `${names.slice(0, 20).join(', ')}, … (${names.length})` : names.join(', ') || 'none';
};

function checkShape({ name, shape: before }: PortRequest, shape: Shape): void {
  const where = `shape of '${name}'`;
  if (!shape.every((d) => Number.isSafeInteger(d) && d >= -1))
    throw new ModelError('invalid-option', `sizes of at least 1, or -1 for unknown, expected, [${shape}] given.`, {
      where,
    });
  if (before && before.length !== shape.length)
    throw new ModelError('invalid-option', `${before.length} axes like [${before}] expected, [${shape}] given.`, {
      where,
    });
}

/** What a decoder gives, of which old graphs do not say the shape: height, width, channels; samples, channels, and their rate. */
export function decodedShape({ op }: { readonly op: string }, attrs: TfAttrs, index: number): Shape | undefined {
  const size = (name: string): number => Math.max(attrs.int(name, -1), 0) || -1;
  if (op === 'DecodeWav') return index === 0 ? [size('desired_samples'), size('desired_channels')] : [];
  return /^Decode(AndCrop)?(Jpeg|Png|Bmp)$/.test(op) ? [-1, -1, size('channels')] : undefined;
}
