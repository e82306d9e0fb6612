import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { Tensor } from '../../ir/tensor.js';
import { detection } from './detection.js';
import { joinStates } from './types.js';

interface Case {
  readonly images: readonly {
    readonly boxes: number[][];
    readonly classes: number[];
    /** Top, left, bottom, right, class, score. */
    readonly found: number[][];
  }[];
  readonly mAP: number;
  readonly mAP50: number;
}
const path = new URL('../../../test/fixtures/coco-detections.json', import.meta.url);
const coco = JSON.parse(readFileSync(path, 'utf8')) as Case;
const metric = detection();
const tensor = (shape: number[], data: number[]): Tensor => ({ dtype: 'f32', shape, data: Float32Array.from(data) });
const outputs = (found: readonly number[][]) => ({
  boxes: tensor(
    [1, found.length, 4],
    found.flatMap((f) => f.slice(0, 4)),
  ),
  classes: tensor(
    [1, found.length],
    found.map((f) => f[4] as number),
  ),
  scores: tensor(
    [1, found.length],
    found.map((f) => f[5] as number),
  ),
});

it('gives the figures of pycocotools, inside intervals that are no points', () => {
  const states = coco.images.map(({ boxes, classes, found }) => metric.measure(outputs(found), { boxes, classes }));
  const [mean, half] = metric.result(joinStates(states));
  for (const [figure, expected] of [
    [mean, coco.mAP],
    [half, coco.mAP50],
  ] as const) {
    expect(figure?.value).toBeCloseTo(expected, 9);
    expect(figure?.low).toBeLessThan(expected);
    expect(figure?.high).toBeGreaterThan(expected);
  }
});

it('counts the highest 100 detections of a class in an image', () => {
  const wrong = Array.from({ length: 100 }, () => [0, 0, 0.1, 0.1, 0, 0.9]);
  const label = { boxes: [[0.5, 0.5, 1, 1]], classes: [0] };
  const [mean] = metric.result(metric.measure(outputs([...wrong, [0.5, 0.5, 1, 1, 0, 0.5]]), label));
  expect(mean?.value).toBe(0);
});
