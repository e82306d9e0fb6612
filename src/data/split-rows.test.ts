import { expect, it } from 'vitest';
import type { Tensor } from '../ir/tensor.js';
import { splitRows } from './split-rows.js';

const f32 = (shape: number[], ...data: number[]): Tensor => ({ dtype: 'f32', shape, data: Float32Array.from(data) });

it('gives a sample for each row; what has one row is the same in all', () => {
  const samples = splitRows({ x: f32([2, 2], 1, 2, 3, 4), y: f32([1], 5), z: f32([3], 6, 7, 8) }, ['x', 'y']);
  expect(samples).toEqual([
    { x: f32([1, 2], 1, 2), y: f32([1], 5), z: f32([3], 6, 7, 8) },
    { x: f32([1, 2], 3, 4), y: f32([1], 5), z: f32([3], 6, 7, 8) },
  ]);
});

it('splits texts', () => {
  const text: Tensor = { dtype: 'string', shape: [2], data: [Uint8Array.of(65), Uint8Array.of(66)] };
  expect(splitRows({ text }, ['text'])[1]).toEqual({ text: { ...text, shape: [1], data: [Uint8Array.of(66)] } });
});

it('refuses different numbers of rows', () => {
  expect(() => splitRows({ x: f32([2], 1, 2), y: f32([3], 1, 2, 3) }, ['x', 'y'])).toThrow(
    "input 'x' has 2 rows, 'y' has 3. Give as many of each, or one.",
  );
});
