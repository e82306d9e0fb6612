import { expect, it } from 'vitest';
import { fitTensor } from './fit-tensor.js';
import { withGivenShapes } from './given-shapes.js';

const input = { name: 'x', dtype: 'f32' as const, shape: [] };
const tensor = { dtype: 'f32' as const, shape: [2, 3], data: new Float32Array(6) };

it('an input of unknown rank takes any shape, and tensors of any rank', () => {
  const [given] = withGivenShapes([{ ...input, isUnranked: true }], { x: [2, 3] });
  expect(given).toMatchObject({ shape: [2, 3], isUnranked: false });
  expect(fitTensor(tensor, { ...input, isUnranked: true }, 'x.npy').shape).toEqual([2, 3]);
});

it('a scalar input takes no other shape', () => {
  expect(() => withGivenShapes([input], { x: [2, 3] })).toThrow("shape of 'x': [] expected, got [2,3].");
  expect(() => fitTensor(tensor, input, 'x.npy')).toThrow("input 'x' expects [], got [2,3].");
});
