import type { ByteSource } from '../../bytes/source.js';
import { Graph, type Model, type Signature } from '../../ir/graph.js';
import type { SubGraph, TensorMap } from '../../schema/tflite.gen.js';
import { readAppended } from './appended.js';
import {
  BUFFER_LOCATION,
  CONTROL_DEPENDENCIES,
  decodeTflite,
  malformed,
  type TfliteDocument,
  unknownOf,
} from './document.js';
import type { TfliteGraphExtra, TfliteModelExtra } from './extras.js';
import { bufferRange } from './read-constants.js';
import { readOperators } from './read-operators.js';
import { readTensors } from './read-tensors.js';
import { referencedValues } from './tensor-order.js';
import type { VersionRules } from './versions.js';

/**
 * Reads a `.tflite`. Constants are views on `source`, read when asked for. What the IR has no field for is kept in the
 * `extra` bags (see `extras.ts`), so that writing the model again loses nothing; only the numbering and sharing of buffers
 * and operator codes is not kept, since the writer makes them anew.
 * @param rules Absent: the model is not to be written as a file again.
 * @throws {ModelError} `malformed-file` with the byte offset.
 */
export function readTables(source: ByteSource, rules?: VersionRules): Model {
  const document = decodeTflite(source);
  const { tables } = document;
  const used = new Set<number>();
  const subgraphs = tables.subgraphs ?? [];
  const saysRank = subgraphs.some((g) => (g.tensors ?? []).some((t) => t.hasRank));
  const graphs = subgraphs.map((table, index) => readGraph(document, table, index, used, saysRank, rules));
  if (graphs.length === 0) throw malformed(document, tables, 'a graph expected, got none');
  const signatures = (tables.signatureDefs ?? []).map((_, i) => readSignature(document, graphs, i));
  const metadata = (tables.metadata ?? []).flatMap((entry) => {
    used.add(entry.buffer);
    const bytes = bufferBytes(document, entry.buffer, entry);
    return entry.name === BUFFER_LOCATION ? [] : [{ name: entry.name ?? '', bytes }];
  });
  return {
    graphs,
    signatures,
    description: tables.description ?? '',
    metadata,
    extra: { ...extraOf(document, graphs, used, rules), ...(saysRank ? {} : { ranksUnsaid: true }) },
  };
}

function readGraph(
  document: TfliteDocument,
  table: SubGraph,
  index: number,
  used: Set<number>,
  saysRank: boolean,
  rules: VersionRules | undefined,
): Graph {
  const graph = new Graph(table.name ?? (index === 0 ? 'main' : `graph_${index}`));
  const values = readTensors(document, table, used, saysRank);
  const at = (i: number, what: string) => {
    const value = values[i];
    if (!value) throw malformed(document, table, `a tensor below ${values.length} expected as ${what}, got ${i}`);
    return value;
  };
  for (const i of table.inputs ?? []) graph.inputs.push(at(i, 'input of the graph'));
  for (const i of table.outputs ?? []) graph.outputs.push(at(i, 'output of the graph'));
  readOperators(document, table, graph, values, rules);
  const referenced = referencedValues(graph);
  const extra: TfliteGraphExtra = {
    ...unknownOf(table),
    tensors: values,
    unreferenced: values.filter((v) => !referenced.has(v)),
    ...(hasControlDependencies(document) ? { nodes: [...graph.nodes()] } : {}),
    ...(table.name === undefined ? { unnamed: true } : {}),
    ...(table.debugMetadataIndex === -1 ? {} : { debugMetadataIndex: table.debugMetadataIndex }),
  };
  graph.extra = extra;
  return graph;
}

