import { ModelError } from '../errors.js';
import type { ValueType } from '../ir/graph.js';
import type { Tensor } from '../ir/tensor.js';
import { floats } from './floats.js';
import { Boxes } from './non-max-suppression.js';

/** What the custom operator is told, by the names of its options. */
export type DetectionOptions = ReadonlyMap<string, number>;

const whole = (options: DetectionOptions, name: string, least: number, fallback?: number): number => {
  const value = options.get(name) ?? fallback;
  if (value !== undefined && Number.isSafeInteger(value) && value >= least) return value;
  throw new ModelError('invalid-graph', `${name}: a whole number from ${least} expected, got ${value}`);
};
const perDetection = (options: DetectionOptions): number => whole(options, 'max_classes_per_detection', 1);
const limit = (options: DetectionOptions): number => whole(options, 'max_detections', 1);

/** Boxes `[1, D, 4]`, classes `[1, D]` and scores `[1, D]` of so many detections D as there can be, and their number `[1]`. */
export function detectionTypes(options: DetectionOptions): ValueType[] {
  const count = limit(options) * perDetection(options);
  return [[1, count, 4], [1, count], [1, count], [1]].map((shape) => ({ dtype: 'f32', shape }));
}

/** One class of a box, and its row in the results. */
interface Detection {
  readonly row: number;
  readonly box: number;
  readonly class: number;
  readonly score: number;
}

/**
 * The end of SSD detectors, the custom operator `TFLite_Detection_PostProcess`: decodes boxes `[1, N, 4]` by anchors
 * `[N, 4]` and keeps the best that do not overlap, by the scores `[1, N, C]` of their classes, the first of which may be
 * the background. Either each box has its best classes, or each class its best boxes (`use_regular_nms`).
 *
 * Source: tensorflow/lite/kernels/detection_postprocess.cc
 */
export function detectionPostProcess(inputs: readonly (Tensor | undefined)[], options: DetectionOptions): Tensor[] {
  const [encodings, predictions, anchors] = inputs;
  const count = encodings?.shape[1] ?? 0;
  const width = predictions?.shape[2] ?? 0;
  const classes = whole(options, 'num_classes', 1);
  if (!encodings || !predictions || !anchors || anchors.shape[0] !== count || predictions.shape[1] !== count)
    throw new ModelError('invalid-graph', 'expected as many boxes, scores and anchors as one another.');
  if (width - classes < 0 || width - classes > 1)
    throw new ModelError(
      'invalid-graph',
      `expected scores of ${classes} classes and perhaps the background, got ${width}`,
    );
  const corners = decoded(encodings, anchors, count, options);
  const scores = floats(predictions);
  const scoreOf = (box: number, label: number): number => scores[box * width + width - classes + label] as number;
  const isRegular = (options.get('use_regular_nms') ?? 0) !== 0;
  const found = (isRegular ? bestOfClasses : bestOfBoxes)(corners, count, classes, scoreOf, options);
  return results(corners, found, isRegular ? 1 : Math.min(perDetection(options), classes), options);
}

/** `[N, 4]` corners (top, left, bottom, right) from `[N, 4+]` places and sizes relative to anchors (y, x, height, width). */
function decoded(encodings: Tensor, anchors: Tensor, count: number, options: DetectionOptions): Float32Array {
  const [codes, places] = [floats(encodings), floats(anchors)];
  const stride = encodings.shape[2] ?? 4;
  const [sy = 1, sx = 1, sh = 1, sw = 1] = ['y_scale', 'x_scale', 'h_scale', 'w_scale'].map((n) => options.get(n) ?? 1);
  const corners = new Float32Array(count * 4);
  for (let i = 0; i < count; i++) {
    const [y = 0, x = 0, h = 0, w = 0] = codes.subarray(i * stride, i * stride + 4);
    const [ay = 0, ax = 0, ah = 0, aw = 0] = places.subarray(i * 4, i * 4 + 4);
    const [cy, cx] = [(y / sy) * ah + ay, (x / sx) * aw + ax];
    const [half, wide] = [0.5 * Math.exp(h / sh) * ah, 0.5 * Math.exp(w / sw) * aw];
    corners.set([cy - half, cx - wide, cy + half, cx + wide], i * 4);
  }
  return corners;
}

type ScoreOf = (box: number, label: number) => number;
type Find = (
  corners: Float32Array,
  boxes: number,
  classes: number,
  scoreOf: ScoreOf,
  options: DetectionOptions,
) => Detection[];

/** The boxes with the highest scores of any class, each with its best classes. */
const bestOfBoxes: Find = (corners, boxes, classes, scoreOf, options) => {
  const labels = Array.from({ length: classes }, (_, label) => label);
  const best = (box: number) => Math.max(...labels.map((label) => scoreOf(box, label)));
  const chosen = apart(
    corners,
    Array.from({ length: boxes }, (_, box) => best(box)),
    limit(options),
    options,
  );
  const each = perDetection(options);
  return chosen.flatMap((box, i) =>
    labels
      .map((label) => ({ box, class: label, score: scoreOf(box, label) }))
      .sort((a, b) => b.score - a.score)
      .slice(0, each)
      .map((detection, k) => ({ ...detection, row: i * each + k })),
  );
};

/** The best boxes of each class, and of these the best ones. */
const bestOfClasses: Find = (corners, boxes, classes, scoreOf, options) => {
  const most = Math.min(whole(options, 'detections_per_class', 1, 100), limit(options));
  const found = Array.from({ length: classes }, (_, label) => {
    const scores = Array.from({ length: boxes }, (_, box) => scoreOf(box, label));
    return apart(corners, scores, most, options).map((box) => ({ box, class: label, score: scores[box] as number }));
  }).flat();
  found.sort((a, b) => b.score - a.score);
  return found.slice(0, limit(options)).map((detection, row) => ({ ...detection, row }));
};

/** At most so many boxes of a high enough score that do not overlap, the best first. */
function apart(corners: Float32Array, scores: readonly number[], most: number, options: DetectionOptions): number[] {
  const least = options.get('nms_score_threshold') ?? 0;
  const threshold = options.get('nms_iou_threshold') ?? 0;
  const order = scores.map((_, box) => box).filter((box) => (scores[box] as number) >= least);
  order.sort((a, b) => (scores[b] as number) - (scores[a] as number));
  const boxes = new Boxes(corners);
  const kept: number[] = [];
  for (const box of order) {
    if (kept.length >= most) break;
    if (kept.every((other) => boxes.overlap(other, box) <= threshold)) kept.push(box);
  }
  return kept;
}

/** The detections in their rows; `each` of them are one box. */
function results(
  corners: Float32Array,
  found: readonly Detection[],
  each: number,
  options: DetectionOptions,
): Tensor[] {
  const rows = limit(options) * perDetection(options);
  const [boxes, classes, scores] = [new Float32Array(rows * 4), new Float32Array(rows), new Float32Array(rows)];
  for (const { row, box, class: label, score } of found) {
    boxes.set(corners.subarray(box * 4, box * 4 + 4), row * 4);
    classes[row] = label;
    scores[row] = score;
  }
  const data = [boxes, classes, scores, Float32Array.of(found.length / each)];
  return detectionTypes(options).map(({ shape = [] }, i) => ({ dtype: 'f32', shape, data: data[i] as Float32Array }));
}
