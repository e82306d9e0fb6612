import { ModelError } from '../../errors.js';
import type { Tensor } from '../../ir/tensor.js';
import { numbersOf } from '../compare/traced-model.js';
import type { DetectionLabel, Label, Metric, MetricState } from './types.js';

/** Overlaps at which boxes count as found: 0.5, 0.55, …, 0.95. */
const OVERLAPS = Array.from({ length: 10 }, (_, i) => 0.5 + 0.05 * i);
/** Places of the recall at which precision is looked up. */
const RECALLS = 101;

/**
 * Mean average precision of detectors that give boxes `[1, N, 4]` (top, left, bottom, right in 0..1), classes `[1, N]`,
 * scores `[1, N]` and, in a fourth output, how many there are: the outputs of TFLite's SSD post-processing, told apart by
 * shape and order. Source: COCO's evaluation: greedy matching by score, 101 points of interpolated precision.
 */
export function detection(): Metric {
  return {
    measure(outputs, label) {
      const { boxes, classes } = detectionLabel(label);
      const found = detections(outputs);
      const objects = classes.map((c) => [c]);
      // For each detection: class, score, and at each overlap whether it finds an object.
      const matches = found.map((d) => [d.class, d.score] as number[]);
      for (const overlap of OVERLAPS) {
        const taken = new Set<number>();
        for (const [i, d] of found.entries()) {
          let best = -1;
          let most = overlap;
          for (const [k, box] of boxes.entries()) {
            if (classes[k] !== d.class || taken.has(k)) continue;
            const shared = overlapOf(box, d.box);
            if (shared >= most) [best, most] = [k, shared];
          }
          if (best >= 0) taken.add(best);
          matches[i]?.push(Number(best >= 0));
        }
      }
      return { matches, objects };
    },
    result(state) {
      const at = OVERLAPS.map((_, i) => averagePrecision(state, i));
      const mean = at.reduce((sum, x) => sum + x, 0) / at.length;
      const figure = (metric: string, value: number) =>
        ({ metric, kind: 'share', isGain: true, value, low: value, high: value }) as const;
      return [figure('mAP@.5:.95', mean), figure('mAP@.5', at[0] as number)];
    },
  };
}

function detectionLabel(label: Label): DetectionLabel {
  const { boxes, classes } = (typeof label === 'object' ? label : {}) as Partial<DetectionLabel>;
  if (!Array.isArray(boxes) || !Array.isArray(classes) || boxes.length !== classes.length)
    throw new ModelError('invalid-data', 'boxes and as many classes expected as label');
  return { boxes, classes };
}

interface Detection {
  readonly box: readonly number[];
  readonly class: number;
  readonly score: number;
}

/** Detections, highest score first. */
function detections(outputs: Readonly<Record<string, Tensor>>): Detection[] {
  const tensors = Object.values(outputs);
  const boxes = tensors.find((t) => t.shape.length === 3 && t.shape[2] === 4);
  const [classes, scores] = tensors.filter((t) => t.shape.length === 2);
  if (!boxes || !classes || !scores)
    throw new ModelError('invalid-data', 'outputs [1,N,4], [1,N] and [1,N] expected: boxes, classes, scores');
  const count = tensors.find((t) => t.shape.length === 1);
  const [b, c, s] = [boxes, classes, scores].map(numbersOf) as [Float32Array, Float32Array, Float32Array];
  const n = Math.min(s.length, count ? (numbersOf(count)[0] as number) : s.length);
  const all = Array.from({ length: n }, (_, i) => ({
    box: [...b.subarray(4 * i, 4 * i + 4)],
    class: c[i] as number,
    score: s[i] as number,
  }));
  return all.sort((x, y) => y.score - x.score);
}

/** Intersection over union. */
function overlapOf(a: readonly number[], b: readonly number[]): number {
  const area = ([top = 0, left = 0, bottom = 0, right = 0]: readonly number[]) =>
    Math.max(bottom - top, 0) * Math.max(right - left, 0);
  const both = area([
    Math.max(a[0] as number, b[0] as number),
    Math.max(a[1] as number, b[1] as number),
    Math.min(a[2] as number, b[2] as number),
    Math.min(a[3] as number, b[3] as number),
  ]);
  return both === 0 ? 0 : both / (area(a) + area(b) - both);
}

/** The mean over the classes that occur, at one overlap. */
function averagePrecision({ matches = [], objects = [] }: MetricState, overlap: number): number {
  const classes = [...new Set((objects as readonly number[][]).map(([c]) => c as number))];
  const each = classes.map((c) => {
    const total = (objects as readonly number[][]).filter(([k]) => k === c).length;
    const rows = (matches as readonly number[][])
      .filter((m) => m[0] === c)
      .sort((x, y) => (y[1] as number) - (x[1] as number));
    let right = 0;
    const curve = rows.map((m, i) => {
      right += m[2 + overlap] as number;
      return { recall: right / total, precision: right / (i + 1) };
    });
    for (let i = curve.length - 2; i >= 0; i--)
      (curve[i] as { precision: number }).precision = Math.max(curve[i]?.precision ?? 0, curve[i + 1]?.precision ?? 0);
    let sum = 0;
    for (let i = 0; i < RECALLS; i++) sum += curve.find((p) => p.recall >= i / (RECALLS - 1) - 1e-12)?.precision ?? 0;
    return sum / RECALLS;
  });
  return each.reduce((sum, x) => sum + x, 0) / Math.max(each.length, 1);
}
