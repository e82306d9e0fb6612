import { ModelError } from '../../../errors.js';
import { Constant } from '../../../ir/constant.js';
import type { Value } from '../../../ir/graph.js';
import type { Shape } from '../../../ir/tensor.js';
import { fourierMatrix, halfOf, inverseFourierMatrix, isPowerOfTwo } from '../../../ops/fourier-matrix.js';
import { impliedCount } from '../../../ops/shapes.js';
import { conjugate } from './complex.js';
import { complexOf, imaginary, type Parts, partsOf } from './complex-values.js';
import type { Lower, Lowering } from './context.js';
import { int32Input, transpose } from './shapes.js';

/** Transforms of up to this many elements are products with a matrix of 2 to 64 MB at most. */
const LARGEST_MATRIX = 4096;

/** The last axis of real numbers `[..., M]`, cut or filled to n, as its first n / 2 + 1 frequencies. */
export function realTransform(c: Lowering, x: Value, n: number): Value {
  impliedCount(n, 'elements of a transform');
  if (isPowerOfTwo(n)) return transformRows(c, x, n);
  const size = lastSize(x);
  const used = size > n ? resized(c, x, -1, n) : x;
  const columns = Math.min(size, n);
  const matrix = matrixOf(c, n, [2 * halfOf(n), columns], () => fourierMatrix(n, columns));
  const both = rowsTimes(c, matrix, used);
  const axis = c.i32(c.rank(both, 'its input') - 1);
  const [re, im] = c.emitAll('SPLIT', [axis, both], { numSplits: 2 }) as [Value, Value];
  return complexOf(c, { re, im });
}

/** A real transform over one axis is one over two of which the first has size 1. */
function transformRows(c: Lowering, x: Value, n: number): Value {
  const rank = c.rank(x, 'its input');
  const flat = c.emit('EXPAND_DIMS', [x, c.i32(-2)]);
  const wide = flat.shape?.every((d) => d >= 0) ? c.emit('RESHAPE', [x, c.i32([...flat.shape])]) : flat;
  const y = c.emit('RFFT2D', [wide, c.i32([1, n])]);
  const shape = [...(y.shape ?? [])];
  shape.splice(rank - 1, 1);
  if (shape.filter((d) => d < 0).length <= 1) return c.emit('RESHAPE', [y, c.i32(shape)]);
  return c.emit('SQUEEZE', [y], { squeezeDims: [rank - 1] });
}

/** The real numbers `[..., n]` of which the n / 2 + 1 frequencies along the last axis are given. */
function realInverse(c: Lowering, z: Parts, n: number): Value {
  impliedCount(n, 'elements of a transform');
  const count = halfOf(n);
  const [re, im] = [z.re, imaginary(c, z)].map((part) => resized(c, part, -1, count)) as [Value, Value];
  if (isPowerOfTwo(n)) return inverseByRows(c, re, im, n);
  const matrix = matrixOf(c, n, [n, 2 * count], () => inverseFourierMatrix(n));
  const both = c.emit('CONCATENATION', [re, im], { axis: c.rank(re, 'its input') - 1 });
  return rowsTimes(c, matrix, both);
}

/** All frequencies of the real part are even, of the imaginary one odd: so are the transforms of them, which are the sum. */
function inverseByRows(c: Lowering, re: Value, im: Value, n: number): Value {
  const even = partsOf(c, realTransform(c, mirrored(c, re, n, 1), n)).re;
  const odd = imaginary(c, partsOf(c, realTransform(c, mirrored(c, im, n, -1), n)));
  const sum = c.emit('ADD', [mirrored(c, even, n, 1), mirrored(c, odd, n, -1)]);
  return c.emit('MUL', [sum, c.scalar(sum, 1 / n)]);
}

/** `[..., n]` of its first n / 2 + 1 elements: element k is that at n - k, times a sign. */
function mirrored(c: Lowering, half: Value, n: number, sign: 1 | -1): Value {
  const count = halfOf(n);
  const at = Array.from({ length: n }, (_, k) => (k < count ? k : n - k));
  const all = c.emit('GATHER', [half, c.i32(at)], { axis: c.rank(half, 'its input') - 1 });
  if (sign > 0) return all;
  return c.emit('MUL', [
    all,
    c.make(
      'f32',
      at.map((_, k) => (k < count ? 1 : -1)),
    ),
  ]);
}

/** The transform of the last axis. */
function transformLast(c: Lowering, { re, im }: Parts): Parts {
  const n = lastSize(re);
  if (n === 1) return { re, im };
  const ofReal = (x: Value): { even: Value; odd: Value } => {
    const half = partsOf(c, realTransform(c, x, n));
    return { even: mirrored(c, half.re, n, 1), odd: mirrored(c, imaginary(c, half), n, -1) };
  };
  const a = ofReal(re);
  if (!im) return { re: a.even, im: a.odd };
  const b = ofReal(im);
  return { re: c.emit('SUB', [a.even, b.odd]), im: c.emit('ADD', [a.odd, b.even]) };
}

