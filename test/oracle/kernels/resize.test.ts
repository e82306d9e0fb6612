import { describe } from 'vitest';
import { testKernels } from '../kernel-case.js';

const resize = (input: string, output: string, options: string) => `graph main(%x: f32[${input}]) {
  @size = const i32[2] [${output.split(',').slice(1, 3)}]
  %y = RESIZE_BILINEAR(%x, @size) ${options} : f32[${output}]
  return %y
}`;

describe('RESIZE_BILINEAR of floats equals the reference kernel', () => {
  testKernels({
    'to twice the size': { graph: resize('2,5,7,16', '2,10,14,16', ''), kernel: 'resize_bilinear' },
    'to twice the size with half pixels': { graph: resize('1,5,7,33', '1,10,14,33', '{halfPixelCenters: true}') },
    'with aligned corners': { graph: resize('1,5,7,3', '1,9,11,3', '{alignCorners: true}') },
    'to a smaller size': { graph: resize('1,17,13,21', '1,5,7,21', '{halfPixelCenters: true}') },
    'of one channel': { graph: resize('1,17,13,1', '1,33,40,1', '') },
    'from one cell': { graph: resize('1,1,1,40', '1,5,7,40', '{alignCorners: true}') },
    'with an ADD behind': {
      graph: `graph main(%x: f32[1,4,4,7], %z: f32[1,8,8,7]) {
  @size = const i32[2] [8, 8]
  %m = RESIZE_BILINEAR(%x, @size) : f32[1,8,8,7]
  %y = ADD(%z, %m) : f32[1,8,8,7]
  return %y
}`,
    },
  });
});
