import { expect, it } from 'vitest';
import type { KnownValue, Op } from './define.js';
import { randoms } from './random.js';

const [uniform, , multinomial] = randoms as readonly [Op, Op, Op];
const shape = (rank: number, elements?: readonly (number | undefined)[]): KnownValue => ({
  dtype: 'i32',
  shape: [rank],
  elements,
});

it('random numbers have the shape asked for, as far as known', () => {
  expect(uniform.infer([shape(2, [3, 4])], {})).toEqual([{ dtype: 'f32', shape: [3, 4] }]);
  expect(uniform.infer([shape(2)], {})).toEqual([{ dtype: 'f32', shape: [-1, -1] }]);
  expect(uniform.infer([{ ...shape(0), shape: undefined }], {})).toEqual([{ dtype: 'f32', shape: undefined }]);
});

it('samples are drawn for each row of logits', () => {
  const logits: KnownValue = { dtype: 'f32', shape: [-1, 5], elements: undefined };
  const count: KnownValue = { dtype: 'i32', shape: [], elements: [7] };
  expect(multinomial.infer([logits, count], {})).toEqual([{ dtype: 'i64', shape: [-1, 7] }]);
});
