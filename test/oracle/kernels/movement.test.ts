import { describe } from 'vitest';
import { testKernels } from '../kernel-case.js';

const transpose = (dtype: string, shape: readonly number[], order: readonly number[]) =>
  `graph main(%x: ${dtype}[${shape}]) {
  @p = const i32[${order.length}] [${order}]
  %y = TRANSPOSE(%x, @p) : ${dtype}[${order.map((i) => shape[i])}]
  return %y
}`;

const concatenation = (dtype: string, a: string, b: string, y: string, axis: number) =>
  `graph main(%a: ${dtype}[${a}], %b: ${dtype}[${b}]) {
  %y = CONCATENATION(%a, %b) {axis: ${axis}} : ${dtype}[${y}]
  return %y
}`;

const strided = (dtype: string, x: string, lists: readonly (readonly number[])[], y: string, options = '') =>
  `graph main(%x: ${dtype}[${x}]) {
  ${lists.map((l, i) => `@l${i} = const i32[${l.length}] [${l}]`).join('\n  ')}
  %y = STRIDED_SLICE(%x, @l0, @l1, @l2) ${options} : ${dtype}[${y}]
  return %y
}`;

const withList = (op: string, dtype: string, x: string, list: readonly number[], y: string) =>
  `graph main(%x: ${dtype}[${x}]) {
  @l = const i32[${list.length}] [${list}]
  %y = ${op}(%x, @l) : ${dtype}[${y}]
  return %y
}`;

describe('transpositions equal the reference kernels', () => {
  testKernels({
    'of two axes': { graph: transpose('f32', [33, 17], [1, 0]), kernel: 'copy_tiles' },
    'of two axes, whole tiles': { graph: transpose('f32', [64, 128], [1, 0]), kernel: 'copy_tiles' },
    'of bytes': { graph: transpose('i8', [37, 21], [1, 0]), kernel: 'copy_tiles' },
    'of whole tiles of bytes': { graph: transpose('u8', [2, 32, 48], [0, 2, 1]), kernel: 'copy_tiles' },
    'of 16-bit integers': { graph: transpose('i16', [2, 9, 19], [2, 0, 1]), kernel: 'copy_tiles' },
    'of 64-bit integers': { graph: transpose('i64', [5, 7], [1, 0]), kernel: 'copy_tiles' },
    'from NHWC to NCHW with three channels': { graph: transpose('f32', [2, 7, 5, 3], [0, 3, 1, 2]) },
    'from NCHW to NHWC with three channels': { graph: transpose('f32', [2, 3, 7, 5], [0, 2, 3, 1]) },
    'of three channels of bytes': { graph: transpose('i8', [1, 7, 5, 3], [0, 3, 1, 2]) },
    'that keep the inner axis': { graph: transpose('f32', [1, 9, 4, 16], [0, 2, 1, 3]), kernel: 'copy_rows' },
    'that keep a long inner axis': { graph: transpose('f32', [3, 2, 77], [1, 0, 2]), kernel: 'copy_rows' },
    'that keep a very long inner axis': { graph: transpose('f32', [3, 2, 301], [1, 0, 2]), kernel: 'copy_rows' },
    'that keep an inner axis of two': { graph: transpose('i8', [12, 9, 3], [1, 0, 2]), kernel: 'copy_rows' },
    'of five axes': { graph: transpose('f32', [2, 3, 4, 5, 6], [4, 1, 3, 0, 2]) },
    'of six axes': { graph: transpose('f32', [2, 3, 2, 3, 2, 3], [5, 4, 3, 2, 1, 0]) },
  });
});

