/** An array of a `.npy` file: format 1.0, little endian, C order. */
export interface NpyArray {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array | Int8Array | Uint8Array | Int16Array | Int32Array | BigInt64Array;
}

const TYPES = {
  '<f4': Float32Array,
  '<f8': Float64Array,
  '|i1': Int8Array,
  '|u1': Uint8Array,
  '|b1': Uint8Array,
  '<i2': Int16Array,
  '<i4': Int32Array,
  '<i8': BigInt64Array,
} as const;

/** Reads a `.npy` file; for golden results in tests. */
export function readNpy(bytes: Uint8Array): NpyArray {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint16(8, true);
  const header = new TextDecoder('latin1').decode(bytes.subarray(10, 10 + length));
  const descr = /'descr': '([^']+)'/.exec(header)?.[1] as keyof typeof TYPES;
  const Type = TYPES[descr];
  if (!Type) throw new Error(`npy header ${header}`);
  const shape = (/'shape': \(([^)]*)\)/.exec(header)?.[1] ?? '').split(',').filter((s) => s.trim()).map(Number); // biome-ignore format: short
  return { shape, data: new Type(Uint8Array.from(bytes.subarray(10 + length)).buffer) };
}
