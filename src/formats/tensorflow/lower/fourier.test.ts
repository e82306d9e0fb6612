import { describe, expect, it } from 'vitest';
import type { Graph } from '../../../ir/graph.js';
import type { Tensor } from '../../../ir/tensor.js';
import { evaluateGraph } from '../../../ops/evaluate.js';
import { lowerTensorFlow } from './lower.js';
import { buildGraph } from './testing.js';

const lower = (inputs: readonly string[], steps: readonly string[]): Graph =>
  lowerTensorFlow(buildGraph(inputs, steps)).graphs[0] as Graph;
const opsOf = (graph: Graph): string[] => [...graph.nodes()].map((n) => n.op);
const run = (graph: Graph, ...inputs: readonly Tensor[]): number[] =>
  Array.from(evaluateGraph(graph, inputs)[0]?.data as Float32Array);
const numbers = (count: number, step: number): number[] =>
  Array.from({ length: count }, (_, i) => ((i * step) % 11) - 5 + i / 8);
const tensor = (data: readonly number[], shape: readonly number[], dtype: 'f32' | 'c64' = 'f32'): Tensor => ({
  dtype,
  shape,
  data: Float32Array.from(data),
});

/** The sums that define the transform of (re, im) pairs. */
function transform(z: readonly number[], sign: 1 | -1): number[] {
  const n = z.length / 2;
  return Array.from({ length: n }, (_, k) => k).flatMap((k) => {
    let [re, im] = [0, 0];
    for (let t = 0; t < n; t++) {
      const angle = (sign * 2 * Math.PI * k * t) / n;
      const [a, b] = [z[2 * t] as number, z[2 * t + 1] as number];
      re += a * Math.cos(angle) - b * Math.sin(angle);
      im += a * Math.sin(angle) + b * Math.cos(angle);
    }
    return sign > 0 ? [re / n, im / n] : [re, im];
  });
}
const paired = (x: readonly number[]): number[] => x.flatMap((v) => [v, 0]);

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  for (const [i, want] of expected.entries()) expect(actual[i], `element ${i}`).toBeCloseTo(want, 3);
}

describe('Fourier transforms', () => {
  it.each([8, 12, 15])('of %i complex numbers, and back, are the sums that define them', (n) => {
    const z = numbers(2 * n, 7);
    const type = `complex64[${n}]`;
    expectClose(run(lower([type], ['FFT($0)']), tensor(z, [n], 'c64')), transform(z, -1));
    expectClose(run(lower([type], ['IFFT($0)']), tensor(z, [n], 'c64')), transform(z, 1));
  });

  it.each([8, 12, 15])('of %i real numbers keep the first half, which gives them back', (n) => {
    const x = numbers(n, 7);
    const half = 2 * (Math.floor(n / 2) + 1);
    const length = `i32[1]=${n}`;
    const forward = lower([`float32[${n}]`], [`RFFT($0, ${length})`]);
    expectClose(run(forward, tensor(x, [n])), transform(paired(x), -1).slice(0, half));
    const back = lower([`float32[${n}]`], [`RFFT($0, ${length})`, `IRFFT(%0, ${length})`]);
    expectClose(run(back, tensor(x, [n])), x);
  });

  it('cut and fill rows to their length', () => {
    const x = numbers(10, 3);
    const cut = lower(['float32[None,10]'], ['RFFT($0, i32[1]=6)']);
    expectClose(run(cut, tensor(x, [1, 10])), transform(paired(x.slice(0, 6)), -1).slice(0, 8));
    const filled = lower(['float32[None,10]'], ['RFFT($0, i32[1]=14)']);
    expectClose(run(filled, tensor(x, [1, 10])), transform(paired([...x, 0, 0, 0, 0]), -1).slice(0, 16));
  });

  it('over two axes give the numbers back, of whatever sizes', () => {
    const x = numbers(24, 5);
    const lengths = 'i32[2]=4 6';
    const graph = lower(['float32[4,6]'], [`RFFT2D($0, ${lengths})`, `IRFFT2D(%0, ${lengths})`]);
    expectClose(run(graph, tensor(x, [4, 6])), x);
  });

  it('are RFFT2D for powers of two, and products for other sizes, which that kernel does not take', () => {
    expect(opsOf(lower(['float32[2,16]'], ['RFFT($0, i32[1]=16)', 'ComplexAbs(%0)']))).toEqual([
      'RESHAPE',
      'RFFT2D',
      'RESHAPE',
      'COMPLEX_ABS',
    ]);
    const graph = lower(['float32[2,12]'], ['RFFT($0, i32[1]=12)', 'Real(%0)']);
    expect(opsOf(graph)).toEqual(['BATCH_MATMUL', 'TRANSPOSE', 'SPLIT']);
  });

  it('say that a long axis should be filled to a power of two', () => {
    expect(() => lower(['float32[5000]'], ['RFFT($0, i32[1]=5000)'])).toThrow(
      "RFFT 'n0': transforms 5000 elements: from 4096 on only powers of two can be. Give it the next one as its fft_length.",
    );
  });
});

