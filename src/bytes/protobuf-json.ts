import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { ModelError } from '../errors.js';
import { MAX_DEPTH, type Row, rowsByName } from './protobuf-rows.js';

/**
 * Turns the JSON format of protobuf, parsed, into the binary format. Fields that the tables do not have are passed over,
 * `null` is an absent field. `enums` gives the number of a name.
 *
 * Source: https://protobuf.dev/programming-guides/json/
 * @throws {ModelError} `malformed-file` with the path to the value
 */
export function encodeJsonFormat(
  tables: Readonly<Record<string, string>>,
  message: string,
  value: unknown,
  enums: (name: string) => number | undefined,
  where: string,
): Uint8Array {
  const rowsOf = rowsByName(tables);
  const writer = new BinaryWriter();
  const state: State = { writer, where, rowsOf, isMessage: (k) => k in tables, enums };
  writeFields(state, message, value, []);
  return writer.finish();
}

interface State {
  readonly writer: BinaryWriter;
  readonly where: string;
  readonly rowsOf: (message: string) => ReadonlyMap<string, Row>;
  readonly isMessage: (kind: string) => boolean;
  readonly enums: (name: string) => number | undefined;
}

/** Names of fields and places in lists that lead to a value. */
type Path = readonly (string | number)[];

function fail({ where }: State, path: Path, expected: string, got: unknown): never {
  const text = got === undefined ? 'nothing' : (JSON.stringify(got) ?? typeof got).slice(0, 40);
  throw new ModelError('malformed-file', `${path.join('.') || 'the file'}: ${expected} expected, ${text} found.`, {
    where,
  });
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const camel = (name: string): string => name.replace(/_([a-z0-9])/g, (_, c: string) => c.toUpperCase());

function writeFields(state: State, message: string, value: unknown, path: Path): void {
  if (!isObject(value)) fail(state, path, 'an object', value);
  if (path.length > 2 * MAX_DEPTH) fail(state, path.slice(0, 4), 'fewer nested messages', 'more');
  const rows = state.rowsOf(message);
  for (const [name, content] of Object.entries(value)) {
    const row = rows.get(name) ?? rows.get(camel(name));
    if (!row || content === null || content === undefined) continue;
    const at = [...path, name];
    if (row.key) writeMap(state, row, content, at);
    else if (row.marks.includes('*')) writeList(state, row, content, at);
    else writeValue(state, row, content, at);
  }
}

function writeList(state: State, row: Row, content: unknown, path: Path): void {
  if (!Array.isArray(content)) fail(state, path, 'a list', content);
  for (const [i, element] of content.entries()) writeValue(state, row, element, [...path, i]);
}

/** A map: one message of `key` and `value` for each member. */
function writeMap(state: State, row: Row, content: unknown, path: Path): void {
  if (!isObject(content)) fail(state, path, 'an object', content);
  for (const [key, value] of Object.entries(content)) {
    if (value === null) continue;
    state.writer.tag(row.number, WireType.LengthDelimited).fork();
    writeScalar(state, 1, row.key, key, path);
    writeValue(state, { ...row, number: 2, key: '' }, value, [...path, key]);
    state.writer.join();
  }
}

function writeValue(state: State, row: Row, value: unknown, path: Path): void {
  if (!state.isMessage(row.kind)) {
    writeScalar(state, row.number, row.kind, value, path);
    return;
  }
  state.writer.tag(row.number, WireType.LengthDelimited).fork();
  writeFields(state, row.kind, value, path);
  state.writer.join();
}

const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

function writeScalar(state: State, number: number, kind: string, value: unknown, path: Path): void {
  const { writer, enums } = state;
  const wrong = (): never => fail(state, path, `a value of type ${kind}`, value);
  switch (kind) {
    case 'string':
      if (typeof value !== 'string') wrong();
      writer.tag(number, WireType.LengthDelimited).string(value as string);
      return;
    case 'bytes':
      writer.tag(number, WireType.LengthDelimited).bytes(bytesOf(value) ?? wrong());
      return;
    case 'bool':
      if (typeof value !== 'boolean') wrong();
      writer.tag(number, WireType.Varint).bool(value as boolean);
      return;
    case 'float':
      writer.tag(number, WireType.Bit32).float(Math.fround(numberOf(value) ?? wrong()));
      return;
    case 'double':
      writer.tag(number, WireType.Bit64).double(numberOf(value) ?? wrong());
      return;
    default: {
      const named = kind === 'enum' && typeof value === 'string' ? enums(value) : undefined;
      const whole = named === undefined ? (integerOf(value) ?? wrong()) : BigInt(named);
      writer.tag(number, kind === 'fixed32' ? WireType.Bit32 : WireType.Varint);
      if (kind === 'fixed32') writer.fixed32(Number(BigInt.asUintN(32, whole)));
      else writer.int64(BigInt.asIntN(64, whole));
    }
  }
}

/** Bytes are base64; older writers of TensorFlow.js models left lists of numbers. */
function bytesOf(value: unknown): Uint8Array | undefined {
  if (Array.isArray(value))
    return value.every((v) => Number.isInteger(v) && v >= 0 && v < 256)
      ? Uint8Array.from(value as number[])
      : undefined;
  if (typeof value !== 'string' || !BASE64.test(value)) return undefined;
  try {
    const text = atob(value.replaceAll('-', '+').replaceAll('_', '/'));
    return Uint8Array.from(text, (c) => c.charCodeAt(0));
  } catch {
    return undefined;
  }
}

function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return undefined;
  const named: Readonly<Record<string, number>> = { NaN: Number.NaN, Infinity, '-Infinity': -Infinity };
  if (Object.hasOwn(named, value)) return named[value];
  return /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(value) ? Number(value) : undefined;
}

function integerOf(value: unknown): bigint | undefined {
  if (typeof value === 'number')
    return Number.isInteger(value) && Math.abs(value) < 2 ** 64 ? BigInt(value) : undefined;
  return typeof value === 'string' && /^-?\d{1,20}$/.test(value) ? BigInt(value) : undefined;
}
