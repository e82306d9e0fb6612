/** A seeded generator of numbers `0 <= x < 1` (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** How many mutations a fuzz test tries: the environment's `FUZZ_ITERATIONS`, else `usual`. */
export const fuzzIterations = (usual: number): number => Number(process.env.FUZZ_ITERATIONS ?? usual);

/** Values at which length fields and counters tend to break. */
const EDGES = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

/**
 * Damaged copies of a file: bit flips, truncations, blown-up 32-bit and varint fields, and runs removed, repeated or
 * overwritten. The same arguments give the same copies; `bytes` stays as it is.
 */
export function* mutations(bytes: Uint8Array, count: number, seed: number): Iterable<Uint8Array> {
  const random = seededRandom(seed);
  const below = (n: number): number => Math.floor(random() * n);
  for (let i = 0; i < count; i++) {
    let copy: Uint8Array = bytes.slice();
    const times = 1 + below(3);
    for (let k = 0; k < times && copy.length > 0; k++) copy = mutate(copy, below);
    yield copy;
  }
}

function mutate(bytes: Uint8Array, below: (n: number) => number): Uint8Array {
  const at = below(bytes.length);
  const length = Math.min(1 + below(64), bytes.length - at);
  switch (below(8)) {
    case 0:
      return bytes.slice(0, at);
    case 1: // blow up an aligned 32-bit field
      return overwrite(bytes, at & ~3, littleEndian(EDGES[below(EDGES.length)] as number));
    case 2: // a varint of five bytes
      return overwrite(bytes, at, Uint8Array.of(0xff, 0xff, 0xff, 0xff, below(16)));
    case 3: // remove a run
      return concat(bytes.subarray(0, at), bytes.subarray(at + length));
    case 4: // repeat a run
      return concat(bytes.subarray(0, at + length), bytes.subarray(at));
    case 5: // copy a run elsewhere
      return overwrite(bytes, below(bytes.length), bytes.slice(at, at + length));
    case 6: // one byte
      return overwrite(bytes, at, Uint8Array.of(below(256)));
    default: // a few bit flips
      for (let k = 0; k <= below(8); k++) {
        const where = below(bytes.length);
        bytes[where] = (bytes[where] as number) ^ (1 << below(8));
      }
      return bytes;
  }
}

function overwrite(bytes: Uint8Array, at: number, patch: Uint8Array): Uint8Array {
  bytes.set(patch.subarray(0, bytes.length - at), at);
  return bytes;
}

const littleEndian = (value: number): Uint8Array =>
  Uint8Array.of(value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24);

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const out = new Uint8Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}
