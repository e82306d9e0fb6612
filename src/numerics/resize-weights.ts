import { kernelOf } from './sampling-kernels.js';

/** Shares of input pixels in one output pixel: pairs of a position, which may lie outside, and a weight. */
type Shares = readonly (readonly [number, number])[];

/** Steps between the cubic weights that TensorFlow has in a table. */
const STEPS = 1024;

/** Weights that sum up to less count as none. */
const LEAST_SUM = 1.1754944e-35;

/** How the places of output pixels follow from their numbers: of their middles, or so that first and last pixels meet. */
export interface Places {
  readonly isHalf: boolean;
  readonly isAligned: boolean;
}

const scaleOf = (from: number, to: number, isAligned: boolean): number =>
  isAligned && to > 1 ? (from - 1) / (to - 1) : from / to;

/**
 * Four pixels around each place, with cubic weights `[to, from]`. Pixels outside are the nearest ones, or (half pixels)
 * left out.
 */
export function cubicWeights(from: number, to: number, { isHalf, isAligned }: Places): Float32Array {
  const scale = Math.fround(scaleOf(from, to, isAligned));
  const a = isHalf ? -0.5 : -0.75;
  const near = (x: number) => ((a + 2) * x - (a + 3)) * x * x + 1;
  const far = (x: number) => ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  return weightsOf(from, to, (out) => {
    const place = Math.fround(isHalf ? (out + 0.5) * scale - 0.5 : out * scale);
    const first = Math.floor(place);
    const part = Math.round((place - first) * STEPS) / STEPS;
    const weights = [far(part + 1), near(part), near(1 - part), far(2 - part)];
    const shares = weights.map((w, i) => [first - 1 + i, w] as const);
    if (!isHalf) return shares;
    const inside = shares.filter(([at]) => at >= 0 && at < from);
    const sum = inside.reduce((total, [, w]) => total + w, 0);
    return inside.map(([at, w]) => [at, w / sum] as const);
  });
}

/** All pixels that an output pixel covers, by how much of them: `[to, from]`. */
export function areaWeights(from: number, to: number, isAligned: boolean): Float32Array {
  const scale = scaleOf(from, to, isAligned);
  return weightsOf(from, to, (out) => {
    const [begin, end] = [out * scale, (out + 1) * scale];
    const first = Math.floor(begin);
    const count = Math.max(Math.ceil(end) - first, 1);
    return Array.from({ length: count }, (_, i) => {
      const at = first + i;
      return [at, (Math.min(at + 1, end) - Math.max(at, begin)) / scale] as const;
    });
  });
}

/** A resize by a kernel. */
export interface Sampling {
  readonly kernel: string;
  /** Output pixels for each input pixel, and how many output pixels the image moves. */
  readonly scale: number;
  readonly translation: number;
  /** Whether the kernel is as wide as the pixels that one output pixel stands for. */
  readonly antialias: boolean;
}

/**
 * All pixels within the kernel around each place: `[to, from]`. Places outside of the image are 0.
 * @throws {ModelError} `unsupported` for an unknown kernel
 *
 * Source: TensorFlow `kernels/image/scale_and_translate_op.cc`.
 */
export function kernelWeights(from: number, to: number, sampling: Sampling): Float32Array {
  const { radius, at } = kernelOf(sampling.kernel);
  const step = Math.fround(1 / sampling.scale);
  const shift = Math.fround(-step * sampling.translation);
  const width = sampling.antialias ? Math.max(step, 1) : 1;
  const inside = (i: number): number => Math.min(Math.max(i, 0), from - 1);
  return weightsOf(from, to, (out) => {
    const place = Math.fround(Math.fround((out + 0.5) * step) + shift);
    if (place < 0 || place > from) return [];
    const first = inside(Math.ceil(Math.fround(place - radius * width - 0.5)));
    const last = inside(Math.floor(Math.fround(place + radius * width - 0.5)));
    const weights = Array.from({ length: last - first + 1 }, (_, i) => at(Math.abs(first + i + 0.5 - place) / width));
    const sum = weights.reduce((a, b) => a + b, 0);
    return Math.abs(sum) < LEAST_SUM ? [] : weights.map((w, i) => [first + i, w / sum] as const);
  });
}

/** What lies outside belongs to the pixel at the border. */
function weightsOf(from: number, to: number, sharesOf: (out: number) => Shares): Float32Array {
  const weights = new Float32Array(from * to);
  for (let out = 0; out < to; out++)
    for (const [at, weight] of sharesOf(out)) {
      const index = out * from + Math.min(Math.max(at, 0), from - 1);
      weights[index] = (weights[index] as number) + weight;
    }
  return weights;
}
