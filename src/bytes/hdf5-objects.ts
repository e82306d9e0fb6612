import { ModelError } from '../errors.js';
import type { Hdf5Array } from './hdf5.js';
import type { ByteSource } from './source.js';

/** A message of an object header: `size` bytes at `at`. */
export interface Message {
  readonly type: number;
  readonly at: number;
  readonly size: number;
}

/** A group or an array. */
interface PlainObject {
  readonly messages: readonly Message[];
  /** Name -> place of the object's header; empty for arrays. */
  children(): ReadonlyMap<string, number>;
}

/** A place in the file. */
interface Place {
  readonly at: number;
  readonly size: number;
}

const SYMBOL_TABLE = 0x11;
const CONTINUATION = 0x10;
const ATTRIBUTE = 0x0c;
const LINK_INFO = 0x02;
const LINK = 0x06;
const LAYOUT = 0x08;
const CHUNKED = 2;
/** Blocks of an object header, and levels of a tree of names: more than any file has. */
const MOST_BLOCKS = 1024;
const MOST_OBJECTS = 200_000;
const DEEPEST = 16;
const UNDEFINED = 0xffff_ffff_ffff_ffffn;

const padded = (n: number): number => Math.ceil(n / 8) * 8;

/** The objects of a file by their paths, parsed when asked for. Section numbers are those of the format specification. */
export class PlainObjects {
  readonly #source: ByteSource;
  readonly #known = new Map<number, PlainObject>();
  readonly #heaps = new Map<number, ReadonlyMap<number, Place>>();
  readonly #root: number;

