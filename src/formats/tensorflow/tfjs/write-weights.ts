import { Constant } from '../../../ir/constant.js';
import { byteLength, type DType, elementCount, type Quantization } from '../../../ir/tensor.js';

/** A weight of the manifest: its entry, and its bytes, read when asked for. */
export interface StoredWeight {
  readonly entry: object;
  /** In bytes. */
  readonly size: number;
  readonly read: () => Uint8Array;
}

/** Element types that a manifest can hold -> their name there. */
const NAMES: Partial<Record<DType, string>> = { f32: 'float32', i32: 'int32', bool: 'bool', c64: 'complex64' };

/** The type that a manifest holds in place of others. */
const narrowed = (dtype: DType): DType => (dtype === 'f64' ? 'f32' : 'i32');

/**
 * How the manifest holds a constant: floats as they are or as half floats; integers of a quantized tensor as uint8 or
 * uint16 with `value = q * scale + min`, where `min` is a multiple of the scale, so that zero comes out as zero; other
 * integers as int32.
 */
export function storedWeight(name: string, constant: Constant, quantization: Quantization | undefined): StoredWeight {
  const { dtype, shape } = constant;
  if (dtype === 'string') return storedStrings(name, constant);
  const entry = (type: string, more: object = {}) => ({ name, shape: [...shape], dtype: type, ...more });
  const unsigned = quantization && unsignedForm(constant, quantization);
  if (unsigned) {
    const { parameters, width, read } = unsigned;
    return { entry: entry('float32', { quantization: parameters }), size: width * constant.count, read };
  }
  if (quantization) return storedWeight(name, realConstant(constant, quantization), undefined);
  if (dtype === 'f16') {
    const parameters = { dtype: 'float16', original_dtype: 'float32' };
    return {
      entry: entry('float32', { quantization: parameters }),
      size: byteLength(dtype, shape),
      read: () => constant.bytes(),
    };
  }
  const plain = NAMES[dtype] ? constant : converted(constant, narrowed(dtype));
  return {
    entry: entry(NAMES[plain.dtype] as string),
    size: byteLength(plain.dtype, shape),
    read: () => plain.bytes(),
  };
}

/** Types of quantized elements -> what moves them to 0 and up, and the bytes that each then takes. */
const MOVES: Partial<Record<DType, readonly [offset: number, width: 1 | 2]>> = {
  u8: [0, 1],
  i8: [128, 1],
  i4: [8, 1],
  u4: [0, 1],
  i2: [2, 1],
  i16: [32768, 2],
  u16: [0, 2],
};

/** Integers of one scale moved to 0 and up, and the numbers that take them back; undefined for other tensors. */
function unsignedForm(constant: Constant, { scale, zeroPoint }: Quantization) {
  const move = MOVES[constant.dtype];
  const step = scale[0];
  if (!move || step === undefined || scale.length > 1) return undefined;
  const [offset, width] = move;
  const parameters = {
    dtype: width === 1 ? 'uint8' : 'uint16',
    scale: step,
    min: 0 - (offset + (zeroPoint[0] ?? 0)) * step,
    original_dtype: 'float32',
  };
  const read = () => {
    const from = constant.data() as Int8Array;
    const to = width === 1 ? new Uint8Array(from.length) : new Uint16Array(from.length);
    for (let i = 0; i < from.length; i++) to[i] = (from[i] as number) + offset;
    return new Uint8Array(to.buffer);
  };
  return { parameters, width, read };
}

/** The float32 numbers that quantized integers stand for. */
export function realConstant(constant: Constant, { scale, zeroPoint, axis }: Quantization): Constant {
  const { shape } = constant;
  return Constant.lazy('f32', shape, () => {
    const from = constant.data() as Int8Array;
    const out = new Float32Array(from.length);
    const inner = elementCount(shape.slice(axis + 1));
    for (let i = 0; i < out.length; i++) {
      const c = scale.length > 1 ? Math.floor(i / inner) % scale.length : 0;
      out[i] = (scale[c] as number) * (Number(from[i]) - (zeroPoint[c] ?? 0));
    }
    return out;
  });
}

function converted(from: Constant, dtype: DType): Constant {
  return Constant.lazy(dtype, from.shape, () => {
    const numbers = from.data() as ArrayLike<number | bigint>;
    return dtype === 'f32' ? Float32Array.from(numbers, Number) : Int32Array.from(numbers, (v) => Number(v));
  });
}

function storedStrings(name: string, constant: Constant): StoredWeight {
  const strings = constant.data() as readonly Uint8Array[];
  const size = strings.reduce((n, s) => n + 4 + s.length, 0);
  const read = () => {
    const bytes = new Uint8Array(size);
    const view = new DataView(bytes.buffer);
    let at = 0;
    for (const s of strings) {
      view.setUint32(at, s.length, true);
      bytes.set(s, at + 4);
      at += 4 + s.length;
    }
    return bytes;
  };
  return { entry: { name, shape: [...constant.shape], dtype: 'string' }, size, read };
}

/** Largest shard, in bytes. */
const SHARD = 4 * 1024 * 1024;

/** The one group of a manifest: its shards' names, and their bytes one after the other. */
export function shards(weights: readonly StoredWeight[]): { paths: string[]; bytes: () => Iterable<Uint8Array> } {
  const total = weights.reduce((n, w) => n + w.size, 0);
  const count = Math.ceil(total / SHARD);
  const paths = Array.from({ length: count }, (_, i) => `group1-shard${i + 1}of${count}.bin`);
  return { paths, bytes: () => cut(weights, total) };
}

function* cut(weights: readonly StoredWeight[], total: number): Iterable<Uint8Array> {
  let shard = new Uint8Array(Math.min(SHARD, total));
  let [filled, left] = [0, total];
  for (const weight of weights) {
    const bytes = weight.read();
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.subarray(at, at + shard.length - filled);
      shard.set(part, filled);
      at += part.length;
      filled += part.length;
      if (filled < shard.length) continue;
      yield shard;
      left -= filled;
      shard = new Uint8Array(Math.min(SHARD, left));
      filled = 0;
    }
  }
}
