import type { Tensor } from '../ir/tensor.js';
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
  const corners = floats(boxes);
  const queue: Candidate[] = [];
  for (const [index, score] of floats(scores).entries())
    if (score > scoreThreshold) queue.push({ index, score, seen: 0 });
  const decay = sigma > 0 ? -0.5 / sigma : 0;
  const chosen: Candidate[] = [];
  while (chosen.length < most && queue.length > 0) {
    const next = takeBest(queue);
    const before = next.score;
    let dropped = false;
    for (let i = chosen.length - 1; i >= next.seen && !dropped && next.score > scoreThreshold; i--) {
      const iou = overlap(corners, next.index, chosen[i]!.index);
      dropped = iou >= iouThreshold;
      if (!dropped) next.score *= Math.exp(decay * iou * iou);
    }
    next.seen = chosen.length;
    if (dropped) continue;
    if (next.score === before) chosen.push(next);
    else if (next.score > scoreThreshold) queue.push(next);
  }
  return chosen;
}

/** Takes out the candidate of the highest score, of equal ones the one of the lowest index. */
function takeBest(queue: Candidate[]): Candidate {
  let best = 0;
  for (const [i, { score, index }] of queue.entries()) {
    const top = queue[best]!;
    if (score > top.score || (score === top.score && index < top.index)) best = i;
  }
  return queue.splice(best, 1)[0]!;
}

/** Area of the intersection of two boxes by that of their union; 0 when a box is empty. */
export function overlap(corners: Float32Array, a: number, b: number): number {
  const side = (box: number, axis: number): readonly [number, number] => {
    const [p, q] = [corners[box * 4 + axis]!, corners[box * 4 + axis + 2]!];
    return [Math.min(p, q), Math.max(p, q)];
  };
  const [ay, ax, by, bx] = [side(a, 0), side(a, 1), side(b, 0), side(b, 1)];
  const areaA = (ay[1] - ay[0]) * (ax[1] - ax[0]);
  const areaB = (by[1] - by[0]) * (bx[1] - bx[0]);
  if (areaA <= 0 || areaB <= 0) return 0;
  const height = Math.max(0, Math.min(ay[1], by[1]) - Math.max(ay[0], by[0]));
  const width = Math.max(0, Math.min(ax[1], bx[1]) - Math.max(ax[0], bx[0]));
  return (height * width) / (areaA + areaB - height * width);
}
