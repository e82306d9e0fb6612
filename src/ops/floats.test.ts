import { expect, it } from 'vitest';
import { floats, floatTensor } from './floats.js';
import { f16, f32, f64, i8, i32 } from './testing.js';

it('floats of any width are read, and float32 numbers are not copied', () => {
  const plain = f32([2], [1, 2]);
  expect(floats(plain)).toBe(plain.data);
  expect([...floats(f16([2], [1.5, -2]))]).toEqual([1.5, -2]);
  expect([...floats(f64([1], [0.25]))]).toEqual([0.25]);
  expect([...floats({ dtype: 'bf16', shape: [1], data: Uint16Array.of(0x3fc0) })]).toEqual([1.5]);
});

it('quantized integers are read as what they stand for, each channel of an axis by its scale', () => {
  const quantization = { scale: Float32Array.of(1, 0.5), zeroPoint: [0, 10], axis: 0 };
  expect([...floats({ ...i8([2, 2], [1, 2, 3, 4]), quantization })]).toEqual([1, 2, -3.5, -3]);
});

it('integers that stand for themselves are refused, and asked-for ones too', () => {
  expect(() => floats(i32([1], [1]))).toThrow('the float kernel expects float or quantized elements, got i32');
  expect(() => floatTensor({ dtype: 'i8', shape: [1] }, Float32Array.of(1))).toThrow(
    'the float kernel gives float elements, i8 was asked for',
  );
});

it('results are rounded to the type of the output', () => {
  const values = Float32Array.of(1 + 2 ** -12);
  expect(floatTensor({ dtype: 'f16', shape: [1] }, values)).toEqual(f16([1], [1]));
  expect(floatTensor({ dtype: 'bf16', shape: [1] }, values).data).toEqual(Uint16Array.of(0x3f80));
  expect(floatTensor({ dtype: 'f64', shape: [1] }, values)).toEqual(f64([1], [1 + 2 ** -12]));
});
