import { ModelError } from '../errors.js';
import { float32FromFloat16 } from '../numerics/float16.js';
import type { Hdf5Array, Hdf5Elements, Hdf5File } from './hdf5.js';
import { type Message, PlainObjects } from './hdf5-objects.js';
import type { ByteSource } from './source.js';

/**
 * An HDF5 file as h5py writes it by default: superblock 0, symbol-table groups, arrays in one piece. Every offset and
 * length is checked, and everything ends; the library is not as careful with damaged files.
 * Source: HDF5 File Format Specification, version 1.1.
 * @throws {ModelError} `malformed-file`, or `unsupported` for arrays in chunks.
 */
export function openPlainHdf5(source: ByteSource): Hdf5File {
  const objects = new PlainObjects(source);
  return {
    texts: (path, attribute) => {
      const object = objects.find(path);
      return object && objects.attribute(object, attribute);
    },
    names: (path) => [...(objects.find(path)?.children().keys() ?? [])],
    array: (path) => {
      const object = objects.find(path);
      return object && arrayOf(source, objects, object.messages);
    },
  };
}

/** True where all groups and arrays have those forms, or the file is too damaged to say. */
export function isPlainHdf5(source: ByteSource): boolean {
  try {
    return new PlainObjects(source).isPlain();
  } catch (error) {
    if (error instanceof ModelError) return true;
    throw error;
  }
}

function arrayOf(source: ByteSource, objects: PlainObjects, messages: readonly Message[]): Hdf5Array | undefined {
  const [space, type, layout] = [0x01, 0x03, 0x08].map((t) => messages.find((m) => m.type === t));
  if (!space || !type || !layout) return undefined;
  const shape = objects.dimensions(space);
  const { kind, size } = objects.datatype(type);
  const bytes = shape.reduce((n, d) => n * d, size);
  const place = objects.layout(layout);
  if (place && (bytes > place.size || !Number.isSafeInteger(bytes)))
    throw new ModelError('malformed-file', `an array of [${shape}] needs ${bytes} bytes, its place has ${place.size}`, {
      where: source.name,
    });
  if (!place && bytes > source.size)
    throw new ModelError('malformed-file', `an array of [${shape}] is not there`, { where: source.name });
  const read = () => elementsOf(kind, place ? source.read(place.at, bytes) : new Uint8Array(bytes), source.name);
  return { shape, type: kind, read };
}

const ARRAYS = {
  float32: Float32Array,
  float64: Float64Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
} as const;

function elementsOf(kind: Hdf5Array['type'], bytes: Uint8Array, where: string): Hdf5Elements {
  const Kind = Object.hasOwn(ARRAYS, kind) ? ARRAYS[kind as keyof typeof ARRAYS] : undefined;
  if (kind === 'float16') return float32FromFloat16(new Uint16Array(bytes.slice().buffer));
  if (!Kind) throw new ModelError('unsupported', `an array of numbers expected, got ${kind}`, { where });
  return new Kind(bytes.slice().buffer);
}
