import { equalBytes, hashOfBytes } from '../../bytes/content.js';
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
  const sameLength = new Map<number, Set<StoredBytes>>();
  const sameOrigin = new Map<unknown, Map<string, StoredBytes>>();
  for (const value of values) {
    const { constant } = value;
    if (!constant || forms.has(constant)) continue;
    const form = firstOfOrigin(sameOrigin, storedBytes(value, constant));
    forms.set(constant, form);
    const group = sameLength.get(form.length) ?? new Set();
    sameLength.set(form.length, group.add(form));
  }
  const firstEqual = new Map<StoredBytes, StoredBytes>();
  const room = { bytes: MOST_KEPT };
  for (const group of sameLength.values()) findEqual(group, firstEqual, room);

  const numbers = new Map<StoredBytes, number>();
  const buffers: LaterBytes[] = [{ length: 0, read: () => new Uint8Array() }];
  const of = new Map<Constant, number>();
  let bytes = 0;
  for (const [constant, form] of forms) {
    const first = firstEqual.get(form) as StoredBytes;
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

function findEqual(group: ReadonlySet<StoredBytes>, firstEqual: Map<StoredBytes, StoredBytes>, room: Room): void {
  const byHash = new Map<string, StoredBytes[]>();
  for (const form of group) {
    firstEqual.set(form, form);
    if (group.size === 1 || form.length === 0) continue;
    const key = hashOf(form, room);
    const candidates = byHash.get(key) ?? [];
    const equal = candidates.find((other) => equalBytes(other.read(), form.read()));
    if (equal) firstEqual.set(form, equal);
    else byHash.set(key, [...candidates, form]);
  }
}

/** Hashes by stored form: buffers are planned more than once, and some constants are long computations. */
const hashes = new WeakMap<StoredBytes, string>();

/** What was read for a hash, until it is written. */
const kept = new WeakMap<StoredBytes, Uint8Array>();
/** Bytes to keep of one model. */
const MOST_KEPT = 16 << 20;

function hashOf(form: StoredBytes, room: Room): string {
  const known = hashes.get(form);
  if (known !== undefined) return known;
  const bytes = form.read();
  const key = hashOfBytes(bytes);
  hashes.set(form, key);
  if (bytes.length <= room.bytes) {
    room.bytes -= bytes.length;
    kept.set(form, bytes);
  }
  return key;
}

/** The bytes for the file, which are then kept no longer. */
function takeBytes(form: StoredBytes): Uint8Array {
  const bytes = kept.get(form) ?? form.read();
  kept.delete(form);
  return bytes;
}
