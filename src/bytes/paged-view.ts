import { ModelError } from '../errors.js';
import type { ByteSource } from './source.js';

const PAGE = 1 << 16;
/** Pages held at a time: 16 MB. */
const PAGES = 256;

/** Little-endian numbers of a source at any offset, read page by page so that a large file is never loaded whole. */
export class PagedView {
  readonly source: ByteSource;
  readonly #pages = new Map<number, DataView>();
  #page: DataView = new DataView(new ArrayBuffer(0));
  #start = 0;

  constructor(source: ByteSource) {
    this.source = source;
  }

  get size(): number {
    return this.source.size;
  }

  /** Makes `[at, at + length)` visible; the result is the view and where the range begins in it. */
  #locate(at: number, length: number): number {
    const inside = at - this.#start;
    if (inside >= 0 && inside + length <= this.#page.byteLength) return inside;
    const start = Math.floor(at / PAGE) * PAGE;
    if (at < 0 || at + length > this.size || at + length > start + PAGE) {
      this.#page = viewOf(this.source.read(at, length));
      this.#start = at;
      return 0;
    }
    let page = this.#pages.get(start);
    if (!page) {
      page = viewOf(this.source.read(start, Math.min(PAGE, this.size - start)));
      if (this.#pages.size >= PAGES) this.#pages.clear();
      this.#pages.set(start, page);
    }
    this.#page = page;
    this.#start = start;
    return at - start;
  }

  u16(at: number): number {
    const inside = this.#locate(at, 2);
    return this.#page.getUint16(inside, true);
  }

  u32(at: number): number {
    const inside = this.#locate(at, 4);
    return this.#page.getUint32(inside, true);
  }

  i32(at: number): number {
    const inside = this.#locate(at, 4);
    return this.#page.getInt32(inside, true);
  }

  /** A number by a function of `DataView`'s kind. */
  get<T>(at: number, length: number, read: (view: DataView, at: number) => T): T {
    const inside = this.#locate(at, length);
    return read(this.#page, inside);
  }

  /** @throws {ModelError} always: `malformed-file` at that offset. */
  fail(at: number, message: string): never {
    throw new ModelError('malformed-file', message, {
      where: `${this.source.name} @0x${Math.max(0, at).toString(16)}`,
    });
  }
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
