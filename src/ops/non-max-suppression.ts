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
      scores.set(chosen.scores);
      return [indices(chosen, most), { dtype: 'f32', shape: [most], data: scores }, count(chosen)];
    },
  }),
];

function slots(boxes: KnownValue, maxOutputSize: KnownValue): number[] {
  requireRank(boxes.shape, 2, 'boxes');
  return [maxOutputSize.elements?.[0] ?? -1];
}

const scalar = (tensor: Tensor): number => Number((tensor.data as Float32Array)[0]);

/** The chosen boxes, in order. */
interface Chosen {
  readonly boxes: readonly number[];
  readonly scores: readonly number[];
}

function indices({ boxes }: Chosen, most: number): Tensor {
  const data = new Int32Array(most);
  data.set(boxes);
  return { dtype: 'i32', shape: [most], data };
}

const count = ({ boxes }: Chosen): Tensor => ({ dtype: 'i32', shape: [], data: Int32Array.of(boxes.length) });

interface Limits {
  readonly most: number;
  readonly iouThreshold: number;
  readonly scoreThreshold: number;
  readonly sigma: number;
}

function choose(boxes: Tensor, scores: Tensor, { most, iouThreshold, scoreThreshold, sigma }: Limits): Chosen {
  const sides = new Boxes(floats(boxes));
  const score = Float64Array.from(floats(scores));
  /** How many chosen boxes the score of each already accounts for. */
  const seen = new Int32Array(score.length);
  // The highest score first, of equal ones the lowest index.
  const queue = new Heap<number>((a, b) => score[a]! > score[b]! || (score[a]! === score[b]! && a < b));
  for (let i = 0; i < score.length; i++) if (score[i]! > scoreThreshold) queue.push(i);
  const decay = sigma > 0 ? -0.5 / sigma : 0;
  const chosen: number[] = [];
  while (chosen.length < most && queue.size > 0) {
    const next = queue.pop()!;
    const before = score[next]!;
    let now = before;
    let dropped = false;
    for (let i = chosen.length - 1; i >= seen[next]! && !dropped && now > scoreThreshold; i--) {
      const iou = sides.overlap(next, chosen[i]!);
      dropped = iou >= iouThreshold;
      if (!dropped && decay !== 0) now *= Math.exp(decay * iou * iou);
    }
    seen[next] = chosen.length;
    score[next] = now;
    if (dropped) continue;
    if (now === before) chosen.push(next);
    else if (now > scoreThreshold) queue.push(next);
  }
  return { boxes: chosen, scores: chosen.map((i) => score[i]!) };
}

/** Boxes of two opposite corners each (y, x, y, x). */
export class Boxes {
  readonly #corners: Float32Array;
  /** The lower and the upper corner of each box that somebody asked for, and its area. */
  readonly #sides: Float64Array;
  readonly #isKnown: Uint8Array;

  constructor(corners: Float32Array) {
    const count = corners.length >> 2;
    this.#corners = corners;
    this.#sides = new Float64Array(count * 5);
    this.#isKnown = new Uint8Array(count);
  }

  /** Area of the intersection of two boxes by that of their union; 0 when a box is empty. */
  overlap(a: number, b: number): number {
    this.#measure(a);
    this.#measure(b);
    const s = this.#sides;
    const [i, j] = [5 * a, 5 * b];
    const [areaA, areaB] = [s[i + 4]!, s[j + 4]!];
    if (areaA <= 0 || areaB <= 0) return 0;
    const height = Math.max(0, Math.min(s[i + 2]!, s[j + 2]!) - Math.max(s[i]!, s[j]!));
    const width = Math.max(0, Math.min(s[i + 3]!, s[j + 3]!) - Math.max(s[i + 1]!, s[j + 1]!));
    return (height * width) / (areaA + areaB - height * width);
  }

  #measure(box: number): void {
    if (this.#isKnown[box] === 1) return;
    this.#isKnown[box] = 1;
    const s = this.#sides;
    for (let axis = 0; axis < 2; axis++) {
      const [p, q] = [this.#corners[4 * box + axis]!, this.#corners[4 * box + axis + 2]!];
      s[5 * box + axis] = Math.min(p, q);
      s[5 * box + axis + 2] = Math.max(p, q);
    }
    s[5 * box + 4] = (s[5 * box + 2]! - s[5 * box]!) * (s[5 * box + 3]! - s[5 * box + 1]!);
  }
}
