import { ModelError } from '../../errors.js';
import { seededRandom } from '../../ir/seeded.js';
import type { Tensor } from '../../ir/tensor.js';
import { numbersOf } from '../numbers.js';
import type { DetectionLabel, Label, Metric, MetricState } from './types.js';

/** Overlaps at which boxes count as found: 0.5, 0.55, …, 0.95. */
const OVERLAPS = Array.from({ length: 10 }, (_, i) => 0.5 + 0.05 * i);
/** Places of the recall at which precision is looked up. */
const RECALLS = 101;
/** Detections of one class in one image that count, the highest ones. */
const MOST = 100;
/** Sets of images drawn for the interval. */
const ROUNDS = 200;

/**
 * Mean average precision of detectors that give boxes `[1, N, 4]` (top, left, bottom, right in 0..1), classes `[1, N]`,
 * scores `[1, N]` and, in a fourth output, how many there are: the outputs of TFLite's SSD post-processing, told apart by
 * shape and order. Source: COCO's evaluation: greedy matching by score, at most 100 detections of a class
 * in an image, 101 points of interpolated precision. Intervals: the middle 95 % of 200 seeded draws of as many images.
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
      return { matches, objects, counts: [[matches.length, objects.length]] };
    },
    result(state) {
      const images = imagesOf(state);
      const [mean, half] = averagePrecisions(images);
      const random = seededRandom('detection');
      const drawn = Array.from({ length: ROUNDS }, () =>
        averagePrecisions(images.map(() => images[Math.floor(random() * images.length)] as Image)),
      );
      const figure = (metric: string, value: number, values: readonly number[]) => {
        const sorted = [...values].sort((x, y) => x - y);
        const at = (share: number) => sorted[Math.round(share * (ROUNDS - 1))] as number;
        return { metric, kind: 'share', isGain: true, value, low: at(0.025), high: at(0.975) } as const;
      };
      return [
        figure(
          'mAP@.5:.95',
          mean,
          drawn.map(([x]) => x),
        ),
        figure(
          'mAP@.5',
          half,
          drawn.map(([, x]) => x),
        ),
      ];
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
  const seen = new Map<number, number>();
  return all
    .sort((x, y) => y.score - x.score)
    .filter((d) => {
      const before = seen.get(d.class) ?? 0;
      seen.set(d.class, before + 1);
      return before < MOST;
    });
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

/** What the state says of one image. */
interface Image {
  readonly matches: readonly (readonly number[])[];
  readonly objects: readonly (readonly number[])[];
}

function imagesOf(state: MetricState): Image[] {
  const [matches, objects, counts] = ['matches', 'objects', 'counts'].map((key) => state[key] ?? []) as [
    readonly (readonly number[])[],
    readonly (readonly number[])[],
    readonly (readonly number[])[],
  ];
  let [m, o] = [0, 0];
  return counts.map(([found = 0, real = 0]) => {
    const image = { matches: matches.slice(m, m + found), objects: objects.slice(o, o + real) };
    [m, o] = [m + found, o + real];
    return image;
  });
}

/** Means over the classes that occur: over all overlaps, and at the lowest one. */
function averagePrecisions(images: readonly Image[]): [number, number] {
  const totals = new Map<number, number>();
  for (const { objects } of images) for (const [c = 0] of objects) totals.set(c, (totals.get(c) ?? 0) + 1);
  const rows = new Map<number, (readonly number[])[]>([...totals.keys()].map((c) => [c, []]));
  for (const { matches } of images) for (const match of matches) rows.get(match[0] as number)?.push(match);
  for (const list of rows.values()) list.sort((x, y) => (y[1] as number) - (x[1] as number));
  const at = OVERLAPS.map((_, overlap) => {
    const each = [...totals].map(([c, total]) => averagePrecision(rows.get(c) ?? [], total, overlap));
    return each.reduce((sum, x) => sum + x, 0) / Math.max(each.length, 1);
  });
  return [at.reduce((sum, x) => sum + x, 0) / at.length, at[0] as number];
}

/** Of one class, from its detections of all images, highest score first. */
function averagePrecision(rows: readonly (readonly number[])[], total: number, overlap: number): number {
  let right = 0;
  const curve = rows.map((m, i) => {
    right += m[2 + overlap] as number;
    return { recall: right / total, precision: right / (i + 1) };
  });
  for (let i = curve.length - 2; i >= 0; i--)
    (curve[i] as { precision: number }).precision = Math.max(curve[i]?.precision ?? 0, curve[i + 1]?.precision ?? 0);
  let sum = 0;
  for (let i = 0, at = 0; i < RECALLS; i++) {
    while (at < curve.length && (curve[at]?.recall as number) < i / (RECALLS - 1) - 1e-12) at++;
    sum += curve[at]?.precision ?? 0;
  }
  return sum / RECALLS;
}
