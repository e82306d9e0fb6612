import { describe, expect, it } from 'vitest';
import type { Shape, Tensor } from '../../ir/tensor.js';
import { classification } from './classification.js';
import { detection } from './detection.js';
import { mcNemar, meanInterval, wilson } from './intervals.js';
import { regression } from './regression.js';
import { segmentation } from './segmentation.js';
import { tokens } from './tokens.js';
import { transcription } from './transcription.js';
import { joinStates, type Label, type Metric } from './types.js';

const f32 = (shape: Shape, ...data: number[]): Tensor => ({ dtype: 'f32', shape, data: Float32Array.from(data) });
/** The figures over samples, each measured alone and joined in two halves, as workers do. */
function figures(metric: Metric, samples: readonly (readonly [Record<string, Tensor> | Tensor, Label])[]) {
  const states = samples.map(([out, label]) => metric.measure('dtype' in out ? { y: out as Tensor } : out, label));
  const half = states.length >> 1;
  const joined = joinStates([joinStates(states.slice(0, half)), joinStates(states.slice(half))]);
  expect(joined).toEqual(joinStates(states));
  expect(JSON.parse(JSON.stringify(joined))).toEqual(joined);
  return Object.fromEntries(metric.result(joined).map((f) => [f.metric, f.value]));
}

describe('intervals', () => {
  // Newcombe (1998), table I, method 3.
  it.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('Wilson: %i of %i', (k, n, low, high) => {
    const found = wilson(k, n);
    expect(found.low).toBeCloseTo(low, 4);
    expect(found.high).toBeCloseTo(high, 4);
  });

  it('McNemar: the binomial tail on both sides', () => {
    expect(mcNemar(1, 9)).toBeCloseTo((2 * (1 + 10)) / 1024, 12);
    expect(mcNemar(0, 0)).toBe(1);
    expect(mcNemar(5, 5)).toBe(1);
    expect(mcNemar(0, 2000)).toBeLessThan(1e-300);
  });

  it('a mean is known within 1.96 standard errors', () => {
    const { value, low, high } = meanInterval([1, 2, 3, 4]);
    expect(value).toBe(2.5);
    expect(high - value).toBeCloseTo((1.959964 * Math.sqrt(5 / 3)) / 2, 5);
    expect(value - low).toBeCloseTo(high - value, 12);
  });
});

