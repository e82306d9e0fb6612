import { assert } from '../errors.js';
import type { Node } from '../ir/graph.js';
import { allocate, elementCount, type Tensor } from '../ir/tensor.js';
import { Philox } from '../numerics/philox.js';

/** Lower bound of what a logarithm is taken of. */
const LEAST = Math.fround(1e-7);

/** Random numbers of a node: from the same seeds as LiteRT draws them, but for the order of MULTINOMIAL. */
type Draw = (random: Philox, inputs: readonly Tensor[], node: Node) => Tensor;

/** How each operator draws. */
export const draws: Readonly<Record<string, Draw>> = {
  RANDOM_UNIFORM: (random, [shape]) => drawn(shape, (count) => Float32Array.from(random.words(count), unit)),
  RANDOM_STANDARD_NORMAL: (random, [shape]) => drawn(shape, (count) => normals(random.words(count))),
  MULTINOMIAL: multinomial,
};

/** The generator of a node: of its seeds, or of some that nobody knows when both are 0. */
export function generatorOf({ options }: Node): Philox {
  const [seed, seed2] = [options.seed, options.seed2].map((s) => BigInt((s as number | bigint | undefined) ?? 0));
  const word = () => BigInt(Math.floor(Math.random() * 2 ** 32));
  return seed || seed2 ? new Philox(seed ?? 0n, seed2 ?? 0n) : new Philox(word(), word());
}

function drawn(shape: Tensor | undefined, make: (count: number) => Float32Array): Tensor {
  const sizes = Array.from((shape?.data ?? []) as ArrayLike<number | bigint>, Number);
  const count = elementCount(sizes);
  return { dtype: 'f32', shape: sizes, data: make(count).subarray(0, count) };
}

/** 23 bits of a word, as a number in [0, 1). */
const unit = (word: number): number => (word & 0x7fffff) / 2 ** 23;

/** Pairs of normal numbers from pairs of words, by Box and Muller. */
function normals(words: Uint32Array): Float32Array {
  const out = new Float32Array(words.length);
  for (let i = 0; i < out.length; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(Math.max(unit(words[i] as number), LEAST)));
    const angle = 2 * Math.PI * unit(words[i + 1] as number);
    out[i] = Math.sin(angle) * radius;
    out[i + 1] = Math.cos(angle) * radius;
  }
  return out;
}

/** For each row of logits, classes with a chance in proportion to `exp(logit)`. */
function multinomial(random: Philox, [logits, numSamples]: readonly Tensor[], node: Node): Tensor {
  assert(logits, 'logits');
  const [rows = 0, classes = 0] = logits.shape;
  const samples = Number(numSamples?.data[0] ?? 0);
  const dtype = node.outputs[0]?.dtype ?? 'i64';
  const data = allocate(dtype, rows * samples) as { [i: number]: number | bigint };
  for (let row = 0; row < rows; row++) {
    const sums = running((logits.data as Float32Array).subarray(row * classes, (row + 1) * classes));
    for (let i = 0; i < samples; i++) {
      const wanted = doubleUnit(random) * (sums.at(-1) ?? 0);
      const found = sums.findIndex((sum) => sum > wanted);
      data[row * samples + i] = dtype === 'i64' ? BigInt(found) : found;
    }
  }
  return { dtype, shape: [rows, samples], data: data as unknown as Float32Array };
}

/** Running sums of the exponentials. */
function running(logits: Float32Array): number[] {
  const highest = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  let sum = 0;
  return Array.from(logits, (logit) => {
    sum += Number.isFinite(logit) ? Math.exp(logit - highest) : 0;
    return sum;
  });
}

/** 52 bits of two words, as a number in [0, 1). */
function doubleUnit(random: Philox): number {
  const [low = 0, high = 0] = random.words(2);
  return ((high & 0xfffff) * 2 ** 32 + low) / 2 ** 52;
}
