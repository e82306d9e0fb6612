import { ContentIndex } from '../../../bytes/content.js';
import type { ByteSource, FileTree } from '../../../bytes/source.js';
import { ModelError } from '../../../errors.js';
import { Constant } from '../../../ir/constant.js';
import { allocate, bitsOf, type DType, dataFromBytes, type Shape, type TensorData } from '../../../ir/tensor.js';
import { float32FromFloat16 } from '../../../numerics/float16.js';
import { checkedCount } from '../read/tensor-proto.js';
import { isObject, type ModelJson } from './model-json.js';
import { type WeightGroup, weightsWithin } from './weights-within.js';

/** Element types that a manifest can name. */
const DTYPES: Readonly<Record<string, DType>> = {
  float32: 'f32',
  int32: 'i32',
  bool: 'bool',
  string: 'string',
  complex64: 'c64',
  // Written by some exporters, though TensorFlow.js itself has no such tensors.
  float16: 'f16',
  uint8: 'u8',
  int8: 'i8',
  uint16: 'u16',
  int16: 'i16',
};

/** How an entry's numbers are stored with fewer bits: `value = q * scale + min`, or half floats. */
interface Stored {
  readonly dtype: 'u8' | 'u16' | 'f16';
  readonly scale: number;
  readonly min: number;
}

interface Entry {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
  readonly stored: Stored | undefined;
}

/** The weights of a TensorFlow.js model by name. @throws {ModelError} as {@link listWeights}, and for a name that repeats */
export function readWeights(json: ModelJson, tree: FileTree, where: string): Map<string, Constant> {
  const weights = new Map<string, Constant>();
  for (const { name, constant } of listWeights(json, tree, where)) {
    if (weights.has(name)) throw broken(where, 'weights of different names', `two called '${name}'`);
    weights.set(name, constant);
  }
  return weights;
}

/** A weight, and where its bytes are. */
interface StoredWeight {
  readonly constant: Constant;
  readonly start: number;
  readonly size: number;
}

/** A weight under the name that the manifest gives it. */
interface NamedWeight {
  readonly name: string;
  readonly constant: Constant;
}

/**
 * The weights of a TensorFlow.js model in the order of the file. The shards of a group are one run of bytes, which its
 * entries divide without gaps; elements are read when asked for. Equal ones are the same constant: graph models have one
 * for every read of a variable.
 * @throws {ModelError} `malformed-file` for a manifest that makes no sense, `not-found` for a missing shard
 */
export function listWeights(json: ModelJson, tree: FileTree, where: string): NamedWeight[] {
  return groupsOf(json, tree, where).flatMap((group, g) => {
    const at = `${where} weightsManifest[${g}]`;
    const bytes = joinShards(group.shards);
    const known = new ContentIndex<StoredWeight>(({ start, size }) => bytes.read(start, size));
    let offset = 0;
    return group.weights.map((raw: unknown, i) => {
      const entry = parseEntry(raw, `${at}.weights[${i}]`);
      const { constant, size } = readEntry(entry, bytes, offset, `${at} '${entry.name}'`);
      const type = JSON.stringify([entry.dtype, entry.shape, entry.stored]);
      const first = known.firstEqual(type, { constant, start: offset, size });
      offset += size;
      return { name: entry.name, constant: first.constant };
    });
  });
}

function groupsOf(json: ModelJson, tree: FileTree, where: string): readonly WeightGroup[] {
  const within = json.weightsManifest ? undefined : weightsWithin(json, where);
  if (within) return [within];
  const groups = json.weightsManifest ?? [];
  if (!Array.isArray(groups)) throw broken(where, 'a list weightsManifest', groups);
  return groups.map((group: unknown, g) => {
    const at = `${where} weightsManifest[${g}]`;
    if (!isObject(group) || !Array.isArray(group.paths) || !Array.isArray(group.weights))
      throw broken(at, 'lists of paths and weights', group);
    return { weights: group.weights, shards: group.paths.map((path) => openShard(tree, path, at)) };
  });
}

function broken(where: string, expected: string, got: unknown): ModelError {
  const text = typeof got === 'string' ? got : (JSON.stringify(got) ?? 'nothing').slice(0, 60);
  return new ModelError('malformed-file', `${expected} expected, ${text} found.`, { where });
}

function openShard(tree: FileTree, path: unknown, where: string): ByteSource {
  if (typeof path !== 'string') throw broken(where, 'the name of a file', path);
  // People move models and keep the paths in them.
  const shard = tree.open(path) ?? tree.open(path.slice(path.lastIndexOf('/') + 1));
  if (shard) return shard;
  throw new ModelError('not-found', `a file '${path}' with weights expected, there is none. Put it beside the model.`, {
    where,
  });
}

