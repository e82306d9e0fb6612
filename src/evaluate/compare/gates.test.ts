import { expect, it } from 'vitest';
import { baselineOf, checkGates } from './gates.js';
import type { Comparison, OutputDifference } from './types.js';

const output = (sqnrDb: number | null, top1Agreement: number | null): OutputDifference => ({
  name: 'y',
  shape: [1, 2],
  dtypeA: 'f32',
  dtypeB: 'f32',
  error: { elements: 2, sqnrDb, maxAbs: 0, meanAbs: 0, rms: 0, cosine: 1, notFinite: 0 },
  top1Agreement,
  klDivergence: null,
  sample: { a: [], b: [] },
});
const comparison = (bytes: number, ...outputs: OutputDifference[]) =>
  ({ a: { bytes: 1000 }, b: { bytes }, outputs }) as unknown as Comparison;
const passes = (found: Comparison, limits: Parameters<typeof checkGates>[1]) =>
  checkGates(found, limits).map((g) => g.passed);

it('sizes are bytes or a part of A', () => {
  const found = comparison(300, output(null, 1));
  expect(passes(found, { maxSize: { bytes: 300 } })).toEqual([true]);
  expect(passes(found, { maxSize: { bytes: 299 } })).toEqual([false]);
  expect(passes(found, { maxSize: { percent: 30 } })).toEqual([true]);
  expect(passes(found, { maxSize: { percent: 29.9 } })).toEqual([false]);
});

it('every output has to reach the SQNR; equal ones do', () => {
  expect(passes(comparison(1, output(null, 1), output(29, 1)), { minSqnr: 30 })).toEqual([true, false]);
  expect(checkGates(comparison(1, output(29, 1)), { minSqnr: 30 })[0]?.text).toBe('29.0 dB, at least 30 dB wanted');
});

it('a drop of agreement is in points, and needs an output with classes', () => {
  expect(passes(comparison(1, output(30, 0.99)), { maxDrop: 1 })).toEqual([true]);
  expect(passes(comparison(1, output(30, 0.98)), { maxDrop: 1 })).toEqual([false]);
  expect(passes(comparison(1, output(30, null)), { maxDrop: 1 })).toEqual([false]);
});

it('a comparison does not fall behind itself, but behind a better one', () => {
  const good = comparison(300, output(30, 1));
  const baseline = baselineOf(good);
  expect(passes(good, { baseline })).toEqual([true, true, true]);
  expect(passes(comparison(310, output(29, 0.99)), { baseline })).toEqual([false, false, false]);
  expect(passes(comparison(300), { baseline })).toEqual([true, false]);
});
