import { expect, it } from 'vitest';
import { runnable } from '../../../node/runtime.js';
import { lowerTensorFlow } from './lower.js';
import { buildGraph } from './testing.js';

const COLORS = [
  1, 0.5, 0.25, 0, 0.5, 1, 0.25, 0.25, 0.25, 0, 0, 0, 0.25, 1, 0.5, 1, 0, 0.5, -0.5, -0.25, -1, 0.5, 0.25, -0.5,
];
const GRAY = [0.25, 0.25, 0.25, 0, 0, 0];

// What TensorFlow makes of the colors above; of their magnitudes, where they are hues.
it.each([
  [
    'RGBToHSV($0)',
    [0.0555556, 0.75, 1, 0.5833334, 1, 1, 0, 0, 0.25, 0, 0, 0, 0.3888889, 0.75, 1, 0.9166667, 1, 1],
    [0.2222222, 0, -0.25, 0.125, 2, 0.5],
  ],
  [
    'HSVToRGB($0)',
    [0.25, 0.125, 0.125, 1, 0.5, 0.5, 0.21875, 0.25, 0.1875, 0, 0, 0, 0.25, 0.5, 0, 0.5, 0.5, 0.5],
    [0.75, 1, 1, 0.375, 0.5, 0.5],
  ],
  [
    'AdjustHue($0, f32[]=0.3)',
    [0.25, 1, 0.35, 1, 0, 0.7, ...GRAY, 0.35, 0.25, 1, 0.7, 1, 0],
    [-1, -0.35, -0.25, -0.5, 0.5, 0.05],
  ],
  [
    'AdjustHue($0, f32[]=-0.6)',
    [0.25, 1, 0.8, 1, 0, 0.1, ...GRAY, 0.8, 0.25, 1, 0.1, 1, 0],
    [-1, -0.8, -0.25, -0.5, 0.35, 0.5],
  ],
  [
    'AdjustSaturation($0, f32[]=1.5)',
    [1, 0.3333334, 0, 0, 0.5, 1, ...GRAY, 0, 1, 0.3333335, 1, 0, 0.5],
    [-0.25, -0.25, -0.25, 0.5, 0.375, 0],
  ],
  [
    'AdjustSaturation($0, f32[]=0.25)',
    [1, 0.875, 0.8125, 0.75, 0.875, 1, ...GRAY, 0.8125, 1, 0.875, 1, 0.75, 0.875],
    [-0.25, -0.25, -0.25, 0.5, 0.4375, 0.25],
  ],
])('%s gives what TensorFlow gives, also for gray and negative colors', (step, positive, negative) => {
  const model = runnable(lowerTensorFlow(buildGraph(['float32[None,2,2,3]'], [step])));
  const x0 = Float32Array.from(COLORS, step.startsWith('HSV') ? Math.abs : (x) => x);
  const { output_0: y } = model.run({ x0: { dtype: 'f32', shape: [2, 2, 2, 3], data: x0 } });
  for (const [i, number] of [...positive, ...negative].entries()) expect(Number(y?.data[i])).toBeCloseTo(number, 6);
});
