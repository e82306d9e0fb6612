import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { encodeTextFormat } from '../../../bytes/protobuf-text.js';
import type { ByteSource } from '../../../bytes/source.js';
import { dataTypes, type Messages, messageTables } from '../../../schema/tensorflow.gen.js';

/** Kinds of TensorFlow's protobuf files. */
export type TensorFlowFile = 'saved-model' | 'graph-def' | 'meta-graph';

/** How much of the file is looked at, in bytes. */
const HEAD = 4096;

/**
 * Tells by its first fields what a `.pb`, `.pbtxt` or `.meta` file holds; undefined when it is none of these. A SavedModel begins
 * with its schema version (a number), a GraphDef with nodes, a MetaGraphDef with facts about itself.
 */
export function sniffTensorFlow(source: ByteSource): TensorFlowFile | undefined {
  const head = source.read(0, Math.min(HEAD, source.size));
  const text = TEXT.exec(new TextDecoder().decode(head))?.[1];
  if (text !== undefined && Object.hasOwn(textKinds, text)) return textKinds[text];
  try {
    return sniffHead(new BinaryReader(head), head, source.size);
  } catch {
    return undefined;
  }
}

/** The first field of a file in text format, after comments. */
const TEXT = /^(?:\s|#[^\n]*\n)*(\w+)\s*[:{]/;
const textKinds: Readonly<Record<string, TensorFlowFile>> = {
  saved_model_schema_version: 'saved-model',
  meta_graphs: 'saved-model',
  node: 'graph-def',
  library: 'graph-def',
  versions: 'graph-def',
  meta_info_def: 'meta-graph',
  graph_def: 'meta-graph',
};

/**
 * The bytes of a message in binary format; text format (`.pbtxt`) is translated.
 * @throws {ModelError} `malformed-file`
 */
export function readMessageBytes(source: ByteSource, message: keyof Messages): Uint8Array {
  const bytes = source.read(0, source.size);
  const head = new TextDecoder().decode(bytes.subarray(0, HEAD));
  const text = TEXT.exec(head)?.[1];
  if (text === undefined || !Object.hasOwn(textKinds, text)) return bytes;
  return encodeTextFormat(messageTables, message, new TextDecoder().decode(bytes), enumNumber, source.name);
}

/** The number of a `DataType` by its name: `DT_FLOAT`, `DT_INT32_REF`. */
export const enumNumber = (name: string): number | undefined => {
  const match = /^DT_(\w+?)(_REF)?$/.exec(name);
  const [number] = Object.entries(dataTypes).find(([, type]) => type === match?.[1]?.toLowerCase()) ?? [];
  return number === undefined ? undefined : Number(number) + (match?.[2] ? 100 : 0);
};

function sniffHead(reader: BinaryReader, head: Uint8Array, size: number): TensorFlowFile | undefined {
  const [field, wire] = reader.tag();
  if (field === 1 && wire === WireType.Varint) {
    const version = reader.uint32();
    const [next, nextWire] = reader.tag();
    return version === 1 && next === 2 && nextWire === WireType.LengthDelimited ? 'saved-model' : undefined;
  }
  if (wire !== WireType.LengthDelimited) return undefined;
  const length = reader.uint32();
  const start = reader.pos;
  if (length === 0 || start + length > size) return undefined;
  if (field === 1) return firstMessage(head.subarray(start, start + length));
  // A SavedModel without version, a graph with functions only, and a MetaGraphDef without facts begin with field 2.
  if (field !== 2) return undefined;
  return innerNode(head.subarray(start, start + length)) ? 'meta-graph' : undefined;
}

/** A NodeDef has a name and an operation as text; the facts of a MetaGraphDef have a list of operations, or no text second. */
function firstMessage(bytes: Uint8Array): TensorFlowFile | undefined {
  if (innerNodeFields(bytes)) return 'graph-def';
  const [field, wire] = new BinaryReader(bytes).tag();
  return field >= 1 && field <= 8 && (wire === WireType.LengthDelimited || field === 7) ? 'meta-graph' : undefined;
}

/** Whether a message begins with a NodeDef in its field 1. */
function innerNode(bytes: Uint8Array): boolean {
  const reader = new BinaryReader(bytes);
  const [field, wire] = reader.tag();
  if (field !== 1 || wire !== WireType.LengthDelimited) return false;
  const length = reader.uint32();
  return innerNodeFields(bytes.subarray(reader.pos, reader.pos + length));
}

const decoder = new TextDecoder('utf-8', { fatal: true });

function innerNodeFields(bytes: Uint8Array): boolean {
  const reader = new BinaryReader(bytes);
  const text = (number: number): string | undefined => {
    const [field, wire] = reader.tag();
    return field === number && wire === WireType.LengthDelimited ? decoder.decode(reader.bytes()) : undefined;
  };
  return /^[^\s:]+$/.test(text(1) ?? '') && /^[\w>.]+$/.test(text(2) ?? '');
}