/** The transform of axes, counted from the end: -1 is the last one. The inverse is that of the conjugate, conjugated. */
function transform(c: Lowering, z: Parts, axes: readonly number[], isInverse: boolean): Parts {
  if (isInverse) {
    const { re, im } = conjugate(c, transform(c, conjugate(c, z), axes, false));
    const factor = c.scalar(
      re,
      axes.reduce((f, axis) => f / sizeAt(re, axis), 1),
    );
    return { re: c.emit('MUL', [re, factor]), im: im && c.emit('MUL', [im, factor]) };
  }
  return axes.reduce((parts, axis) => {
    if (axis === -1) return transformLast(c, parts);
    const swap = (x: Value): Value => swapWithLast(c, x, axis);
    const { re, im } = transformLast(c, { re: swap(parts.re), im: parts.im && swap(parts.im) });
    return { re: swap(re), im: im && swap(im) };
  }, z);
}

function swapWithLast(c: Lowering, x: Value, axis: number): Value {
  const rank = c.rank(x, 'its input');
  const order = Array.from({ length: rank }, (_, i) =>
    i === rank - 1 ? rank + axis : i === rank + axis ? rank - 1 : i,
  );
  return transpose(c, x, order);
}

/** Rows `[..., M]` times a matrix `[N, M]`: `[..., N]`. The matrix stands in front, where it is no weight to be quantized. */
export function rowsTimes(c: Lowering, matrix: Value, x: Value): Value {
  const isRow = c.rank(x, 'its input') === 1;
  const rows = isRow ? c.emit('RESHAPE', [x, c.i32([1, -1])]) : x;
  const product = swapWithLast(c, c.emit('BATCH_MATMUL', [matrix, rows], { adjY: true }), -2);
  return isRow ? c.emit('RESHAPE', [product, c.i32([-1])]) : product;
}

/** @throws {ModelError} `unsupported` for transforms of so many elements that it is too large. */
function matrixOf(c: Lowering, n: number, shape: Shape, make: () => Float32Array): Value {
  if (n <= LARGEST_MATRIX) return c.keep(Constant.lazy('f32', shape, make), 'matrix');
  throw new ModelError(
    'unsupported',
    `transforms ${n} elements: from ${LARGEST_MATRIX} on only powers of two can be. Give it the next one as its fft_length.`,
  );
}

function sizeAt(x: Value, axis: number): number {
  const size = x.shape?.at(axis) ?? -1;
  if (size >= 0) return size;
  throw new ModelError('unsupported', `transforms an axis of unknown size. Give the model's inputs fixed shapes.`);
}
const lastSize = (x: Value): number => sizeAt(x, -1);

/** An axis, counted from the end, cut or filled with zeros to a size. */
function resized(c: Lowering, x: Value, axis: number, to: number): Value {
  const size = sizeAt(x, axis);
  if (size === to) return x;
  const rank = c.rank(x, 'its input');
  const alongAxis = (there: number, elsewhere: number): number[] =>
    Array.from({ length: rank }, (_, i) => (i === rank + axis ? there : elsewhere));
  if (size > to) return c.emit('SLICE', [x, c.i32(alongAxis(0, 0)), c.i32(alongAxis(to, -1))]);
  const paddings = alongAxis(to - size, 0).flatMap((behind) => [0, behind]);
  return c.emit('PAD', [x, c.i32(paddings, [rank, 2])]);
}

/** Axes -1, -2, ... of which there are `count`. */
const lastAxes = (count: number): number[] => Array.from({ length: count }, (_, i) => -1 - i);

const complexTransform =
  (rank: number, isInverse: boolean): Lower =>
  (c) => [complexOf(c, transform(c, partsOf(c, c.input(0)), lastAxes(rank), isInverse))];

/** Real numbers of the last axes; of the last one only the first half is kept. */
const realTransforms: Lower = (c) => {
  const lengths = c.numbers(1, 'transform length');
  if (lengths.length === 2 && lengths.every(isPowerOfTwo)) return [c.emit('RFFT2D', [c.input(0), int32Input(c, 1)])];
  const others = lastAxes(lengths.length).slice(1);
  const x = others.reduce((value, axis) => resized(c, value, axis, lengths.at(axis) as number), c.input(0));
  const half = realTransform(c, x, lengths.at(-1) as number);
  return others.length === 0 ? [half] : [complexOf(c, transform(c, partsOf(c, half), others, false))];
};

const realInverses: Lower = (c) => {
  const lengths = c.numbers(1, 'transform length');
  const others = lastAxes(lengths.length).slice(1);
  const toLengths = (part: Value): Value =>
    others.reduce((value, axis) => resized(c, value, axis, lengths.at(axis) as number), part);
  const { re, im } = partsOf(c, c.input(0));
  const fitted = { re: toLengths(re), im: im && toLengths(im) };
  const rows = others.length === 0 ? fitted : transform(c, fitted, others, true);
  return [realInverse(c, rows, lengths.at(-1) as number)];
};

/** Fourier transforms: RFFT2D where it can be, which takes powers of two, else products with matrices. */
export const fouriers: Readonly<Record<string, Lower>> = {
  FFT: complexTransform(1, false),
  FFT2D: complexTransform(2, false),
  FFT3D: complexTransform(3, false),
  IFFT: complexTransform(1, true),
  IFFT2D: complexTransform(2, true),
  IFFT3D: complexTransform(3, true),
  IRFFT: realInverses,
  IRFFT2D: realInverses,
  IRFFT3D: realInverses,
  RFFT: realTransforms,
  RFFT2D: realTransforms,
  RFFT3D: realTransforms,
};
