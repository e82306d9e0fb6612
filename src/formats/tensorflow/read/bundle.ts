import { crc32c, maskCrc } from '../../../bytes/crc32c.js';
import { originOf } from '../../../bytes/protobuf.js';
import type { ByteSource, FileTree } from '../../../bytes/source.js';
import { ModelError } from '../../../errors.js';
import { Constant } from '../../../ir/constant.js';
import { allocate, bitsOf, type DType, isComplex, isStatic, type Shape, type TensorData } from '../../../ir/tensor.js';
import type { BundleEntryProto } from '../../../schema/tensorflow.gen.js';
import { decode, dtypeOf, shapeOf } from './protos.js';
import { type Extent, eachRow, sliceKey } from './slices.js';
import { binaryText, readTable } from './table.js';
import { checkedCount, elementBytes, elementsOfBytes } from './tensor-proto.js';

/** A checkpoint: tensors by name, read from their shard when asked for. */
export interface Bundle {
  /** Names of the tensors (UTF-8 decoded), in the order of the index. */
  readonly names: readonly string[];
  has(name: string): boolean;
  /**
   * The tensor; its elements are read from the shard each time they are asked for.
   * @throws {ModelError} `not-found` when there is none of that name, `malformed-file` when its entry makes no sense.
   */
  tensor(name: string): Constant;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const keyOf = (name: string): string => binaryText(encoder.encode(name));

/**
 * Opens the checkpoint `prefix` (such as `variables/variables`) of a folder: `prefix.index` and its shards. Undefined
 * when there is no index. Only the index is read now.
 *
 * Source: TensorFlow `core/util/tensor_bundle`, `core/protobuf/tensor_bundle.proto`.
 * @throws {ModelError} `malformed-file`, `not-found` for a missing shard (when a tensor of it is read).
 */
export function openBundle(tree: Folder, prefix: string): Bundle | undefined {
  const index = tree.open(`${prefix}.index`);
  if (!index) return undefined;
  const values = new Map<string, Uint8Array>();
  for (const { key, value } of readTable(index)) values.set(key, value);
  const headerBytes = values.get('');
  if (!headerBytes)
    throw new ModelError('malformed-file', 'a header entry expected, none found.', { where: index.name });
  const header = decode('BundleHeaderProto', headerBytes, originOf(index.name, headerBytes));
  values.delete('');
  const files: Files = { tree, prefix, shards: header.numShards, swap: header.endianness === 1, open: new Map() };
  const entry = (key: string, name: string): Entry => {
    const value = values.get(key);
    const where = `${index.name}, tensor '${name}'`;
    if (!value) throw new ModelError('not-found', 'no such tensor in the checkpoint.', { where });
    return checkedEntry(decode('BundleEntryProto', value, originOf(where, value)), where);
  };
  return {
    get names() {
      // Slices have keys of their own that begin with a zero byte.
      const keys = [...values.keys()].filter((k) => !k.startsWith('\0'));
      return keys.map((k) => decoder.decode(Uint8Array.from(k, (c) => c.charCodeAt(0))));
    },
    has: (name) => values.has(keyOf(name)),
    tensor(name) {
      const whole = entry(keyOf(name), name);
      const { dtype, shape } = whole;
      if (whole.slices.length === 0) return Constant.lazy(dtype, shape, () => readEntry(files, whole));
      const parts = whole.slices.map((extents) => ({ extents, entry: entry(sliceKey(name, extents), name) }));
      return Constant.lazy(dtype, shape, () => assemble(files, whole, parts));
    },
  };
}

/** Files by name. */
type Folder = Pick<FileTree, 'open'>;

interface Files {
  readonly tree: Folder;
  readonly prefix: string;
  readonly shards: number;
  /** Elements are big-endian. */
  readonly swap: boolean;
  readonly open: Map<number, ByteSource>;
}

interface Entry {
  readonly where: string;
  readonly dtype: DType;
  readonly shape: Shape;
  readonly count: number;
  readonly shard: number;
  readonly offset: number;
  readonly size: number;
  readonly slices: readonly (readonly Extent[])[];
}

function checkedEntry(proto: BundleEntryProto, where: string): Entry {
  const dtype = dtypeOf(proto.dtype, where);
  const shape = shapeOf(proto.shape, where) ?? [];
  if (!isStatic(shape)) throw new ModelError('malformed-file', `a static shape expected, [${shape}] found.`, { where });
  const count = checkedCount(dtype, shape, where);
  const offset = Number(proto.offset);
  const size = Number(proto.size);
  const slices = proto.slices.map(({ extent }) =>
    extent.map(({ start, length }) => ({ start: Number(start), length: length === undefined ? -1 : Number(length) })),
  );
  const fixed = bitsOf(dtype) > 0;
  if (slices.length === 0 && fixed && size !== count * elementBytes(dtype))
    throw new ModelError(
      'malformed-file',
      `${count * elementBytes(dtype)} bytes expected for ${dtype} [${shape}], ${size} found.`,
      { where },
    );
  if (dtype === 'resource' || dtype === 'variant')
    throw new ModelError('unsupported', `a stored tensor of type ${dtype} cannot be handled.`, { where });
  return { where, dtype, shape, count, shard: proto.shardId, offset, size, slices };
}

function readBytes(files: Files, { shard, offset, size, where }: Entry): Uint8Array {
  let source = files.open.get(shard);
  if (!source) {
    const digits = (n: number): string => String(n).padStart(5, '0');
    const name = `${files.prefix}.data-${digits(shard)}-of-${digits(files.shards)}`;
    source = files.tree.open(name);
    if (!source) throw new ModelError('not-found', `the file ${name} expected, there is none.`, { where });
    files.open.set(shard, source);
  }
  return source.read(offset, size);
}

function readEntry(files: Files, entry: Entry): TensorData {
  const bytes = readBytes(files, entry);
  if (entry.dtype === 'string') return readStrings(bytes, entry);
  return elementsOfBytes(entry.dtype, entry.shape, files.swap ? swapped(entry.dtype, bytes) : bytes);
}

/** The bytes with each element (each half of a complex one) turned round. */
function swapped(dtype: DType, bytes: Uint8Array): Uint8Array {
  const size = elementBytes(dtype) / (isComplex(dtype) ? 2 : 1);
  if (size === 1) return bytes;
  const out = new Uint8Array(bytes.length);
  for (let i = 0; i < bytes.length; i += size)
    for (let k = 0; k < size; k++) out[i + k] = bytes[i + size - 1 - k] as number;
  return out;
}

/** String tensors: all lengths as varints, a checksum of the lengths, then the strings back to back. */
function readStrings(bytes: Uint8Array, { count, where }: Entry): readonly Uint8Array[] {
  if (count === 0) return [];
  const fail = (expected: string): never => {
    throw new ModelError('malformed-file', `${expected} expected. The file may be damaged.`, { where });
  };
  if (count > bytes.length) fail(`${count} strings`);
  let at = 0;
  const lengths: number[] = [];
  for (let i = 0; i < count; i++) {
    let value = 0;
    for (let k = 0; ; k++) {
      const byte = bytes[at++] ?? fail('the length of a string');
      value += (byte & 0x7f) * 2 ** (7 * k);
      if (byte < 0x80) break;
      if (k === 7) fail('the length of a string');
    }
    lengths.push(value);
  }
  const fixed = new DataView(new ArrayBuffer(4 * count));
  lengths.forEach((value, i) => {
    fixed.setUint32(4 * i, value, true);
  });
  if (at + 4 > bytes.length) fail('a checksum');
  const stored = new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true);
  if (maskCrc(crc32c(new Uint8Array(fixed.buffer))) !== stored) fail('lengths that fit their checksum');
  at += 4;
  return lengths.map((length) => {
    if (at + length > bytes.length) fail(`a string of ${length} bytes`);
    at += length;
    return bytes.subarray(at - length, at);
  });
}