describe('joining and splitting equal the reference kernels', () => {
  testKernels({
    'CONCATENATION of channels': { graph: concatenation('f32', '1,5,7,3', '1,5,7,9', '1,5,7,12', 3) },
    'CONCATENATION of many channels': { graph: concatenation('f32', '1,5,7,80', '1,5,7,33', '1,5,7,113', -1) },
    'CONCATENATION of rows': { graph: concatenation('i8', '3,7', '2,7', '5,7', 0) },
    'CONCATENATION of single bytes': { graph: concatenation('u8', '32,1', '32,1', '32,2', 1) },
    'PACK at the end': {
      graph: `graph main(%a: f32[3,5], %b: f32[3,5]) {
  %y = PACK(%a, %b) {axis: -1, valuesCount: 2} : f32[3,5,2]
  return %y
}`,
    },
    UNPACK: {
      graph: `graph main(%a: f32[2,3,5]) {
  %x, %y, %z = UNPACK(%a) {axis: 1, num: 3} : f32[2,5], f32[2,5], f32[2,5]
  return %x, %y, %z
}`,
    },
    SPLIT: {
      graph: `graph main(%a: i32[5,12]) {
  @axis = const i32[] [1]
  %x, %y, %z = SPLIT(@axis, %a) {numSplits: 3} : i32[5,4], i32[5,4], i32[5,4]
  return %x, %y, %z
}`,
    },
    SPLIT_V: {
      graph: `graph main(%a: f32[5,12]) {
  @sizes = const i32[3] [1, 8, -1]
  @axis = const i32[] [1]
  %x, %y, %z = SPLIT_V(%a, @sizes, @axis) {numSplits: 3} : f32[5,1], f32[5,8], f32[5,3]
  return %x, %y, %z
}`,
    },
  });
});

describe('slices and repetitions equal the reference kernels', () => {
  testKernels({
    SLICE: {
      graph: `graph main(%x: f32[4,6,9]) {
  @b = const i32[3] [1, 2, 3]
  @s = const i32[3] [2, -1, 5]
  %y = SLICE(%x, @b, @s) : f32[2,4,5]
  return %y
}`,
    },
    'STRIDED_SLICE with steps': {
      graph: strided(
        'f32',
        '8,9,7',
        [
          [1, 0, 6],
          [7, 9, 0],
          [2, 3, -2],
        ],
        '3,3,3',
      ),
    },
    'STRIDED_SLICE with masks': {
      graph: strided(
        'f32',
        '8,9,7',
        [
          [1, 4, 0],
          [7, 5, 0],
          [2, 1, 1],
        ],
        '3,7',
        '{shrinkAxisMask: 2, endMask: 4}',
      ),
    },
    'STRIDED_SLICE of every other byte': { graph: strided('i8', '64', [[1], [64], [2]], '32') },
    TILE: { graph: withList('TILE', 'f32', '3,5', [2, 3], '6,15') },
    'TILE of single elements': { graph: withList('TILE', 'f32', '7,1', [1, 21], '7,21'), kernel: 'copy_fill' },
    'BROADCAST_TO of rows': { graph: withList('BROADCAST_TO', 'f32', '5,1,7', [2, 5, 3, 7], '2,5,3,7') },
    'BROADCAST_TO of bytes': { graph: withList('BROADCAST_TO', 'i8', '5,1', [5, 301], '5,301'), kernel: 'copy_fill' },
    'BROADCAST_TO of few bytes': { graph: withList('BROADCAST_TO', 'i8', '5,1', [5, 11], '5,11'), kernel: 'copy_fill' },
    'REVERSE_V2 of the last axis': {
      graph: withList('REVERSE_V2', 'f32', '3,21', [1], '3,21'),
      kernel: 'copy_reverse',
    },
    'REVERSE_V2 of bytes': { graph: withList('REVERSE_V2', 'u8', '5,37', [1], '5,37'), kernel: 'copy_reverse' },
    'REVERSE_V2 of few 64-bit integers': { graph: withList('REVERSE_V2', 'i64', '5,3', [1], '5,3') },
    'REVERSE_V2 of the first axis': { graph: withList('REVERSE_V2', 'f32', '5,9', [0], '5,9') },
    FILL: {
      graph: `graph main(%v: f32[]) {
  @d = const i32[2] [9, 51]
  %y = FILL(@d, %v) : f32[9,51]
  return %y
}`,
    },
    'RESHAPE of a variable': {
      graph: `graph main(%x: f32[2,3]) {
  @c = const f32[6]
  @s = const i32[2] [2, 3]
  %r = RESHAPE(@c, @s) : f32[2,3]
  %y = ADD(%x, %r) : f32[2,3]
  return %y
}`,
    },
  });
});
