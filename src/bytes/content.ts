/** True when both hold the same bytes. */
function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Words that go into a hash; of longer constants, every so many-th. */
const SAMPLE = 256;

/**
 * Two independent 32-bit multiply-and-rotate hashes of words that are spread over the bytes, and of the last bytes. Equal
 * hashes still need a comparison, which for different weights ends at once.
 */
function hashOfBytes(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const words = bytes.byteLength >> 2;
  const step = 4 * Math.max(1, Math.floor(words / SAMPLE));
  let a = 0x2545f491;
  let b = 0x9e3779b9;
  const mix = (word: number) => {
    a = Math.imul(a ^ word, 0x85ebca6b);
    a = (a << 13) | (a >>> 19);
    b = Math.imul(b ^ word, 0xc2b2ae35);
    b = (b << 15) | (b >>> 17);
  };
  for (let at = 0; at + 4 <= bytes.byteLength; at += step) mix(view.getUint32(at, true));
  for (let at = 4 * words; at < bytes.byteLength; at++) mix(bytes[at] as number);
  return `${a}:${b}`;
}

/** Things of one group; their hashes once there are two of them. */
interface ContentGroup<T> {
  readonly first: T;
  byHash: Map<string, T[]> | undefined;
}

/** Finds things that hold the same bytes. What is alone in its group is never read. */
export class ContentIndex<T extends object> {
  readonly #groups = new Map<string, ContentGroup<T>>();
  readonly #read: (thing: T) => Uint8Array;

  constructor(read: (thing: T) => Uint8Array) {
    this.#read = read;
  }

  /** The first thing of that group with the same bytes: the thing itself when there was none. */
  firstEqual(group: string, thing: T): T {
    const known = this.#groups.get(group);
    if (!known) this.#groups.set(group, { first: thing, byHash: undefined });
    if (!known || known.first === thing) return thing;
    known.byHash ??= new Map([[this.#hashOf(known.first), [known.first]]]);
    const hash = this.#hashOf(thing);
    const alike = known.byHash.get(hash) ?? [];
    const equal = alike.find((other) => other === thing || equalBytes(this.#read(other), this.#read(thing)));
    if (!equal) known.byHash.set(hash, [...alike, thing]);
    return equal ?? thing;
  }

  #hashOf(thing: T): string {
    const hash = hashes.get(thing) ?? hashOfBytes(this.#read(thing));
    hashes.set(thing, hash);
    return hash;
  }
}

/** Hashes of what never changes. */
const hashes = new WeakMap<object, string>();
