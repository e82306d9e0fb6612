import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { ModelError } from '../errors.js';
import { MAX_DEPTH, type Row, rowsByName } from './protobuf-rows.js';

/**
 * Turns the text format of protobuf (`.pbtxt`) into the binary format. Fields that the tables do not have are passed
 * over. `enums` gives the number of a name.
 *
 * Source: https://protobuf.dev/reference/protobuf/textformat-spec/
 * @throws {ModelError} `malformed-file` with the line
 */
export function encodeTextFormat(
  tables: Readonly<Record<string, string>>,
  message: string,
  text: string,
  enums: (name: string) => number | undefined,
  where: string,
): Uint8Array {
  const rowsOf = rowsByName(tables);
  const writer = new BinaryWriter();
  const state: State = { tokens: new Tokens(text, where), writer, rowsOf, isMessage: (k) => k in tables, enums };
  readFields(state, message, '', 0);
  return writer.finish();
}

interface State {
  readonly tokens: Tokens;
  readonly writer: BinaryWriter;
  readonly rowsOf: (message: string) => ReadonlyMap<string, Row>;
  readonly isMessage: (kind: string) => boolean;
  readonly enums: (name: string) => number | undefined;
}

const camel = (name: string): string => name.replace(/_([a-z0-9])/g, (_, c: string) => c.toUpperCase());

function readFields(state: State, message: string, close: string, depth: number): void {
  const { tokens } = state;
  if (depth > MAX_DEPTH) tokens.fail('fewer nested messages', 'more');
  for (let name = tokens.take(); name !== close; name = tokens.take()) {
    if (name === ';' || name === ',') continue;
    if (name === '[') {
      while (tokens.take() !== ']');
      skipValue(tokens, depth);
      continue;
    }
    if (!/^[A-Za-z_]/.test(name)) tokens.fail('the name of a field', `'${name}'`);
    const row = state.rowsOf(message).get(camel(name));
    if (!row) skipValue(tokens, depth);
    else readValues(state, row, depth);
  }
}

function readValues(state: State, row: Row, depth: number): void {
  const { tokens } = state;
  if (tokens.peek() === ':') tokens.take();
  if (tokens.peek() !== '[') {
    readValue(state, row, depth);
    return;
  }
  tokens.take();
  while (tokens.peek() !== ']') {
    if (tokens.peek() === ',') tokens.take();
    else readValue(state, row, depth);
  }
  tokens.take();
}

function readValue(state: State, row: Row, depth: number): void {
  const { tokens, writer } = state;
  const opens = tokens.peek() === '{' || tokens.peek() === '<';
  if (row.key || state.isMessage(row.kind)) {
    if (!opens) tokens.fail(`a message for '${row.name}'`, `'${tokens.peek()}'`);
    const close = tokens.take() === '{' ? '}' : '>';
    writer.tag(row.number, WireType.LengthDelimited).fork();
    if (row.key) readEntry(state, row, close, depth + 1);
    else readFields(state, row.kind, close, depth + 1);
    writer.join();
  } else writeScalar(state, row.number, row.kind);
}

/** A map's entry: a message of `key` and `value`. */
function readEntry(state: State, row: Row, close: string, depth: number): void {
  const { tokens } = state;
  for (let name = tokens.take(); name !== close; name = tokens.take()) {
    if (name === ';' || name === ',') continue;
    if (tokens.peek() === ':') tokens.take();
    if (name === 'key') writeScalar(state, 1, row.key);
    else if (name === 'value') readValue(state, { ...row, number: 2, key: '' }, depth);
    else tokens.fail('key or value', `'${name}'`);
  }
}

function writeScalar({ tokens, writer, enums }: State, number: number, kind: string): void {
  if (kind === 'string' || kind === 'bytes') {
    writer.tag(number, WireType.LengthDelimited).bytes(tokens.text());
    return;
  }
  const word = tokens.word();
  const fail = (): never => tokens.fail(`a value of type ${kind}`, `'${word}'`);
  if (kind === 'bool') {
    if (!/^(true|True|t|1|false|False|f|0)$/.test(word)) fail();
    writer.tag(number, WireType.Varint).bool(/^(true|True|t|1)$/.test(word));
  } else if (kind === 'float' || kind === 'double') {
    const value = numberOf(word) ?? fail();
    if (kind === 'double') writer.tag(number, WireType.Bit64).double(value);
    else writer.tag(number, WireType.Bit32).float(Math.fround(value));
  } else {
    const value =
      kind === 'enum' && /^[A-Za-z_]/.test(word) ? BigInt(enums(word) ?? fail()) : (integerOf(word) ?? fail());
    writer.tag(number, kind === 'fixed32' ? WireType.Bit32 : WireType.Varint);
    if (kind === 'fixed32') writer.fixed32(Number(BigInt.asUintN(32, value)));
    else writer.int64(BigInt.asIntN(64, value));
  }
}

