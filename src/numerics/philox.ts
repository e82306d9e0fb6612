const ROUNDS = 10;
/** Words that one step of the counter gives. */
const GROUP = 4;
const MULTIPLIERS = [0xd2511f53n, 0xcd9e8d57n] as const;
const WEYL = [0x9e3779b9, 0xbb67ae85] as const;

/**
 * The counter-based random generator Philox 4x32-10: two 64-bit seeds tell the whole sequence.
 *
 * Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (2011); key and counter as TensorFlow's
 * `PhiloxRandom(seed, seed2)` fills them.
 */
export class Philox {
  readonly #key: readonly [number, number];
  readonly #counter: Uint32Array;

  /** `start` is where the lower half of the counter begins. */
  constructor(seed: bigint, seed2: bigint, start = 0n) {
    this.#key = halves(seed);
    this.#counter = Uint32Array.of(...halves(start), ...halves(seed2));
  }

  /** At least `count` words, in groups of four; what is left of the last group is not given again. */
  words(count: number): Uint32Array {
    const out = new Uint32Array(Math.ceil(count / GROUP) * GROUP);
    for (let at = 0; at < out.length; at += GROUP) out.set(this.#next(), at);
    return out;
  }

  #next(): readonly number[] {
    let [a = 0, b = 0, c = 0, d = 0] = this.#counter;
    let [low, high] = this.#key;
    for (let round = 0; round < ROUNDS; round++) {
      const [p, q] = [MULTIPLIERS[0] * BigInt(a), MULTIPLIERS[1] * BigInt(c)];
      [a, b, c, d] = [
        (Number(q >> 32n) ^ b ^ low) >>> 0,
        Number(q & 0xffffffffn),
        (Number(p >> 32n) ^ d ^ high) >>> 0,
        Number(p & 0xffffffffn),
      ];
      low = (low + WEYL[0]) >>> 0;
      high = (high + WEYL[1]) >>> 0;
    }
    for (let i = 0; i < GROUP && ++(this.#counter[i] as number) === 2 ** 32; i++);
    return [a, b, c, d];
  }
}

const halves = (n: bigint): [number, number] => [Number(BigInt.asUintN(32, n)), Number(BigInt.asUintN(32, n >> 32n))];

const SCRAMBLE = 0x02461e293ec8f720n;

/**
 * The seeds of the generator from which TensorFlow's stateless operations draw, given their own two seeds.
 *
 * Source: TensorFlow `GenerateKey` in `stateless_random_ops.cc`.
 */
export function statelessSeeds(seed: bigint, seed2: bigint): [bigint, bigint] {
  const [a = 0, b = 0, c = 0, d = 0] = new Philox(SCRAMBLE, seed2, seed).words(GROUP);
  return [join(a, b), join(c, d)];
}

const join = (low: number, high: number): bigint => BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low));
