import { encodeFlatbuffer, type FileParts } from '../../bytes/flatbuffer-writer.js';
import type { Table } from '../../bytes/flatbuffers.js';
import type { Graph, Model, Value } from '../../ir/graph.js';
import type { Metadata, SignatureDef, TensorMap } from '../../schema/tflite.gen.js';
import { append } from './appended.js';
import { CONTROL_DEPENDENCIES, IDENTIFIER, schema, unknownOf } from './document.js';
import { graphExtra, modelExtra, valueExtra } from './extras.js';
import { type BufferPlan, planBuffers } from './plan-buffers.js';
import { orderedTensors } from './tensor-order.js';
import { leastRuntime } from './versions.js';
import { externalParts, type GraphTables, type ModelTables } from './write-external.js';
import { OperatorCodes, operatorTable } from './write-operators.js';
import { type TensorIndex, tensorNames, tensorTable } from './write-tensors.js';

/** Files up to this size have their constants inside the tables, which 31 bits address. */
const MOST_INLINE = 2 ** 31 - (64 << 20);
const MIN_RUNTIME = 'min_runtime_version';

/**
 * A model as the parts of a `.tflite`, in order: the way to write one of more than 2 GB. Constants are read only while the
 * parts are asked for. The same model gives the same bytes. Files that would be larger than `mostInline` bytes have their
 * constants after the tables.
 * @throws {ModelError} `invalid-graph` for what a `.tflite` cannot say.
 */
export function writeTfliteParts(model: Model, { mostInline = MOST_INLINE } = {}): FileParts {
  const tensors = model.graphs.map(orderedTensors);
  const { appended } = modelExtra(model);
  const parts = modelParts(model, tensors, mostInline);
  return appended ? append(parts, appended) : parts;
}

function modelParts(model: Model, tensors: readonly (readonly Value[])[], mostInline: number): FileParts {
  const plan = planBuffers(tensors.flat());
  const tables = modelTables(model, tensors, plan);
  const constants = plan.buffers.length - 1;
  // Padding and lengths come to less than 32 bytes a buffer; the tables themselves are small.
  if (plan.bytes + 32 * constants > mostInline) return externalParts(tables, constants);
  const buffers = tables.buffers.map((data) => (data.length > 0 ? { data } : {}));
  const inline = encodeFlatbuffer(schema, 'Model', { ...tables, buffers } as unknown as Table, IDENTIFIER);
  return inline.size <= mostInline ? inline : externalParts(tables, constants);
}

/** A model as a `.tflite`. For models above 2 GB use {@link writeTfliteParts}. */
export function writeTflite(model: Model): Uint8Array {
  const parts = writeTfliteParts(model);
  const bytes = new Uint8Array(parts.size);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Bytes of constants that {@link writeTflite} stores: equal ones count once; tables and padding do not count. */
export const predictTfliteWeightBytes = (model: Model): number =>
  planBuffers(model.graphs.flatMap(orderedTensors)).bytes;

function modelTables(model: Model, tensors: readonly (readonly Value[])[], plan: BufferPlan): ModelTables {
  const extra = modelExtra(model);
  const codes = new OperatorCodes();
  const buffers = [...plan.buffers];
  const add = (bytes: Uint8Array) =>
    bytes.length > 0 ? buffers.push({ length: bytes.length, read: () => bytes }) - 1 : 0;
  const indices = tensors.map((values) => new Map(values.map((v, i) => [v, i])));
  const saysRank = !extra.ranksUnsaid || tensors.flat().some((v) => !v.shape);
  const subgraphs = model.graphs.map((graph, i) => {
    const [values, index] = [tensors[i] as readonly Value[], indices[i] as ReadonlyMap<Value, number>];
    return graphTables(graph, values, index, plan, codes, saysRank);
  });
  const metadata: Metadata[] = allMetadata(model).map(({ name, bytes }) => ({ name, buffer: add(bytes) }));
  const metadataBuffer = extra.metadataBuffers?.map(add);
  buffers.push(...(extra.looseBuffers ?? []));
  const description = model.description || (extra.version === undefined ? 'Tersor' : undefined);
  return {
    ...unknownOf(extra),
    version: extra.version ?? 3,
    operatorCodes: codes.codes,
    subgraphs,
    description,
    buffers,
    ...(metadataBuffer ? { metadataBuffer } : {}),
    ...(metadata.length > 0 ? { metadata } : {}),
    ...(model.signatures.length > 0 ? { signatureDefs: signatureTables(model, indices) } : {}),
    externalBufferGroups: extra.externalBufferGroups,
    externalBuffers: extra.externalBuffers,
  };
}

function graphTables(
  graph: Graph,
  values: readonly Value[],
  indices: ReadonlyMap<Value, number>,
  plan: BufferPlan,
  codes: OperatorCodes,
  saysRank: boolean,
): GraphTables {
  const extra = graphExtra(graph);
  const indexOf: TensorIndex = (value) => (value && !valueExtra(value).absent ? (indices.get(value) ?? -1) : -1);
  const names = tensorNames(values, new Set(extra.tensors));
  return {
    ...unknownOf(extra),
    tensors: values.map((value, i) => tensorTable(value, names[i] as string, plan, indexOf, saysRank)),
    inputs: graph.inputs.map(indexOf),
    outputs: graph.outputs.map(indexOf),
    operators: [...graph.nodes()].map((node) => operatorTable(node, codes, indexOf)),
    ...(extra.unnamed ? {} : { name: graph.name }),
    debugMetadataIndex: extra.debugMetadataIndex ?? -1,
  };
}

/**
 * The model's metadata with the least runtime version set right. It goes first when new. A model read from a file keeps
 * what the file said, or did not say, while its operators need the same runtime.
 */
function allMetadata(model: Model): readonly { name: string; bytes: Uint8Array }[] {
  const needed = leastRuntime(model.graphs);
  const metadata = model.metadata.filter((m) => m.name !== CONTROL_DEPENDENCIES || model.graphs.every(hasNodesAsRead));
  if (modelExtra(model).minRuntime === needed || needed === '' || needed.length >= 16) return metadata;
  const bytes = new Uint8Array(16);
  bytes.set(new TextEncoder().encode(needed));
  const entry = { name: MIN_RUNTIME, bytes };
  if (!metadata.some((m) => m.name === MIN_RUNTIME)) return [entry, ...metadata];
  return metadata.map((m) => (m.name === MIN_RUNTIME ? entry : m));
}

function hasNodesAsRead(graph: Graph): boolean {
  const read = graphExtra(graph).nodes ?? [];
  const now = [...graph.nodes()];
  return read.length === now.length && now.every((node, i) => node === read[i]);
}

function signatureTables(model: Model, indices: readonly ReadonlyMap<Value, number>[]): SignatureDef[] {
  return model.signatures.map(({ key, graph, inputs, outputs }) => {
    const { inputs: from, outputs: to } = model.graphs[graph] as Graph;
    const maps = (entries: typeof inputs, values: readonly Value[]): TensorMap[] =>
      entries.map(({ name, index }) => ({
        name,
        tensorIndex: indices[graph]?.get(values[index] as Value) as number,
      }));
    const tag = modelExtra(model).signatureTags?.[key];
    const deprecatedTag = tag === undefined ? {} : { deprecatedTag: tag };
    return {
      ...deprecatedTag,
      signatureKey: key,
      subgraphIndex: graph,
      inputs: maps(inputs, from),
      outputs: maps(outputs, to),
    };
  });
}
