import { kindOf } from '../../bytes/file-kinds.js';
import { type DecodedFlatbuffer, decodeFlatbuffer, type UnknownReport } from '../../bytes/flatbuffer-reader.js';
import { type ByteRange, type FlatbufferSchema, type UnknownField, unknownFields } from '../../bytes/flatbuffers.js';
import type { ByteSource } from '../../bytes/source.js';
import { ModelError } from '../../errors.js';
import { enums, type Model as SchemaModel, tables, unions } from '../../schema/tflite.gen.js';

export const schema: FlatbufferSchema = { tables, enums, unions };
export const IDENTIFIER = 'TFL3';
/** Metadata that tells where buffers lie; it speaks of one file's layout, not of the model. */
export const BUFFER_LOCATION = 'buffer_location';
/** Metadata that names operators by their number: of no use once operators have come or gone. */
export const CONTROL_DEPENDENCIES = 'model_control_dependencies';

/** A buffer as it lies in the file: its bytes are not read. */
export interface FileBuffer {
  readonly data?: ByteRange;
  readonly offset: bigint;
  readonly size: bigint;
}

/** The tables of a file as in the schema, without the buffers' bytes. */
export type TfliteTables = Omit<SchemaModel, 'buffers'> & { readonly buffers?: readonly FileBuffer[] | undefined };

export interface TfliteDocument {
  readonly source: ByteSource;
  readonly tables: TfliteTables;
  readonly unknown: readonly UnknownReport[];
  /** End of the tables and what they lead to, in bytes. */
  readonly end: number;
  readonly offsets: DecodedFlatbuffer['offsets'];
}

/** True when the file says that it is a TFLite model. */
export const looksLikeTflite = (source: ByteSource): boolean => source.size >= 8 && identifier(source) === IDENTIFIER;

/**
 * The tables of a `.tflite`, checked but not interpreted. Source: TFLite schema, version 3.
 * @throws {ModelError} `malformed-file` with the offset.
 */
export function decodeTflite(source: ByteSource): TfliteDocument {
  if (!looksLikeTflite(source)) throw notTflite(source);
  const { root, unknown, end, offsets } = decodeFlatbuffer(source, schema, 'Model', new Set(['Buffer.data']));
  return { source, tables: root as unknown as TfliteTables, unknown, end, offsets };
}

/** An error about a table of the file. */
export const malformed = (document: TfliteDocument, table: object, message: string): ModelError =>
  new ModelError('malformed-file', message, {
    where: `${document.source.name} @0x${(document.offsets.get(table) ?? 0).toString(16)}`,
  });

/** Unknown fields of a table, to be kept in an extra bag. */
export function unknownOf(table: object): { [unknownFields]?: readonly UnknownField[] } {
  const found = (table as { [unknownFields]?: readonly UnknownField[] })[unknownFields];
  return found ? { [unknownFields]: found } : {};
}

const identifier = (source: ByteSource): string => latin1(source.read(4, 4));
const latin1 = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

function notTflite(source: ByteSource): ModelError {
  const got = source.size < 8 ? `a file of ${source.size} bytes` : JSON.stringify(identifier(source));
  return new ModelError(
    'malformed-file',
    `a TFLite model with the identifier "${IDENTIFIER}" expected, got ${kindOf(source) ?? got}. Check that this is the right file.`,
    { where: `${source.name} @0x4` },
  );
}