  constructor(source: ByteSource) {
    this.#source = source;
    const version = this.#u8(8);
    if (this.#u8(13) !== 8 || this.#u8(14) !== 8) throw this.#bad(13, 'offsets and lengths of 8 bytes expected');
    const base = version === 1 ? 28 : 24;
    if (this.#u64(base) !== 0) throw this.#bad(base, 'addresses from the start of the file expected');
    this.#root = this.#u64(base + 40);
  }

  /** @returns undefined when there is none of that path */
  find(path: string): PlainObject | undefined {
    let at = this.#root;
    for (const name of path === '' ? [] : path.split('/')) {
      const next = this.#object(at).children().get(name);
      if (next === undefined) return undefined;
      at = next;
    }
    return this.#object(at);
  }

  /** True where no group keeps its names in links, and no array is in chunks. */
  isPlain(): boolean {
    const seen = new Set([this.#root]);
    for (const at of seen) {
      const object = this.#object(at);
      const layout = object.messages.find(({ type }) => type === LAYOUT);
      if (object.messages.some(({ type }) => type === LINK_INFO || type === LINK)) return false;
      if (layout && this.#u8(layout.at) === 3 && this.#u8(layout.at + 1) === CHUNKED) return false;
      for (const child of object.children().values()) seen.add(child);
      if (seen.size > MOST_OBJECTS) return true;
    }
    return true;
  }

  #object(at: number): PlainObject {
    const known = this.#known.get(at);
    if (known) return known;
    const messages = this.#messages(at);
    let children: ReadonlyMap<string, number> | undefined;
    const object = { messages, children: () => (children ??= this.#children(messages)) };
    this.#known.set(at, object);
    return object;
  }

  /** Object header, version 1 (IV.A.1.a). */
  #messages(header: number): Message[] {
    if (this.#u8(header) !== 1) throw this.#bad(header, 'an object header of version 1 expected');
    const count = this.#u16(header + 2);
    const blocks: Place[] = [{ at: header + 16, size: this.#u32(header + 8) }];
    const messages: Message[] = [];
    for (let i = 0; i < blocks.length && messages.length < count; i++) {
      const block = blocks[i] as Place;
      let at = block.at;
      while (at + 8 <= block.at + block.size && messages.length < count) {
        const message = { type: this.#u16(at), at: at + 8, size: this.#u16(at + 2) };
        messages.push(message);
        if (message.type === CONTINUATION) blocks.push({ at: this.#u64(message.at), size: this.#u64(message.at + 8) });
        at = message.at + message.size;
      }
      if (blocks.length > MOST_BLOCKS) throw this.#bad(header, 'an object header in fewer parts expected');
    }
    return messages;
  }

  #children(messages: readonly Message[]): Map<string, number> {
    const children = new Map<string, number>();
    const table = messages.find((m) => m.type === SYMBOL_TABLE);
    if (!table) return children;
    const heap = this.#u64(table.at + 8);
    this.#expect(heap, 'HEAP');
    const names = this.#bytes(this.#u64(heap + 24), this.#u64(heap + 8));
    this.#tree(this.#u64(table.at), { children, names, seen: new Set(), depth: 0 });
    return children;
  }

  /** B-tree, version 1, of symbol table nodes (III.A.1, III.B). */
  #tree(at: number, walk: TreeWalk): void {
    if (walk.depth > DEEPEST || walk.seen.has(at)) throw this.#bad(at, 'a tree of names expected');
    walk.seen.add(at);
    if (this.#text(at, 4) === 'SNOD') {
      const count = this.#u16(at + 6);
      for (let i = 0; i < count; i++) this.#symbol(at + 8 + 40 * i, walk);
      return;
    }
    this.#expect(at, 'TREE');
    const count = this.#u16(at + 6);
    for (let i = 0; i < count; i++) this.#tree(this.#u64(at + 32 + 16 * i), { ...walk, depth: walk.depth + 1 });
  }

  #symbol(at: number, { names, children }: TreeWalk): void {
    const start = this.#u64(at);
    const end = names.indexOf(0, start);
    if (start >= names.length || end < 0) throw this.#bad(at, 'a name in the heap expected');
    // Type 2 is a symbolic link, which nothing here needs.
    if (this.#u32(at + 16) !== 2) children.set(decoder.decode(names.subarray(start, end)), this.#u64(at + 8));
  }

  /** The texts of an attribute (IV.A.2.m); undefined when there is none of that name, or it holds no texts. */
  attribute(object: PlainObject, name: string): readonly string[] | undefined {
    for (const { type, at } of object.messages) {
      if (type !== ATTRIBUTE) continue;
      const version = this.#u8(at);
      const [nameSize, typeSize, spaceSize] = [this.#u16(at + 2), this.#u16(at + 4), this.#u16(at + 6)];
      const pad = version === 1 ? padded : (n: number) => n;
      const start = at + (version === 3 ? 9 : 8);
      if (this.#text(start, nameSize).replace(/\0+$/, '') !== name) continue;
      const datatype = start + pad(nameSize);
      const space = datatype + pad(typeSize);
      const count = this.dimensions({ at: space }).reduce((a, b) => a * b, 1);
      return this.#texts(datatype, space + pad(spaceSize), count);
    }
    return undefined;
  }

  #texts(datatype: number, at: number, count: number): string[] | undefined {
    if (count === 0) return [];
    const kind = this.#u8(datatype) & 15;
    const size = this.#u32(datatype + 4);
    const isVariable = kind === 9 && (this.#u8(datatype + 1) & 15) === 1;
    if (kind !== 3 && !isVariable) return undefined;
    const all = this.#bytes(at, count * Math.max(size, 1));
    return Array.from({ length: count }, (_, i) => {
      if (!isVariable) return decoder.decode(all.subarray(i * size, (i + 1) * size)).replace(/\0+$/, '');
      const place = this.#heap(this.#u64(at + 16 * i + 4)).get(this.#u32(at + 16 * i + 12));
      const length = this.#u32(at + 16 * i);
      if (length === 0) return '';
      if (!place || length > place.size) throw this.#bad(at + 16 * i, 'a text in a heap expected');
      return this.#text(place.at, length).replace(/\0+$/, '');
    });
  }

  /** Global heap collection (III.E): number -> place of its object. */
  #heap(at: number): ReadonlyMap<number, Place> {
    const known = this.#heaps.get(at);
    if (known) return known;
    this.#expect(at, 'GCOL');
    const end = Math.min(at + this.#u64(at + 8), this.#source.size);
    const places = new Map<number, Place>();
    for (let i = at + 16; i + 16 <= end; ) {
      const index = this.#u16(i);
      const size = this.#u64(i + 8);
      if (index === 0) break;
      places.set(index, { at: i + 16, size });
      i += 16 + padded(size);
    }
    this.#heaps.set(at, places);
    return places;
  }

  /** Sizes of a dataspace (IV.A.2.b). */
  dimensions({ at }: { readonly at: number }): number[] {
    const [version, rank] = [this.#u8(at), this.#u8(at + 1)];
    if ((version !== 1 && version !== 2) || rank > 32) throw this.#bad(at, 'a dataspace of version 1 or 2 expected');
    if (version === 2 && this.#u8(at + 3) === 2) return [0];
    const start = at + (version === 1 ? 8 : 4);
    return Array.from({ length: rank }, (_, i) => this.#u64(start + 8 * i));
  }

  /** Element type (IV.A.2.d); `size` in bytes. */
  datatype({ at }: Message): { readonly kind: Hdf5Array['type']; readonly size: number } {
    const [kind, bits] = [this.#u8(at) & 15, this.#u8(at + 1)];
    const size = this.#u32(at + 4);
    if (kind > 1 || (bits & 1) === 1) return { kind: 'other', size };
    if (kind === 1) return { kind: `float${size * 8}`, size };
    return { kind: `${(bits & 8) === 8 ? 'int' : 'uint'}${size * 8}`, size };
  }

  /** Where the elements are (IV.A.2.i); undefined when none were written. */
  layout({ at }: Message): Place | undefined {
    const [version, kind] = [this.#u8(at), this.#u8(at + 1)];
    if (version === 3 && kind === 0) return { at: at + 4, size: this.#u16(at + 2) };
    if (version === 3 && kind === 1) {
      if (this.#u64Raw(at + 2) === UNDEFINED) return undefined;
      return { at: this.#u64(at + 2), size: this.#u64(at + 10) };
    }
    throw new ModelError('unsupported', 'arrays in one piece expected. Save the model with Keras again.', {
      where: this.#where(at),
    });
  }

  #expect(at: number, signature: string): void {
    if (this.#text(at, 4) !== signature) throw this.#bad(at, `'${signature}' expected`);
  }
  #bytes = (at: number, size: number): Uint8Array => this.#source.read(at, size);
  #text = (at: number, size: number): string => decoder.decode(this.#bytes(at, size));
  #view(at: number, size: number): DataView {
    const bytes = this.#bytes(at, size);
    return new DataView(bytes.buffer, bytes.byteOffset, size);
  }
  #u8 = (at: number): number => this.#view(at, 1).getUint8(0);
  #u16 = (at: number): number => this.#view(at, 2).getUint16(0, true);
  #u32 = (at: number): number => this.#view(at, 4).getUint32(0, true);
  #u64Raw = (at: number): bigint => this.#view(at, 8).getBigUint64(0, true);
  /** A size or an address: one that no file has is refused where it is used. */
  #u64 = (at: number): number => Number(this.#u64Raw(at));
  #where = (at: number): string => `${this.#source.name} @0x${Math.max(0, at).toString(16)}`;
  #bad = (at: number, expected: string): ModelError =>
    new ModelError('malformed-file', `${expected}. The file may be damaged.`, { where: this.#where(at) });
}

interface TreeWalk {
  readonly children: Map<string, number>;
  readonly names: Uint8Array;
  readonly seen: Set<number>;
  readonly depth: number;
}

const decoder = new TextDecoder();
