import { decodeFlatbuffer } from '../../bytes/flatbuffer-reader.js';
import { encodeFlatbuffer } from '../../bytes/flatbuffer-writer.js';
import { bytesSource } from '../../bytes/source.js';
import { enums, type Model as SchemaModel } from '../../schema/tflite.gen.js';
import { decodeTflite, IDENTIFIER, schema } from './document.js';
import { bufferRange } from './read-constants.js';

/**
 * The tables of a file in a form that is equal for files that say the same: buffers and operator codes stand where they
 * are referred to, and what says nothing (an empty quantization table, a shape signature that repeats the shape, an empty
 * list) is left out.
 */
export function comparableTables(bytes: Uint8Array): unknown {
  const document = decodeTflite(bytesSource(bytes));
  const { tables, source } = document;
  const buffer = (index: number): string => {
    const entry = tables.buffers?.[index];
    const range = entry && bufferRange(source, entry);
    return range ? Buffer.from(source.read(range.offset, range.length)).toString('base64') : '';
  };
  const code = (index: number) => {
    const { builtinCode, deprecatedBuiltinCode, ...rest } = tables.operatorCodes?.[index] ?? {
      builtinCode: -1,
      deprecatedBuiltinCode: -1,
    };
    const number = typeof builtinCode === 'string' ? (enums.BuiltinOperator?.values[builtinCode] ?? -1) : builtinCode;
    return { ...rest, code: Math.max(number, deprecatedBuiltinCode) };
  };
  const subgraphs = tables.subgraphs?.map((graph) => ({
    ...graph,
    tensors: graph.tensors?.map((t) => ({
      ...t,
      buffer: buffer(t.buffer),
      quantization:
        t.quantization?.scale?.length || t.quantization?.details || t.quantization?.min?.length
          ? t.quantization
          : undefined,
      shapeSignature: `${t.shapeSignature}` === `${t.shape}` ? undefined : t.shapeSignature,
    })),
    operators: graph.operators?.map(({ opcodeIndex, ...o }) => ({ ...o, code: code(opcodeIndex) })),
  }));
  const metadata = tables.metadata?.map((m) => ({ ...m, buffer: buffer(m.buffer) }));
  const used = [...(tables.metadataBuffer ?? [])].map(buffer);
  return plain({ ...tables, subgraphs, metadata, metadataBuffer: used, buffers: undefined, operatorCodes: undefined });
}

/** Without undefined and empty fields, and with typed arrays as lists. */
function plain(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return Array.from(value as Uint8Array);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Reflect.ownKeys(value).map(
    (key) => [key, plain((value as Record<PropertyKey, unknown>)[key])] as const,
  );
  return Object.fromEntries(entries.filter(([, v]) => v !== undefined && !(Array.isArray(v) && v.length === 0)));
}

type Mutable<T> = T extends readonly (infer E)[]
  ? Mutable<E>[]
  : T extends object
    ? { -readonly [K in keyof T]: Mutable<T[K]> }
    : T;

/** A file with its tables changed: for making damaged and unusual ones. */
export function withTables(bytes: Uint8Array, edit: (tables: Mutable<SchemaModel>) => void): Uint8Array {
  const { root } = decodeFlatbuffer(bytesSource(bytes), schema, 'Model');
  edit(root as unknown as Mutable<SchemaModel>);
  return new Uint8Array(Buffer.concat([...encodeFlatbuffer(schema, 'Model', root, IDENTIFIER)]));
}
