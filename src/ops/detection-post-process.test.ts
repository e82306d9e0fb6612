import { describe, expect, it } from 'vitest';
import { detectionPostProcess } from './detection-post-process.js';
import { f32 } from './testing.js';

const anchors = [0.51, 0.42, 0.34, 0.41, 0.25, 0.71, 0.26, 0.42, 0.33, 0.75, 0.2, 0.34, 0.62, 0.2, 0.48, 0.37];
const encodings = [1.8, 0.4, 0.1, -1.9, -0.3, -0.4, -0.1, -0.6, -4, 0.1, 1.3, 0.9, 0.9, 1.7, 0.1, -0.4];
const scores = [0.1, 0.8, 0.3, 0.2, 0.1, 0.9, 0.6, 0.7, 0.5, 0.4, 0.35, 0.1];
const inputs = [f32([1, 4, 4], encodings), f32([1, 4, 3], scores), f32([4, 4], anchors)];
const common = { num_classes: 2, nms_score_threshold: 0.34, nms_iou_threshold: 0.4, y_scale: 10, x_scale: 10, h_scale: 5, w_scale: 5 }; // biome-ignore format: long
const run = (more: object) => {
  const results = detectionPostProcess(inputs, new Map(Object.entries({ ...common, ...more })));
  return results.map((t) => Array.from(t.data as Float32Array, (v) => Math.round(v * 1e4) / 1e4));
};

/** Results of TensorFlow 2.21's interpreter. */
describe('the custom operator TFLite_Detection_PostProcess', () => {
  const [first, second, third] = [
    [0.1148, 0.5069, 0.3696, 0.8795],
    [0.3978, 0.2962, 0.7446, 0.5766],
    [0.4184, 0.0921, 0.908, 0.4337],
  ] as const;

  it('gives each of the best boxes its best classes', () =>
    expect(run({ max_detections: 3, max_classes_per_detection: 2 })).toEqual([
      [first, first, second, second, third, third].flat(),
      [1, 0, 0, 1, 0, 1],
      [0.9, 0.1, 0.8, 0.3, 0.35, 0.1],
      [3],
    ]));

  it('gives the best boxes of each class, and zeros where there are fewer', () => {
    const options = { max_detections: 4, max_classes_per_detection: 1, detections_per_class: 2, use_regular_nms: 1 };
    const other = [0.1203, 0.5499, 0.3797, 0.9569];
    expect(run(options)).toEqual([[first, second, other, [0, 0, 0, 0]].flat(), [1, 0, 0, 0], [0.9, 0.8, 0.7, 0], [3]]);
  });

  it('says what does not fit', () => {
    const most = { max_detections: 4, max_classes_per_detection: 1 };
    expect(() => run({ ...most, num_classes: 1 })).toThrow(
      'expected scores of 1 classes and perhaps the background, got 3',
    );
    expect(() => run({ max_classes_per_detection: 1 })).toThrow('max_detections: a whole number from 1 expected');
  });
});