interface Part {
  readonly extents: readonly Extent[];
  readonly entry: Entry;
}

/** Copies the slices of a partitioned variable to their places. */
function assemble(files: Files, whole: Entry, parts: readonly Part[]): TensorData {
  const { dtype, shape, where } = whole;
  const covered = parts.reduce((sum, part) => sum + part.entry.count, 0);
  if (covered !== whole.count || dtype === 'string')
    throw new ModelError('malformed-file', `slices for ${whole.count} elements expected, ${covered} found.`, { where });
  const width = isComplex(dtype) ? 2 : 1;
  const out = allocate(dtype, whole.count) as Uint8Array;
  for (const { extents, entry } of parts) {
    const box = checkedBox(shape, extents, entry, where);
    const from = readEntry(files, entry) as Uint8Array;
    eachRow(shape, box, (inWhole, inBox, length) => {
      out.set(from.subarray(inBox * width, (inBox + length) * width), inWhole * width);
    });
  }
  return out;
}

function checkedBox(shape: Shape, extents: readonly Extent[], entry: Entry, where: string): Extent[] {
  const box = shape.map((size, axis) => {
    const { start, length } = extents[axis] ?? { start: 0, length: -1 };
    return { start, length: length < 0 ? size : length };
  });
  const fits =
    extents.length <= shape.length &&
    box.every(({ start, length }, axis) => start >= 0 && start + length <= (shape[axis] as number)) &&
    entry.count === box.reduce((n, { length }) => n * length, 1);
  if (!fits) throw new ModelError('malformed-file', `a slice of [${shape}] expected, another shape found.`, { where });
  return box;
}
