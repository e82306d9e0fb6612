import { expect, it } from 'vitest';
import { float8e4m3Value, float8e5m2Value } from './float8.js';

// Values from the OCP 8-bit floating point specification, table 2.
it('the form without infinities reaches 448', () => {
  expect([0x7e, 0x08, 0x07, 0x01, 0x80, 0xb8].map(float8e4m3Value)).toEqual([
    448,
    2 ** -6,
    0.875 * 2 ** -6,
    2 ** -9,
    -0,
    -1,
  ]);
  expect([float8e4m3Value(0x7f), float8e4m3Value(0xff)]).toEqual([Number.NaN, Number.NaN]);
});

it('the form with infinities reaches 57344', () => {
  expect([0x7b, 0x04, 0x03, 0x01, 0x7c, 0xfc].map(float8e5m2Value)).toEqual([
    57344,
    2 ** -14,
    0.75 * 2 ** -14,
    2 ** -16,
    Infinity,
    -Infinity,
  ]);
  expect(float8e5m2Value(0x7d)).toBeNaN();
});
