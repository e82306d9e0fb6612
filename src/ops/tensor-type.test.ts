import { expect, it } from 'vitest';
import { dtypes } from '../ir/tensor.js';
import { enums } from '../schema/tflite.gen.js';
import { dtypeOf, tensorTypeOf } from './tensor-type.js';

it('every element type has a name in the schema, and back', () => {
  for (const dtype of dtypes) expect(dtypeOf(tensorTypeOf(dtype))).toBe(dtype);
  const names = dtypes.map(tensorTypeOf);
  expect(names.toSorted()).toEqual(Object.keys(enums.TensorType?.values ?? {}).toSorted());
});

it('a number that the schema does not know is refused', () => {
  expect(() => dtypeOf(99)).toThrow('expected a tensor type, got 99');
});