/** Reads from several files as if they were one. */
type Read = (offset: number, length: number) => Uint8Array;
interface Joined {
  readonly size: number;
  readonly read: Read;
}

function joinShards(shards: readonly ByteSource[]): Joined {
  let size = 0;
  const parts = shards.map((shard) => {
    const start = size;
    size += shard.size;
    return { shard, start, end: size };
  });
  const read: Read = (offset, length) => {
    const touched = parts.filter(({ start, end }) => start < offset + length && end > offset);
    const [only] = touched;
    if (!only) return new Uint8Array(length);
    if (touched.length === 1) return only.shard.read(offset - only.start, length);
    const bytes = new Uint8Array(length);
    for (const { shard, start, end } of touched) {
      const [from, to] = [Math.max(start, offset), Math.min(end, offset + length)];
      bytes.set(shard.read(from - start, to - from), from - offset);
    }
    return bytes;
  };
  return { size, read };
}

function parseEntry(raw: unknown, where: string): Entry {
  if (!isObject(raw) || typeof raw.name !== 'string') throw broken(where, 'a weight with a name', raw);
  const { name, shape, dtype, quantization } = raw;
  if (!Array.isArray(shape) || !shape.every((d) => Number.isSafeInteger(d) && d >= 0))
    throw broken(`${where} '${name}'`, 'a shape', shape);
  const known = typeof dtype === 'string' && Object.hasOwn(DTYPES, dtype) ? DTYPES[dtype] : undefined;
  if (!known)
    throw new ModelError('unsupported', `weights of type ${String(dtype)} cannot be handled.`, {
      where: `${where} '${name}'`,
    });
  return { name, dtype: known, shape: shape as number[], stored: parseStored(quantization, `${where} '${name}'`) };
}

function parseStored(raw: unknown, where: string): Stored | undefined {
  if (raw === undefined || raw === null) return undefined;
  if (!isObject(raw)) throw broken(where, 'a quantization', raw);
  if (raw.dtype === 'float16') return { dtype: 'f16', scale: 1, min: 0 };
  const dtype = ({ uint8: 'u8', uint16: 'u16' } as const)[String(raw.dtype)];
  if (!dtype) throw new ModelError('unsupported', `quantization to ${String(raw.dtype)} cannot be handled.`, { where });
  const { scale, min } = raw;
  if (typeof scale !== 'number' || typeof min !== 'number') throw broken(where, 'numbers scale and min', raw);
  return { dtype, scale, min };
}

function readEntry(entry: Entry, bytes: Joined, offset: number, where: string): { constant: Constant; size: number } {
  const { dtype, shape, stored } = entry;
  const count = checkedCount(dtype, shape, where);
  if (dtype === 'string') return readStrings(shape, count, bytes, offset, where);
  const size = (count * bitsOf(stored?.dtype ?? dtype)) / 8;
  needs(bytes, offset, size, where);
  const read = (): TensorData => {
    const raw = dataFromBytes(stored?.dtype ?? dtype, shape, bytes.read(offset, size));
    return stored ? widened(raw, stored, dtype) : raw;
  };
  return { constant: Constant.lazy(dtype, shape, read), size };
}

function needs(bytes: Joined, offset: number, size: number, where: string): void {
  if (offset + size <= bytes.size) return;
  throw new ModelError(
    'malformed-file',
    `${size} bytes at ${offset} expected, the shards end after ${bytes.size}. One may be incomplete.`,
    { where },
  );
}

/** `q * scale + min` in float32, or the integers nearest to it. */
function widened(raw: TensorData, { dtype: from, scale, min }: Stored, dtype: DType): TensorData {
  const numbers = from === 'f16' ? float32FromFloat16(raw as Uint16Array) : (raw as Uint8Array | Uint16Array);
  const out = allocate(dtype, numbers.length) as Float32Array;
  const round = dtype === 'f32' ? (x: number) => x : Math.round;
  for (let i = 0; i < numbers.length; i++)
    out[i] = from === 'f16' ? (numbers[i] as number) : round((numbers[i] as number) * scale + min);
  return out;
}

/** Each string stands behind its length in bytes, 4 bytes little-endian. */
function readStrings(
  shape: Shape,
  count: number,
  bytes: Joined,
  offset: number,
  where: string,
): { constant: Constant; size: number } {
  needs(bytes, offset, 4 * count, where);
  const strings: Uint8Array[] = [];
  let at = offset;
  for (let i = 0; i < count; i++) {
    needs(bytes, at, 4, where);
    const head = bytes.read(at, 4);
    const length = new DataView(head.buffer, head.byteOffset, 4).getUint32(0, true);
    needs(bytes, at + 4, length, where);
    strings.push(bytes.read(at + 4, length).slice());
    at += 4 + length;
  }
  return { constant: Constant.of('string', shape, strings), size: at - offset };
}
