import { expect, it } from 'vitest';
import { runnable } from '../../../node/runtime.js';
import { lowerTensorFlow } from './lower.js';
import { buildGraph } from './testing.js';

it('tells of images that are changed at random', () => {
  const steps = [
    'StatelessRandomUniform(i32[2]=1 8, i64[2]=1 2)',
    'ImageProjectiveTransformV2($0, %0, i32[2]=2 3) {"interpolation": "NEAREST"}',
  ];
  const warnings: string[] = [];
  lowerTensorFlow(buildGraph(['float32[1,2,3,1]'], steps), { onWarning: (text) => warnings.push(text) });
  expect(warnings.at(-1)).toMatch(/ImageProjectiveTransformV2 'n1': changes images at random/);
});

const SHIFT = [1, 0, 0.5, 0, 1, -1.5, 0, 0];
const TURN = [-1, 0.5, 4, 0, 2, -1, -0.5, 0];
const IMAGE = [1, 2, 4, 8, 16, 32];

// What TensorFlow makes of the image [[1, 2, 4], [8, 16, 32]]; 100 fills it up.
it.each([
  ['NEAREST', 'CONSTANT', [100, 100, 100, 100, 100, 100], [100, 100, 100, 100, 100, 100]],
  ['NEAREST', 'REFLECT', [16, 32, 32, 2, 4, 4], [2, 8, 100, 16, 16, 100]],
  ['NEAREST', 'WRAP', [16, 32, 8, 16, 32, 8], [8, 8, 100, 8, 1, 100]],
  ['NEAREST', 'NEAREST', [2, 4, 4, 2, 4, 4], [4, 4, 100, 32, 32, 100]],
  ['BILINEAR', 'CONSTANT', [100, 100, 100, 50.75, 51.5, 76], [100, 100, 100, 100, 100, 100]],
  ['BILINEAR', 'REFLECT', [6.75, 13.5, 18, 1.5, 3, 4], [2, 8, 100, 12, 16, 100]],
  ['BILINEAR', 'WRAP', [12, 24, 8, 12, 24, 8], [8, 8, 100, 8, 1, 100]],
  ['BILINEAR', 'NEAREST', [1.5, 3, 4, 1.5, 3, 4], [4, 4, 100, 32, 32, 100]],
])('%s pixels, filled up by %s: constant and computed transforms', (interpolation, mode, shifted, turned) => {
  const attributes = `{"interpolation": "${interpolation}", "fill_mode": "${mode}"}`;
  const project = (transforms: string) =>
    `ImageProjectiveTransformV3($0, ${transforms}, i32[2]=2 3, f32[]=100) ${attributes}`;
  const image = 'float32[None,2,3,1]';
  const one = runnable(lowerTensorFlow(buildGraph([image], [project(`f32[1,8]=${SHIFT.join(' ')}`)])));
  expect([...one.run({ x0: Float32Array.from(IMAGE) }).output_0!.data]).toEqual(shifted);
  const two = runnable(lowerTensorFlow(buildGraph([image, 'float32[None,8]'], [project('$1')])));
  const data = Float32Array.from([...IMAGE, ...IMAGE]);
  const x1 = { dtype: 'f32' as const, shape: [2, 8], data: Float32Array.from([...SHIFT, ...TURN]) };
  const { output_0: y } = two.run({ x0: { dtype: 'f32', shape: [2, 2, 3, 1], data }, x1 });
  expect([...y!.data]).toEqual([...shifted, ...turned]);
});
