import { elementCount } from '../ir/tensor.js';
import { defineOp } from './define.js';
import { floats } from './floats.js';

/**
 * Fourier transform of the last two axes of real numbers; of the last one only the first half is kept.
 *
 * - input `[..., H, W]`, cut or filled with zeros to fftLength = `[FH, FW]`, powers of two
 * - output `[..., FH, FW / 2 + 1]` complex
 *
 * Source: TFLite operator RFFT2D.
 */
export const rfft2d = defineOp({
  name: 'RFFT2D',
  inputs: ['input', 'fftLength'],
  outputs: ['output'],

  infer({ input, fftLength }) {
    const [height = -1, width = -1] = fftLength.elements ?? [];
    const columns = width < 0 ? -1 : Math.floor(width / 2) + 1;
    return [{ dtype: 'c64', shape: input.shape && [...input.shape.slice(0, -2), height, columns] }];
  },

  reference({ inputs: { input, fftLength } }) {
    const [height = 1, width = 1] = fftLength.data as Int32Array;
    const columns = Math.floor(width / 2) + 1;
    const shape = [...input.shape.slice(0, -2), height, columns];
    const data = new Float32Array(elementCount(shape) * 2);
    const [h = 1, w = 1] = input.shape.slice(-2);
    const x = floats(input);
    const [ofRow, ofColumn] = [halfTransforms(width), transforms(height)];
    const image = new Float64Array(height * columns * 2);
    for (let first = 0, out = 0; out < data.length; first += h * w, out += image.length) {
      for (let y = 0; y < height; y++) {
        const row = y < h ? x.subarray(first + y * w, first + y * w + Math.min(w, width)) : x.subarray(0, 0);
        ofRow(row, image, y * columns * 2);
      }
      for (let k = 0; k < columns && height > 1; k++) {
        for (let y = 0; y < height; y++) {
          ofColumn.re[y] = image[(y * columns + k) * 2]!;
          ofColumn.im[y] = image[(y * columns + k) * 2 + 1]!;
        }
        ofColumn.run();
        for (let y = 0; y < height; y++) {
          image[(y * columns + k) * 2] = ofColumn.re[y]!;
          image[(y * columns + k) * 2 + 1] = ofColumn.im[y]!;
        }
      }
      data.set(image, out);
    }
    return [{ dtype: 'c64', shape, data }];
  },
});

type Turns = readonly [cos: Float64Array, sin: Float64Array];

/** Most sizes whose tables are kept, and the largest. */
const KEPT = 8;
const LARGEST_KEPT = 2 ** 16;

/** Makes something for a size, or finds what was made before. */
function keeping<T>(make: (n: number) => T): (n: number) => T {
  const known = new Map<number, T>();
  return (n) => {
    let found = known.get(n);
    if (found === undefined) {
      found = make(n);
      if (known.size >= KEPT) known.clear();
      if (n <= LARGEST_KEPT) known.set(n, found);
    }
    return found;
  };
}

const transforms = keeping(transformOf);
const halfTransforms = keeping(halfTransformOf);

/** Cosines and sines of the turns `-k / n`. */
function turnsOf(n: number): Turns {
  const cos = Float64Array.from({ length: n }, (_, k) => Math.cos((2 * Math.PI * k) / n));
  // Zero for half a turn, so that no angle comes out as -π for π.
  const sin = Float64Array.from({ length: n }, (_, k) => ((2 * k) % n === 0 ? 0 : -Math.sin((2 * Math.PI * k) / n)));
  return [cos, sin];
}

/**
 * Transforms n real numbers, of which the last may be missing zeros, and writes the first half of the result. An even number
 * of them are the parts of half as many complex ones: the transform of those at even and at odd places.
 */
function halfTransformOf(n: number): (row: Float32Array, out: Float64Array, at: number) => void {
  const isEven = n % 2 === 0;
  const half = isEven ? n / 2 : n;
  const { re, im, run } = transforms(half);
  const [cos, sin] = turnsOf(n);
  return (row, out, at) => {
    re.fill(0);
    im.fill(0);
    const step = isEven ? 2 : 1;
    for (let i = 0, from = 0; from < row.length; i++, from += step) re[i] = row[from]!;
    if (isEven) for (let i = 0, from = 1; from < row.length; i++, from += 2) im[i] = row[from]!;
    run();
    for (let k = 0; k <= n / 2; k++) {
      if (!isEven) {
        out[at + 2 * k] = re[k]!;
        out[at + 2 * k + 1] = im[k]!;
        continue;
      }
      const a = k === half ? 0 : k;
      const b = k === 0 ? 0 : half - k;
      const oddRe = (im[a]! + im[b]!) / 2;
      const oddIm = (re[b]! - re[a]!) / 2;
      out[at + 2 * k] = (re[a]! + re[b]!) / 2 + oddRe * cos[k]! - oddIm * sin[k]!;
      out[at + 2 * k + 1] = (im[a]! - im[b]!) / 2 + oddRe * sin[k]! + oddIm * cos[k]!;
    }
  };
}

