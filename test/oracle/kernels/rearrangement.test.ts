import { describe } from 'vitest';
import { testKernels } from '../kernel-case.js';

const of = (op: string, input: string, output: string, constants: readonly string[], options = '') =>
  `graph main(%x: ${input}) {
${constants.map((c, i) => `  @c${i} = const ${c}\n`).join('')}  %y = ${op}(${['%x', ...constants.map((_, i) => `@c${i}`)].join(', ')}) ${options} : ${output}
  return %y
}`;

describe('moved elements equal those of the reference kernels', () => {
  testKernels({
    'PAD around images': {
      graph: of('PAD', 'f32[2,3,5,7]', 'f32[2,6,8,7]', ['i32[4,2] [0,0, 1,2, 2,1, 0,0]']),
      kernel: 'move',
    },
    'PAD of channels': { graph: of('PAD', 'f32[1,3,5,3]', 'f32[1,3,5,8]', ['i32[4,2] [0,0, 0,0, 0,0, 0,5]']) },
    'PAD of bytes': {
      graph: of('PAD', 'i8[1,3,5,3] q(0.5, 3)', 'i8[1,5,7,3] q(0.5, 3)', ['i32[4,2] [0,0, 1,1, 1,1, 0,0]']),
    },
    'PADV2 with a value': {
      graph: of('PADV2', 'f32[3,5]', 'f32[5,8]', ['i32[2,2] [1,1, 1,2]', 'f32[] [2.5]']),
    },
    'PADV2 of integers': {
      graph: of('PADV2', 'i32[3,5]', 'i32[5,8]', ['i32[2,2] [1,1, 1,2]', 'i32[] [-123456]']),
    },
    'MIRROR_PAD without the edge': {
      graph: of('MIRROR_PAD', 'f32[1,5,6,3]', 'f32[1,9,8,3]', ['i32[4,2] [0,0, 2,2, 1,1, 0,0]'], '{mode: REFLECT}'),
    },
    'MIRROR_PAD with the edge': {
      graph: of('MIRROR_PAD', 'f32[5,6]', 'f32[9,9]', ['i32[2,2] [2,2, 1,2]'], '{mode: SYMMETRIC}'),
    },
    SPACE_TO_DEPTH: { graph: of('SPACE_TO_DEPTH', 'f32[2,4,6,3]', 'f32[2,2,3,12]', [], '{blockSize: 2}') },
    DEPTH_TO_SPACE: { graph: of('DEPTH_TO_SPACE', 'f32[1,3,5,12]', 'f32[1,6,10,3]', [], '{blockSize: 2}') },
    'DEPTH_TO_SPACE of bytes': { graph: of('DEPTH_TO_SPACE', 'u8[1,3,5,9]', 'u8[1,9,15,1]', [], '{blockSize: 3}') },
    'SPACE_TO_BATCH_ND with padding': {
      graph: of('SPACE_TO_BATCH_ND', 'f32[1,5,6,3]', 'f32[4,3,4,3]', ['i32[2] [2,2]', 'i32[2,2] [0,1, 1,1]']),
    },
    'BATCH_TO_SPACE_ND with crops': {
      graph: of('BATCH_TO_SPACE_ND', 'f32[4,3,4,3]', 'f32[1,5,6,3]', ['i32[2] [2,2]', 'i32[2,2] [0,1, 1,1]']),
    },
    'RESIZE_NEAREST_NEIGHBOR to twice the size': {
      graph: of('RESIZE_NEAREST_NEIGHBOR', 'f32[2,5,7,9]', 'f32[2,10,14,9]', ['i32[2] [10,14]']),
    },
    'RESIZE_NEAREST_NEIGHBOR with half pixels': {
      graph: of(
        'RESIZE_NEAREST_NEIGHBOR',
        'f32[1,5,7,3]',
        'f32[1,3,11,3]',
        ['i32[2] [3,11]'],
        '{halfPixelCenters: true}',
      ),
    },
    'RESIZE_NEAREST_NEIGHBOR with aligned corners': {
      graph: of('RESIZE_NEAREST_NEIGHBOR', 'f32[1,5,7,33]', 'f32[1,8,4,33]', ['i32[2] [8,4]'], '{alignCorners: true}'),
    },
  });
});
