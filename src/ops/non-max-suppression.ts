import type { Tensor } from '../ir/tensor.js';
import { Heap } from '../numerics/heap.js';
import { defineOp, type KnownValue, type Op } from './define.js';
import { floats } from './floats.js';
import { requireRank } from './shapes.js';

/**
 * Greedy choice of boxes by score; a box that overlaps a chosen one by `iouThreshold` or more is dropped. V5 also lowers
 * the scores of overlapping boxes, by `exp(-iou² / (2 softNmsSigma))`, when sigma is positive.
 *
 * - boxes `[B, 4]` of two opposite corners (y, x, y, x), scores `[B]`; the others are scalars
 * - selectedIndices `[maxOutputSize]` (filled with 0), (V5: selectedScores `[maxOutputSize]`,) validOutputs: how many
 *
 * Source: TFLite operators NON_MAX_SUPPRESSION_V4, NON_MAX_SUPPRESSION_V5.
 */
export const nonMaxSuppressions: readonly Op[] = [
  defineOp({
    name: 'NON_MAX_SUPPRESSION_V4',
    inputs: ['boxes', 'scores', 'maxOutputSize', 'iouThreshold', 'scoreThreshold'],
    outputs: ['selectedIndices', 'validOutputs'],
    infer: ({ boxes, maxOutputSize }) => [
      { dtype: 'i32', shape: slots(boxes, maxOutputSize) },
      { dtype: 'i32', shape: [] },
    ],
    reference({ inputs }) {
      const chosen = choose(inputs.boxes, inputs.scores, {
        most: scalar(inputs.maxOutputSize),
        iouThreshold: scalar(inputs.iouThreshold),
        scoreThreshold: scalar(inputs.scoreThreshold),
        sigma: 0,
      });
      const most = scalar(inputs.maxOutputSize);
      return [indices(chosen, most), count(chosen)];
    },
  }),
  defineOp({
    name: 'NON_MAX_SUPPRESSION_V5',
    inputs: ['boxes', 'scores', 'maxOutputSize', 'iouThreshold', 'scoreThreshold', 'softNmsSigma'],
    outputs: ['selectedIndices', 'selectedScores', 'validOutputs'],
    infer: ({ boxes, maxOutputSize }) => [
      { dtype: 'i32', shape: slots(boxes, maxOutputSize) },
      { dtype: 'f32', shape: slots(boxes, maxOutputSize) },
      { dtype: 'i32', shape: [] },
    ],
    reference({ inputs }) {
      const most = scalar(inputs.maxOutputSize);
      const chosen = choose(inputs.boxes, inputs.scores, {
        most,
        iouThreshold: scalar(inputs.iouThreshold),
        scoreThreshold: scalar(inputs.scoreThreshold),
        sigma: scalar(inputs.softNmsSigma),
      });
      const scores = new Float32Array(most);
      for (const [i, { score }] of chosen.entries()) scores[i] = score;
      return [indices(chosen, most), { dtype: 'f32', shape: [most], data: scores }, count(chosen)];
    },
  }),
];

function slots(boxes: KnownValue, maxOutputSize: KnownValue): number[] {
  requireRank(boxes.shape, 2, 'boxes');
  return [maxOutputSize.elements?.[0] ?? -1];
}

const scalar = (tensor: Tensor): number => Number((tensor.data as Float32Array)[0]);

interface Candidate {
  readonly index: number;
  score: number;
  /** How many chosen boxes its score already accounts for. */
  seen: number;
}

function indices(chosen: readonly Candidate[], most: number): Tensor {
  const data = new Int32Array(most);
  for (const [i, { index }] of chosen.entries()) data[i] = index;
  return { dtype: 'i32', shape: [most], data };
}

const count = (chosen: readonly Candidate[]): Tensor => ({
  dtype: 'i32',
  shape: [],
  data: Int32Array.of(chosen.length),
});

interface Limits {
  readonly most: number;
  readonly iouThreshold: number;
  readonly scoreThreshold: number;
  readonly sigma: number;
}

function choose(boxes: Tensor, scores: Tensor, { most, iouThreshold, scoreThreshold, sigma }: Limits): Candidate[] {
  const sides = new Boxes(floats(boxes));
  // The highest score first, of equal ones the lowest index.
  const queue = new Heap<Candidate>((a, b) => a.score > b.score || (a.score === b.score && a.index < b.index));
  for (const [index, score] of floats(scores).entries())
    if (score > scoreThreshold) queue.push({ index, score, seen: 0 });
  const decay = sigma > 0 ? -0.5 / sigma : 0;
  const chosen: Candidate[] = [];
  while (chosen.length < most && queue.size > 0) {
    const next = queue.pop()!;
    const before = next.score;
    let dropped = false;
    for (let i = chosen.length - 1; i >= next.seen && !dropped && next.score > scoreThreshold; i--) {
      const iou = sides.overlap(next.index, chosen[i]!.index);
      dropped = iou >= iouThreshold;
      if (!dropped && decay !== 0) next.score *= Math.exp(decay * iou * iou);
    }
    next.seen = chosen.length;
    if (dropped) continue;
    if (next.score === before) chosen.push(next);
    else if (next.score > scoreThreshold) queue.push(next);
  }
  return chosen;
}

/** Boxes of two opposite corners each (y, x, y, x). */
export class Boxes {
  /** The lower and the upper corner of each, and its area. */
  readonly #sides: Float64Array;

  constructor(corners: Float32Array) {
    const count = corners.length >> 2;
    this.#sides = new Float64Array(count * 5);
    for (let i = 0; i < count; i++) {
      for (let axis = 0; axis < 2; axis++) {
        const [a, b] = [corners[4 * i + axis]!, corners[4 * i + axis + 2]!];
        this.#sides[5 * i + axis] = Math.min(a, b);
        this.#sides[5 * i + axis + 2] = Math.max(a, b);
      }
      const height = this.#sides[5 * i + 2]! - this.#sides[5 * i]!;
      const width = this.#sides[5 * i + 3]! - this.#sides[5 * i + 1]!;
      this.#sides[5 * i + 4] = height * width;
    }
  }

  /** Area of the intersection of two boxes by that of their union; 0 when a box is empty. */
  overlap(a: number, b: number): number {
    const s = this.#sides;
    const [i, j] = [5 * a, 5 * b];
    const [areaA, areaB] = [s[i + 4]!, s[j + 4]!];
    if (areaA <= 0 || areaB <= 0) return 0;
    const height = Math.max(0, Math.min(s[i + 2]!, s[j + 2]!) - Math.max(s[i]!, s[j]!));
    const width = Math.max(0, Math.min(s[i + 3]!, s[j + 3]!) - Math.max(s[i + 1]!, s[j + 1]!));
    return (height * width) / (areaA + areaB - height * width);
  }
}