it('transforms of no elements, and of more than memory holds, are refused', () => {
  const transform = (n: number): unknown => lower(['float32[8]'], [`RFFT($0, i32[1]=${n})`]);
  for (const n of [0, -4, 2 ** 30])
    expect(() => transform(n)).toThrow(`RFFT 'n0': needs 1 to ${2 ** 26} elements of a transform, got ${n}.`);
});

describe('complex numbers', () => {
  const [a, b] = [tensor([1, 2, -3, 4], [2], 'c64'), tensor([2, -1, 0.5, 3], [2], 'c64')];
  const types = ['complex64[2]', 'complex64[2]'];

  // (1 + 2i)(2 - i) = 4 + 3i, (-3 + 4i)(0.5 + 3i) = -13.5 - 7i; divided by |b|² = 5 and 9.25 after conjugation.
  it.each([
    ['Mul($0, $1)', [4, 3, -13.5, -7]],
    ['AddV2($0, $1)', [3, 1, -2.5, 7]],
    ['RealDiv($0, $1)', [0, 1, 10.5 / 9.25, 11 / 9.25]],
    ['Square($0)', [-3, 4, -7, -24]],
    ['Conj($0)', [1, -2, -3, -4]],
    ['Exp($0)', [Math.E * Math.cos(2), Math.E * Math.sin(2), Math.exp(-3) * Math.cos(4), Math.exp(-3) * Math.sin(4)]],
    ['Sqrt($0)', [1.27202, 0.78615, 1, 2]], // (1 + 2i)² = -3 + 4i
    ['Angle($0)', [Math.atan2(2, 1), Math.atan2(4, -3)]],
    ['ReverseV2($0, i32[1]=0)', [-3, 4, 1, 2]],
  ])('are computed by their parts: %s', (step, expected) => {
    expectClose(run(lower(types, [step]), a, b), expected);
  });

  it('multiply as matrices', () => {
    const graph = lower(
      ['complex64[1,2]', 'complex64[1,2]'],
      ['BatchMatMulV2($0, $1) {"adj_y":true}', 'ComplexAbs(%0)'],
    );
    const matrix = (x: Tensor): Tensor => ({ ...x, shape: [1, 2] });
    // (1 + 2i)(2 + i) + (-3 + 4i)(0.5 - 3i) = 5i + 10.5 + 11i
    expectClose(run(graph, matrix(a), matrix(b)), [Math.hypot(10.5, 16)]);
  });

  it('made of real ones have no imaginary part', () => {
    expect(opsOf(lower(['float32[2]'], ['Cast($0) {"DstT":"c64"}', 'Exp(%0)', 'Real(%1)']))).toEqual(['EXP']);
  });

  it('leave a model in pairs', () => {
    const graph = lower(['float32[2]', 'float32[2]'], ['Complex($0, $1)']);
    expect(opsOf(graph)).toEqual(['PACK', 'BITCAST']);
    expectClose(run(graph, tensor([1, 2], [2]), tensor([3, 4], [2])), [1, 3, 2, 4]);
  });
});

it('windows of Bessel functions are constants', () => {
  const graph = lower(['float32[3]'], ['BesselI0e(f32[3]=0 -1 3)', 'Mul($0, %0)']);
  // scipy.special.i0e
  expectClose(run(graph, tensor([1, 1, 1], [3])), [1, 0.46575961, 0.24300035]);
});
