import { ModelError } from '../errors.js';
import { isPlainHdf5, openPlainHdf5 } from './hdf5-plain.js';
import type { ByteSource } from './source.js';

/** An array of an HDF5 file; its elements are read when asked for. */
export interface Hdf5Array {
  /** Sizes of the axes; empty for a scalar. */
  readonly shape: readonly number[];
  /** Element type: `float`, `int` or `uint`, and bits; `other` for texts, records and the like. */
  readonly type: `${'float' | 'int' | 'uint'}${number}` | 'other';
  /** All elements, row-major. @throws {ModelError} `malformed-file` when they cannot be read. */
  read(): Hdf5Elements;
}

export type Hdf5Elements =
  | Float32Array | Float64Array | Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array
  | BigInt64Array | BigUint64Array; // biome-ignore format: a table

/** An open HDF5 file. Paths are from the root, without a leading `/`; the root itself is the empty path. */
export interface Hdf5File {
  /** Text or texts of an attribute; undefined when there is none of that name, or it holds no text. */
  texts(path: string, attribute: string): readonly string[] | undefined;
  /** Names in a group, in the file's order; empty when the path is no group. */
  names(path: string): readonly string[];
  array(path: string): Hdf5Array | undefined;
}

type Library = typeof import('h5wasm');
type Module = Awaited<Library['ready']>;

/** The library, once {@link loadHdf5} has loaded it: its WebAssembly module compiles asynchronously. */
let loaded: { readonly library: Library; readonly module: Module } | undefined;
/** Files opened so far, for names in the library's file system. */
let opened = 0;

/** Compression cannot make bytes shrink more than this; a larger claim is a lie. */
const LARGEST_RATIO = 1032;

/** `89 H D F \r \n 1A \n` at the start. */
export const isHdf5 = (bytes: Uint8Array): boolean =>
  [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a].every((byte, i) => bytes[i] === byte);

/** Files of superblock 2 and later, names beyond ASCII and compressed arrays, which Keras seldom writes. */
export const needsLibrary = (source: ByteSource): boolean =>
  source.size > 8 && ((source.read(8, 1)[0] ?? 0) > 1 || !isPlainHdf5(source));

/** Loads the HDF5 library, so that {@link openHdf5} works from then on. It is 4 MB: only for those who have such a file. */
export async function loadHdf5(): Promise<void> {
  if (loaded) return;
  const library = await import('h5wasm');
  const module = await library.ready;
  silence(module);
  loaded = { library, module };
}

/** What the library would print to standard error comes as an exception too. */
function silence(module: Module): void {
  const { streams } = module.FS as unknown as { streams: { stream_ops: Record<string, unknown> }[] };
  for (const stream of [streams[1], streams[2]])
    if (stream)
      stream.stream_ops = { ...stream.stream_ops, write: (_: unknown, __: unknown, ___: unknown, n: number) => n };
}

/**
 * Opens an HDF5 file over a source: the library reads only what it is asked for.
 * @throws {ModelError} `malformed-file` for damaged files, `invalid-option` when {@link loadHdf5} was not awaited.
 */
export function openHdf5(source: ByteSource): Hdf5File {
  if (!needsLibrary(source)) return openPlainHdf5(source);
  if (!loaded)
    throw new ModelError('invalid-option', 'HDF5 files need a library that loads first. Await prepare(input) before.', {
      where: source.name,
    });
  const { library, module } = loaded;
  const path = `source-${opened++}.h5`;
  mount(module, path, source);
  const guarded = <T>(what: string, work: () => T): T => guard(source.name, what, work);
  const file = guarded('HDF5 file', () => new library.File(path, 'r'));
  (module.FS as unknown as { unlink(path: string): void }).unlink(path);
  const entity = (at: string) => guarded(`object '${at}'`, () => (at === '' ? file : file.get(at)));
  return {
    texts(at, attribute) {
      const owner = entity(at);
      if (!(owner instanceof library.Group || owner instanceof library.Dataset)) return undefined;
      return guarded(`attribute '${attribute}'`, () => textsOf(owner.attrs[attribute]?.value));
    },
    names(at) {
      const group = entity(at);
      return group instanceof library.Group ? guarded(`group '${at}'`, () => group.keys()) : [];
    },
    array(at) {
      const dataset = entity(at);
      if (!(dataset instanceof library.Dataset)) return undefined;
      const facts = guarded(`array '${at}'`, () => dataset.metadata);
      const shape = facts.shape ?? [];
      const bytes = shape.reduce((n, d) => n * d, facts.size);
      if (!(bytes <= source.size * LARGEST_RATIO) || (facts.chunks === null && bytes > source.size))
        throw new ModelError('malformed-file', `array '${at}' of [${shape}] cannot be so large`, {
          where: source.name,
        });
      const read = () => guarded(`array '${at}'`, () => elementsOf(dataset.value));
      return { shape, type: typeOf(facts), read };
    },
  };
}

/** A file of the library's file system whose bytes come from the source. */
function mount(module: Module, path: string, source: ByteSource): void {
  const files = module.FS as unknown as {
    writeFile(path: string, data: Uint8Array): void;
    lookupPath(path: string): { node: { usedBytes: number; stream_ops: Record<string, unknown> } };
  };
  files.writeFile(path, new Uint8Array(0));
  const { node } = files.lookupPath(path);
  node.usedBytes = source.size;
  const read = (_: unknown, buffer: Int8Array, offset: number, length: number, position: number): number => {
    const count = Math.max(0, Math.min(length, source.size - position));
    if (count > 0) buffer.set(source.read(position, count), offset);
    return count;
  };
  node.stream_ops = { ...node.stream_ops, read };
}

function guard<T>(where: string, what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof ModelError) throw error;
    const reason = String((error as Error)?.message ?? error).split('\n')[0];
    throw new ModelError('malformed-file', `${what} cannot be read (${reason}). The file may be damaged.`, {
      where,
      cause: error,
    });
  }
}

function textsOf(value: unknown): readonly string[] | undefined {
  if (typeof value === 'string') return [inUtf8(value)];
  if (Array.isArray(value) && value.every((v) => typeof v === 'string')) return value.map(inUtf8);
  // A list without elements is stored as one of numbers.
  return ArrayBuffer.isView(value) && value.byteLength === 0 ? [] : undefined;
}

/** The library gives texts of lists byte by byte. */
function inUtf8(text: string): string {
  const bytes = Uint8Array.from(text, (c) => c.charCodeAt(0));
  if (bytes.every((b) => b < 128) || [...text].some((c) => c.charCodeAt(0) > 255)) return text;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return text;
  }
}

function typeOf(facts: { readonly type: number; readonly size: number; readonly signed: boolean }): Hdf5Array['type'] {
  const bits = facts.size * 8;
  if (facts.type === 1) return `float${bits}`;
  return facts.type === 0 ? `${facts.signed ? 'int' : 'uint'}${bits}` : 'other';
}

function elementsOf(value: unknown): Hdf5Elements {
  if (ArrayBuffer.isView(value)) return value as Hdf5Elements;
  if (typeof value === 'number') return Float64Array.of(value);
  if (typeof value === 'bigint') return BigInt64Array.of(value);
  throw new Error('no numbers');
}
