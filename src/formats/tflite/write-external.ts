import { encodeFlatbuffer, type FileParts } from '../../bytes/flatbuffer-writer.js';
import type { LaterBytes, Table } from '../../bytes/flatbuffers.js';
import type { Model as SchemaModel, SubGraph } from '../../schema/tflite.gen.js';
import { BUFFER_LOCATION, IDENTIFIER, schema } from './document.js';
import type { OperatorTable } from './write-operators.js';

const ALIGNMENT = 16;
/** The tables to be written, with the bytes of every buffer still beside them. */
export type ModelTables = Omit<SchemaModel, 'buffers' | 'subgraphs'> & {
  readonly buffers: readonly LaterBytes[];
  readonly subgraphs: readonly GraphTables[];
};
export type GraphTables = Omit<SubGraph, 'operators'> & { readonly operators: readonly OperatorTable[] };

/**
 * The layout of files above 2 GB: constants and large custom options lie after the tables, which give their offsets from
 * the file's start. `constants` is the number of buffers, from 1 on, that hold constants; others stay in the tables.
 * Source: TFLite `buffer_location` metadata, `Buffer.offset` and `Operator.large_custom_options_offset`.
 */
export function externalParts(tables: ModelTables, constants: number): FileParts {
  // Offsets are 64-bit fields that are always there, so the size of the tables does not depend on their values.
  const draft = encodeWith(tables, constants, () => 2);
  const places = new Map<LaterBytes, number>();
  let end = nextMultiple(draft.size + 1);
  for (const bytes of outside(tables, constants)) {
    places.set(bytes, end);
    end = nextMultiple(end + bytes.length);
  }
  const head = encodeWith(tables, constants, (bytes) => places.get(bytes) as number);
  return {
    size: end,
    *[Symbol.iterator]() {
      yield* head;
      let at = head.size;
      for (const [bytes, place] of places) {
        yield new Uint8Array(place - at);
        yield bytes.read();
        at = place + bytes.length;
      }
      yield new Uint8Array(end - at);
    },
  };
}

const nextMultiple = (n: number): number => Math.ceil(n / ALIGNMENT) * ALIGNMENT;
const isLater = (bytes: Uint8Array | LaterBytes | undefined): bytes is LaterBytes =>
  bytes !== undefined && !(bytes instanceof Uint8Array);

function outside(tables: ModelTables, constants: number): LaterBytes[] {
  const options = tables.subgraphs.flatMap((graph) => graph.operators.map((o) => o.customOptions)).filter(isLater);
  return [...tables.buffers.slice(1, constants + 1), ...options];
}

function encodeWith(tables: ModelTables, constants: number, placeOf: (bytes: LaterBytes) => number): FileParts {
  const note = new TextEncoder().encode('outside flatbuffers');
  const buffers = [...tables.buffers, { length: note.length, read: () => note }].map((data, i) => {
    if (data.length === 0) return {};
    return i <= constants ? { offset: BigInt(placeOf(data)), size: BigInt(data.length) } : { data };
  });
  const subgraphs = tables.subgraphs.map((graph) => ({
    ...graph,
    operators: graph.operators.map((operator) => {
      const { customOptions: bytes } = operator;
      if (!isLater(bytes)) return operator;
      const place = { largeCustomOptionsOffset: BigInt(placeOf(bytes)), largeCustomOptionsSize: BigInt(bytes.length) };
      return { ...operator, customOptions: undefined, ...place };
    }),
  }));
  const metadata = [...(tables.metadata ?? []), { name: BUFFER_LOCATION, buffer: buffers.length - 1 }];
  const root = { ...tables, subgraphs, buffers, metadata };
  return encodeFlatbuffer(schema, 'Model', root as unknown as Table, IDENTIFIER);
}