function numberOf(word: string): number | undefined {
  const named = /^(-?)(inf|infinity|nan)f?$/i.exec(word);
  if (named) return named[2]?.toLowerCase() === 'nan' ? Number.NaN : named[1] ? -Infinity : Infinity;
  return /^-?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?[fF]?$/.test(word) ? Number.parseFloat(word) : undefined;
}

function integerOf(word: string): bigint | undefined {
  const match = /^(-?)(0[xX][0-9a-fA-F]{1,16}|0[0-7]{1,22}|\d{1,20})$/.exec(word);
  if (!match) return undefined;
  const digits = match[2] as string;
  const value = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits);
  return match[1] ? -value : value;
}

function skipValue(tokens: Tokens, depth: number): void {
  if (depth > MAX_DEPTH) tokens.fail('fewer nested messages', 'more');
  if (tokens.peek() === ':') tokens.take();
  const open = tokens.peek();
  const close = { '{': '}', '<': '>', '[': ']' }[open];
  if (close === undefined) {
    tokens.skip();
    return;
  }
  tokens.take();
  let level = 1;
  while (level > 0) {
    const token = tokens.peek();
    if (token === '') tokens.fail(`'${close}'`, 'the end of the file');
    if (token === '{' || token === '<' || token === '[') level++;
    if (token === '}' || token === '>' || token === ']') level--;
    tokens.skip();
  }
}

const TOKEN = /(?:\s|#[^\n]*)*(?:([A-Za-z_][\w.]*|-?\s*[\d.][\w.+-]*|-\s*[A-Za-z]+|[{}<>[\]:;,/])|(["']))/y;
const encoder = new TextEncoder();
const ESCAPES: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  '\\': 92,
  "'": 39,
  '"': 34,
  '?': 63,
};

/** Splits the text into words, marks and strings. */
class Tokens {
  readonly #text: string;
  readonly #where: string;
  #position = 0;
  #next: string | undefined;

  constructor(text: string, where: string) {
    this.#text = text;
    this.#where = where;
  }

  fail(expected: string, got: string): never {
    const line = this.#text.slice(0, this.#position).split('\n').length;
    throw new ModelError('malformed-file', `${expected} expected, ${got} found.`, {
      where: `${this.#where} line ${line}`,
    });
  }

  /** The next word or mark, or the quote that opens a string; empty at the end. */
  peek(): string {
    if (this.#next !== undefined) return this.#next;
    TOKEN.lastIndex = this.#position;
    const match = TOKEN.exec(this.#text);
    if (match) this.#position = TOKEN.lastIndex;
    else if (/^(?:\s|#[^\n]*)*$/.test(this.#text.slice(this.#position, this.#position + 4096))) return '';
    else this.fail('a word', `'${this.#text.slice(this.#position, this.#position + 10).trim()}'`);
    this.#next = match?.[1] ?? match?.[2] ?? '';
    return this.#next;
  }

  take(): string {
    const token = this.peek();
    this.#next = undefined;
    return token;
  }

  word(): string {
    return this.take().replace(/\s/g, '');
  }

  /** Passes over one word, mark or string. */
  skip(): void {
    const token = this.peek();
    if (token === '"' || token === "'") this.text();
    else if (token === '') this.fail('a value', 'the end of the file');
    else this.take();
  }

  /** The bytes of a string; strings that follow one another are one. */
  text(): Uint8Array {
    const parts: Uint8Array[] = [];
    if (!/^["']$/.test(this.peek())) this.fail('a string', `'${this.peek()}'`);
    for (let quote = this.peek(); quote === '"' || quote === "'"; quote = this.peek()) {
      this.take();
      parts.push(this.#quoted(quote));
    }
    const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
    let at = 0;
    for (const part of parts) {
      out.set(part, at);
      at += part.length;
    }
    return out;
  }

  #quoted(quote: string): Uint8Array {
    const text = this.#text;
    let end = this.#position;
    while (text[end] !== quote) {
      if (end >= text.length || text[end] === '\n') this.fail('the end of a string', 'the end of the line');
      end += text[end] === '\\' ? 2 : 1;
    }
    const body = text.slice(this.#position, end);
    this.#position = end + 1;
    if (!body.includes('\\')) return encoder.encode(body);
    const bytes: number[] = [];
    const piece = /\\([0-7]{1,3})|\\x([0-9a-fA-F]{1,2})|\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})|\\([\s\S])|([^\\]+)/g;
    for (const [, octal, hex, short, long, letter, plain] of body.matchAll(piece)) {
      if (octal) bytes.push(Number.parseInt(octal, 8) & 255);
      else if (hex) bytes.push(Number.parseInt(hex, 16));
      else if (letter) bytes.push(ESCAPES[letter] ?? this.fail('an escape', `'\\${letter}'`));
      else {
        const code = Number.parseInt(short ?? long ?? '0', 16);
        if (code > 0x10ffff) this.fail('a character', `'\\U${long}'`);
        for (const byte of encoder.encode(plain ?? String.fromCodePoint(code))) bytes.push(byte);
      }
    }
    return Uint8Array.from(bytes);
  }
}
