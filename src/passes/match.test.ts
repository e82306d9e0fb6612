import { describe, expect, it } from 'vitest';
import { parseGraph } from '../ops/text.js';
import { constantOf, integersOf, keepsShape, knownEqual, scalarOf } from './match.js';

const constant = (type: string) => parseGraph(`graph g() {\n  @c = const ${type}\n  return @c\n}`).outputs[0];

describe('scalarOf', () => {
  it('is the number that all elements are', () => {
    expect(scalarOf(constant('f32[2,2] [3, 3, 3, 3]'))).toBe(3);
    expect(scalarOf(constant('i64[] [-1]'))).toBe(-1);
    expect(scalarOf(constant('bool[2] [1, 1]'))).toBe(1);
  });

  it('is undefined for different elements, none, and bits of half floats', () => {
    expect(scalarOf(constant('f32[2] [0, -0]'))).toBeUndefined();
    expect(scalarOf(constant('f32[0] []'))).toBeUndefined();
    expect(scalarOf(constant('f16[1] [0x3c00]'))).toBeUndefined();
  });

  it('is undefined for quantized integers', () => {
    expect(scalarOf(constant('i8[2] q(0.5, 0) [1, 1]'))).toBeUndefined();
    expect(constantOf(constant('i8[2] q(0.5, 0) [1, 1]'))).toBeUndefined();
  });
});

it('integersOf does not take floats for axes', () => {
  expect(integersOf(constant('i32[2] [1, -1]'))).toEqual([1, -1]);
  expect(integersOf(constant('f32[1] [1]'))).toBeUndefined();
});

it('keepsShape is true where broadcasting the first shape cannot widen the second', () => {
  expect(keepsShape([], undefined)).toBe(true);
  expect(keepsShape([1, 3], [-1, 2, 3])).toBe(true);
  expect(keepsShape([2, 3], [-1, 3])).toBe(false);
  expect(keepsShape([1, 1, 1], [2, 3])).toBe(false);
});

it('knownEqual needs all sizes but one, and no axis without elements', () => {
  expect(knownEqual([-1, 3], [-1, 3])).toBe(true);
  expect(knownEqual([-1, -1], [-1, -1])).toBe(false);
  expect(knownEqual([-1, 0], [-1, 0])).toBe(false);
  expect(knownEqual(undefined, undefined)).toBe(false);
});