/** Transforms n complex numbers in place: in steps of doubled length where n is a power of two, else by plain sums. */
function transformOf(n: number) {
  const [re, im] = [new Float64Array(n), new Float64Array(n)];
  const [cos, sin] = turnsOf(n);
  if ((n & (n - 1)) !== 0)
    return {
      re,
      im,
      run() {
        const [a, b] = [re.slice(), im.slice()];
        re.fill(0);
        im.fill(0);
        addUp(a, b, re, im, cos, sin);
      },
    };
  const turns = partTurns(cos, sin);
  const order = bitReversed(n);
  return {
    re,
    im,
    run() {
      for (let k = 0; k < n; k++) {
        const other = order[k]!;
        if (other <= k) continue;
        const [x, y] = [re[k]!, im[k]!];
        re[k] = re[other]!;
        im[k] = im[other]!;
        re[other] = x;
        im[other] = y;
      }
      joinParts(re, im, turns);
    },
  };
}

/** The places of n numbers whose bits are in the other order. */
function bitReversed(n: number): Int32Array {
  const order = new Int32Array(n);
  for (let k = 1; k < n; k++) order[k] = (order[k >> 1]! >> 1) + (k & 1) * (n / 2);
  return order;
}

/**
 * What a transform of n real numbers reads: places of half as many complex ones, times their 16 bytes, and cosines beside
 * sines of the turns of parts and of the last step.
 */
export function fourierTables(n: number) {
  const beside = ([cos, sin]: Turns) =>
    Float64Array.from({ length: 2 * cos.length }, (_, i) => (i % 2 ? sin : cos)[i >> 1]!);
  return {
    order: bitReversed(n / 2).map((place) => 16 * place),
    turns: beside(partTurns(...turnsOf(n / 2))),
    ends: beside(turnsOf(n)),
  };
}

/** The turns `-k / (2 h)` for parts of h = 1, 2, 4, ... numbers, those of h from place h on. */
function partTurns(cos: Float64Array, sin: Float64Array): Turns {
  const n = cos.length;
  const [c, s] = [new Float64Array(n), new Float64Array(n)];
  for (let half = 1; half < n; half *= 2)
    for (let k = 0; k < half; k++) {
      c[half + k] = cos[(n / (2 * half)) * k]!;
      s[half + k] = sin[(n / (2 * half)) * k]!;
    }
  return [c, s];
}

/** The sums that define the transform of (a, b), added to (re, im). */
function addUp(
  a: Float64Array,
  b: Float64Array,
  re: Float64Array,
  im: Float64Array,
  cos: Float64Array,
  sin: Float64Array,
): void {
  for (let k = 0; k < a.length; k++)
    for (let t = 0; t < a.length; t++) {
      const turn = (k * t) % a.length;
      re[k]! += a[t]! * cos[turn]! - b[t]! * sin[turn]!;
      im[k]! += a[t]! * sin[turn]! + b[t]! * cos[turn]!;
    }
}

/** Transforms of parts of 1, 2, 4, ... numbers, two by two. The turns of the parts of each length lie one after the other. */
function joinParts(re: Float64Array, im: Float64Array, [cos, sin]: Turns): void {
  const n = re.length;
  for (let one = 0; one + 1 < n; one += 2) {
    const [x, y] = [re[one + 1]!, im[one + 1]!];
    re[one + 1] = re[one]! - x;
    im[one + 1] = im[one]! - y;
    re[one]! += x;
    im[one]! += y;
  }
  for (let half = 2; half < n; half *= 2)
    for (let start = 0; start < n; start += 2 * half)
      for (let k = 0; k < half; k++) {
        const one = start + k;
        const other = one + half;
        const c = cos[half + k]!;
        const s = sin[half + k]!;
        const x = re[other]! * c - im[other]! * s;
        const y = re[other]! * s + im[other]! * c;
        re[other] = re[one]! - x;
        im[other] = im[one]! - y;
        re[one]! += x;
        im[one]! += y;
      }
}
