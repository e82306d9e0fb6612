import { expect, it } from 'vitest';
import type { DType, TensorData } from '../ir/tensor.js';
import { largestDifference } from './largest-difference.js';

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

it.each<[string, DType, TensorData, TensorData, number]>([
  ['the largest counts', 'f32', Float32Array.of(1, 5, 2), Float32Array.of(1, 2, 3), 3],
  ['long integers count in steps', 'i64', BigInt64Array.of(5n), BigInt64Array.of(-5n), 10],
  ['half floats are held as bits', 'f16', Uint16Array.of(0x3c00), Uint16Array.of(0x4000), 1],
  ['not a number equals itself', 'f32', Float32Array.of(nan, infinity), Float32Array.of(nan, infinity), 0],
  ['not a number differs from a number', 'f32', Float32Array.of(nan), Float32Array.of(1), nan],
  [
    'infinities of two signs differ without end',
    'f32',
    Float32Array.of(infinity),
    Float32Array.of(-infinity),
    infinity,
  ],
  ['other lengths cannot be compared', 'f32', Float32Array.of(1), Float32Array.of(), nan],
])('%s', (_, dtype, a, b, expected) => expect(largestDifference(dtype, a, b)).toBe(expected));
