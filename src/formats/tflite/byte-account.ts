import { decodeFlatbuffer } from '../../bytes/flatbuffer-reader.js';
import type { ByteSource } from '../../bytes/source.js';
import { schema, type TfliteTables } from './document.js';
import { bufferRange } from './read-constants.js';

/** Where the bytes of a `.tflite` file are. The parts sum up to the file's size. */
export interface ByteAccount {
  /** Element type -> bytes of tensors' contents. */
  readonly weights: Readonly<Record<string, number>>;
  /** Scales, zero points, ranges. */
  readonly quantization: number;
  /** Of tensors, signatures and graphs. */
  readonly names: number;
  readonly metadata: number;
  /** Tables of tensors, and their shapes. */
  readonly tensors: number;
  /** Tables of operators, with their options. */
  readonly operators: number;
  /** Tables of the file, its graphs, buffers and signatures. */
  readonly structure: number;
  /** Lengths of lists and texts, and what lies between the parts so that they begin at round places. */
  readonly padding: number;
}

/** What a part is called by the reader -> where it counts. */
const KINDS: readonly (readonly [RegExp, Exclude<keyof ByteAccount, 'weights'>])[] = [
  [/QuantizationParameters|CustomQuantization|BlockwiseQuantization|MultiAxisQuantization/, 'quantization'],
  [/^a string$/, 'names'],
  [/Metadata/, 'metadata'],
  [/\b(Tensor|SparsityParameters|DimensionMetadata|VariantSubType|Int32Vector|Uint16Vector|Uint8Vector)\b/, 'tensors'],
  [/\b(Operator|OperatorCode|\w+Options)\b/, 'operators'],
];

/**
 * Accounts for every byte of a `.tflite` file.
 * @throws {ModelError} `malformed-file` with the offset.
 */
export function byteAccount(source: ByteSource): ByteAccount {
  const parts = new Map<number, { readonly length: number; readonly what: string }>();
  const { root } = decodeFlatbuffer(source, schema, 'Model', new Set(['Buffer.data']), (at, length, what) => {
    const known = parts.get(at);
    if (!known || known.length < length) parts.set(at, { length, what });
  });
  const tables = root as unknown as TfliteTables;
  const kinds = kindsOfBuffers(tables);
  for (const [i, buffer] of (tables.buffers ?? []).entries()) {
    const range = bufferRange(source, buffer);
    if (range) parts.set(range.offset, { length: range.length, what: `buffer ${kinds.get(i) ?? 'unused'}` });
  }
  const sums = { quantization: 0, names: 0, metadata: 0, tensors: 0, operators: 0, structure: 0, padding: 0 };
  const weights: Record<string, number> = {};
  let end = 0;
  // Parts that share bytes count once.
  for (const [at, { length, what }] of [...parts].sort(([a], [b]) => a - b)) {
    const own = Math.max(at + length - Math.max(at, end), 0);
    end = Math.max(end, at + length);
    const dtype = /^buffer (.*)$/.exec(what)?.[1];
    if (dtype === 'metadata') sums.metadata += own;
    else if (dtype !== undefined) weights[dtype] = (weights[dtype] ?? 0) + own;
    else sums[KINDS.find(([pattern]) => pattern.test(what))?.[1] ?? 'structure'] += own;
  }
  const known = [...Object.values(sums), ...Object.values(weights)].reduce((a, b) => a + b, 0);
  return { weights, ...sums, padding: source.size - known };
}

/** Number of a buffer -> type of the tensors that hold it, or `metadata`. */
function kindsOfBuffers({ subgraphs = [], metadata = [] }: TfliteTables): Map<number, string> {
  const kinds = new Map<number, string>();
  for (const { buffer } of metadata) kinds.set(buffer, 'metadata');
  for (const graph of subgraphs)
    for (const { buffer, type } of graph.tensors ?? []) if (buffer > 0) kinds.set(buffer, String(type));
  return kinds;
}