function readSignature(document: TfliteDocument, graphs: readonly Graph[], index: number): Signature {
  const table = document.tables.signatureDefs?.[index];
  if (!table) throw malformed(document, document.tables, `signature ${index} expected`);
  const graph = graphs[table.subgraphIndex];
  const subgraph = document.tables.subgraphs?.[table.subgraphIndex];
  const key = table.signatureKey ?? '';
  if (!graph || !subgraph)
    throw malformed(
      document,
      table,
      `a graph below ${graphs.length} expected for signature '${key}', got ${table.subgraphIndex}`,
    );
  const positions = (maps: readonly TensorMap[] | undefined, tensors: readonly number[], side: string) => {
    // A tensor that is listed several times has a name for each: its places, the first one last.
    const places = new Map<number, number[]>();
    for (let i = tensors.length - 1; i >= 0; i--) {
      const tensor = tensors[i] as number;
      const list = places.get(tensor);
      if (list) list.push(i);
      else places.set(tensor, [i]);
    }
    return (maps ?? []).map((map) => {
      const list = places.get(map.tensorIndex) ?? [];
      const position = list.length > 1 ? list.pop() : list[0];
      if (position === undefined)
        throw malformed(
          document,
          map,
          `one of the ${side}s of the graph expected as '${map.name ?? ''}' of signature '${key}', got tensor ${map.tensorIndex}`,
        );
      return { name: map.name ?? '', index: position };
    });
  };
  return {
    key,
    graph: table.subgraphIndex,
    inputs: positions(table.inputs, subgraph.inputs ?? [], 'input'),
    outputs: positions(table.outputs, subgraph.outputs ?? [], 'output'),
  };
}

function bufferBytes(document: TfliteDocument, index: number, referrer: object): Uint8Array {
  const buffers = document.tables.buffers ?? [];
  const buffer = buffers[index];
  if (!buffer) throw malformed(document, referrer, `a buffer below ${buffers.length} expected, got ${index}`);
  const range = bufferRange(document.source, buffer);
  return range ? document.source.read(range.offset, range.length) : new Uint8Array();
}

/** Tables that the writer makes anew: unknown fields of theirs are lost. */
const REMADE = new Set(['Buffer', 'OperatorCode', 'Metadata', 'SignatureDef', 'TensorMap', 'BlockwiseQuantization', 'MultiAxisQuantization']); // biome-ignore format: a list

const hasControlDependencies = ({ tables }: TfliteDocument): boolean =>
  (tables.metadata ?? []).some((m) => m.name === CONTROL_DEPENDENCIES);

/** End of what lies in the file by offset rather than in the tables. */
function endOfBuffers({ tables, source }: TfliteDocument): number {
  let end = 0;
  for (const buffer of tables.buffers ?? []) {
    const range = bufferRange(source, buffer);
    if (range) end = Math.max(end, range.offset + range.length);
  }
  for (const graph of tables.subgraphs ?? [])
    for (const { largeCustomOptionsOffset: offset, largeCustomOptionsSize: size } of graph.operators ?? [])
      if (offset > 1n) end = Math.max(end, Number(offset + size));
  return end;
}

function extraOf(
  document: TfliteDocument,
  graphs: readonly Graph[],
  used: Set<number>,
  rules: VersionRules | undefined,
): TfliteModelExtra {
  const { tables, source, unknown } = document;
  const metadataBuffers = (tables.metadataBuffer ?? []).map((index) => {
    used.add(index);
    return bufferBytes(document, index, tables);
  });
  const looseBuffers = (tables.buffers ?? []).flatMap((buffer, index) => {
    const range = used.has(index) ? undefined : bufferRange(source, buffer);
    return range ? [{ length: range.length, read: () => source.read(range.offset, range.length) }] : [];
  });
  const tags = (tables.signatureDefs ?? []).flatMap(({ signatureKey = '', deprecatedTag: tag }) =>
    tag === undefined ? [] : [[signatureKey, tag] as const],
  );
  const appended = readAppended(source, Math.max(document.end, endOfBuffers(document)));
  return {
    ...unknownOf(tables),
    version: tables.version,
    ...(rules && { minRuntime: rules.leastRuntime(graphs) }),
    ...(tables.externalBufferGroups ? { externalBufferGroups: tables.externalBufferGroups } : {}),
    ...(tables.externalBuffers ? { externalBuffers: tables.externalBuffers } : {}),
    ...(metadataBuffers.length > 0 ? { metadataBuffers } : {}),
    ...(looseBuffers.length > 0 ? { looseBuffers } : {}),
    ...(unknown.length > 0
      ? { unknownFields: unknown.map((u) => ({ ...u, kept: u.kept && !REMADE.has(u.table) })) }
      : {}),
    ...(tags.length > 0 ? { signatureTags: Object.fromEntries(tags) } : {}),
    ...(appended ? { appended } : {}),
  };
}
