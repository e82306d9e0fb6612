import { ContentIndex } from '../../bytes/content.js';
import type { LaterBytes } from '../../bytes/flatbuffers.js';
import type { Constant } from '../../ir/constant.js';
import type { Value } from '../../ir/graph.js';
import { type StoredBytes, storedBytes } from './stored.js';

/** The buffers of a file to be written. Number 0 is empty and stands for no data. */
export interface BufferPlan {
  readonly buffers: readonly LaterBytes[];
  /** Number of a constant's buffer. */
  readonly of: ReadonlyMap<Constant, number>;
  /** Bytes of all buffers. */
  readonly bytes: number;
}

/**
 * Gives each constant a buffer, equal contents one buffer. Only constants of equal length can be equal, and only those
 * are read here.
 */
export function planBuffers(values: Iterable<Value>): BufferPlan {
  const forms = new Map<Constant, StoredBytes>();
  const sameOrigin = new Map<unknown, Map<string, StoredBytes>>();
  for (const value of values) {
    const { constant } = value;
    if (!constant || forms.has(constant)) continue;
    const form = firstOfOrigin(sameOrigin, storedBytes(value, constant));
    forms.set(constant, form);
  }
  const room = { bytes: MOST_KEPT };
  const contents = new ContentIndex<StoredBytes>((form) => readAndKeep(form, room));
  const numbers = new Map<StoredBytes, number>();
  const buffers: LaterBytes[] = [{ length: 0, read: () => new Uint8Array() }];
  const of = new Map<Constant, number>();
  let bytes = 0;
  for (const [constant, form] of forms) {
    const first = form.length === 0 ? form : contents.firstEqual(`${form.length}`, form);
    let number = first.length === 0 ? 0 : numbers.get(first);
    if (number === undefined) {
      number = buffers.push({ length: first.length, read: () => takeBytes(first) }) - 1;
      numbers.set(first, number);
      bytes += first.length;
    }
    of.set(constant, number);
  }
  return { buffers, of, bytes };
}

/** Constants of the same place in the same file are equal without a look. */
function firstOfOrigin(known: Map<unknown, Map<string, StoredBytes>>, form: StoredBytes): StoredBytes {
  if (!form.source) return form;
  const places = known.get(form.source) ?? new Map<string, StoredBytes>();
  known.set(form.source, places);
  const key = `${form.offset}:${form.length}`;
  const first = places.get(key) ?? form;
  places.set(key, first);
  return first;
}

/** How many more bytes may be kept. */
interface Room {
  bytes: number;
}

/** What was read to compare it, until it is written: some constants are long computations. */
const kept = new WeakMap<StoredBytes, Uint8Array>();
/** Bytes to keep of one model. */
const MOST_KEPT = 16 << 20;

function readAndKeep(form: StoredBytes, room: Room): Uint8Array {
  const known = kept.get(form);
  if (known) return known;
  const bytes = form.read();
  if (bytes.length <= room.bytes) {
    room.bytes -= bytes.length;
    kept.set(form, bytes);
  }
  return bytes;
}

/** The bytes for the file, which are then kept no longer. */
function takeBytes(form: StoredBytes): Uint8Array {
  const bytes = kept.get(form) ?? form.read();
  kept.delete(form);
  return bytes;
}