describe('tasks', () => {
  it('classification counts ranks; of equals the first is higher; one score is the probability of class 1', () => {
    const scores = f32([1, 3], 0.2, 0.5, 0.3);
    expect(figures(classification({ top: 2 }), [[scores, 1], [scores, 2], [scores, 0]])).toEqual({ 'top-1': 1 / 3, 'top-2': 2 / 3 }); // biome-ignore format: one line
    const equal = f32([1, 2], 1, 1);
    expect(figures(classification({ top: 1 }), [[equal, 0], [equal, 1]])).toEqual({ 'top-1': 0.5 }); // biome-ignore format: one line
    const yes = f32([1, 1], 0.9);
    expect(figures(classification({ top: 1 }), [[yes, 1], [yes, 0]])).toEqual({ 'top-1': 0.5 }); // biome-ignore format: one line
    expect(figures(classification({ labelOffset: 1, top: 1 }), [[scores, 0]])).toEqual({ 'top-1': 1 });
    expect(figures(classification({ top: 1 }), [[f32([1, 2], Number.NaN, 0), 0]])).toEqual({ 'top-1': 0 });
  });

  it('classification refuses labels that are no class', () => {
    const { measure } = classification();
    const y = f32([1, 3], 1, 2, 3);
    expect(() => measure({ y }, 3)).toThrow('a class below 3 expected as label, got 3');
    expect(() => measure({ y }, 'cat')).toThrow('a class number expected as label, got "cat"');
    expect(() => measure({ y }, -1)).toThrow('a class number expected');
    expect(() => measure({ y }, f32([3], 0, 1, 1))).toThrow('a class number expected as label, got an array [3]');
  });

  it('classification takes a row of zeros with a one as a class', () => {
    const { measure } = classification();
    const y = f32([1, 3], 1, 2, 3);
    expect(measure({ y }, f32([3], 0, 1, 0))).toEqual(measure({ y }, 1));
  });

  it('regression: errors and the share of the variance that is explained', () => {
    const found = figures(regression(), [
      [f32([1], 1), 2],
      [f32([1], 3), 3],
      [f32([1], 6), 4],
    ]);
    expect(found.MAE).toBeCloseTo(1, 6);
    expect(found.RMSE).toBeCloseTo(Math.sqrt(5 / 3), 6);
    // Variance of 2, 3, 4 is 2/3.
    expect(found['R²']).toBeCloseTo(1 - 5 / 3 / (2 / 3), 5);
  });

  it('segmentation: intersection over union by class, over all pixels; 255 is left out', () => {
    const scores = f32([1, 2, 2, 2], 1, 0, 1, 0, 0, 1, 0, 1); // classes 0 0 1 1
    const mask = (...classes: number[]) => f32([2, 2], ...classes);
    // Class 0: 1 of 2 (one in common, two either); class 1: 2 of 3.
    const found = figures(segmentation(), [[scores, mask(0, 1, 1, 1)]]);
    expect(found.mIoU).toBeCloseTo((1 / 2 + 2 / 3) / 2, 12);
    expect(found['pixel accuracy']).toBe(0.75);
    expect(figures(segmentation(), [[scores, mask(0, 255, 1, 1)]]).mIoU).toBe(1);
  });

  it('tokens: bits of the right token, from probabilities or logits', () => {
    const probable = f32([1, 2, 2], 0.25, 0.75, 0.5, 0.5);
    const found = figures(tokens(), [[probable, f32([2], 0, 1)]]);
    expect(found['bits per token']).toBeCloseTo((2 + 1) / 2, 6);
    expect(found.perplexity).toBeCloseTo(2 ** 1.5, 5);
    const logits = f32([1, 1, 2], Math.log(1), Math.log(3));
    expect(figures(tokens(), [[logits, f32([1], 0)]])['bits per token']).toBeCloseTo(2, 5);
    expect(figures(tokens(), [[probable, f32([2], 0, -1)]])['bits per token']).toBeCloseTo(2, 6);
  });

  it('transcription: repetitions and blanks go, then edits are counted', () => {
    const alphabet = ['a', 'b', ' ', '_'];
    const steps = (text: string) =>
      f32([1, text.length, 4], ...[...text].flatMap((c) => alphabet.map((a) => Number(a === c))));
    // "aa_ab bb" reads "aab b".
    const found = figures(transcription({ alphabet }), [[steps('aa_ab bb'), 'aab ab']]);
    expect(found['word error rate']).toBe(0.5);
    expect(found['character error rate']).toBeCloseTo(1 / 6, 12);
  });

  it('detection: precision at the recalls of COCO, averaged over overlaps', () => {
    const boxes = f32([1, 3, 4], 0, 0, 1, 1, 0, 0, 0.5, 1, 0.5, 0.5, 1, 1);
    const outputs = { boxes, classes: f32([1, 3], 1, 1, 1), scores: f32([1, 3], 0.9, 0.8, 0.7), count: f32([1], 3) };
    const label = { boxes: [[0, 0, 1, 1], [0.5, 0.5, 1, 1]], classes: [1, 1] }; // biome-ignore format: one line
    // Right, wrong, right: precision 1 up to recall 1/2, then 2/3. Recalls 0 … 0.50 are 51 of 101.
    const found = figures(detection(), [[outputs, label]]);
    expect(found['mAP@.5']).toBeCloseTo((51 + 50 * (2 / 3)) / 101, 9);
    expect(found['mAP@.5:.95']).toBeCloseTo((51 + 50 * (2 / 3)) / 101, 9);
    // A box that overlaps by 0.8 is found at 7 of the 10 overlaps (0.5 … 0.8).
    const near = { boxes: [[0, 0, 0.8, 1], [0.5, 0.5, 1, 1]], classes: [1, 2] }; // biome-ignore format: one line
    const one = { ...outputs, count: f32([1], 1) };
    expect(figures(detection(), [[one, near]])['mAP@.5:.95']).toBeCloseTo((7 / 10) / 2, 9); // biome-ignore format: one line
  });
});
