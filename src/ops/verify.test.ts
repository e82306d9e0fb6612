import { describe, expect, it } from 'vitest';
import { parseGraph } from './text.js';
import { verifyOps } from './verify.js';

const graph = (line: string) =>
  parseGraph(`graph g(%x: f32[1,8,8,3], %any: f32[?,8,8,3]) {\n  @w = const f32[4,3,3,3]\n  ${line}\n  return %y\n}`);

describe('verifyOps', () => {
  it('accepts types that inference gives', () =>
    expect(() => verifyOps(graph('%y = CONV_2D(%x, @w, _) {strideH: 2} : f32[1,4,8,4]'))).not.toThrow());

  it('accepts a recorded size that inference does not know, and the other way round', () => {
    expect(() => verifyOps(graph('%y = CONV_2D(%any, @w, _) : f32[5,8,8,4]'))).not.toThrow();
    expect(() => verifyOps(graph('%y = CONV_2D(%x, @w, _) : f32[?,8,8,4]'))).not.toThrow();
    expect(() => verifyOps(graph('%y = CONV_2D(%x, @w, _) : f32[*]'))).not.toThrow();
  });

  it('accepts operators that nothing is known of', () =>
    expect(() => verifyOps(graph('%y = CUSTOM:Mine(%x) : i8[7]'))).not.toThrow());

  const wrong: readonly (readonly [string, string])[] = [
    ['%y = CONV_2D(%x, @w, _) : f32[1,4,8,4]', "CONV_2D 'y': output 'y' should be f32[1,8,8,4], is f32[1,4,8,4]"],
    ['%y = CONV_2D(%x, @w, _) : i8[1,8,8,4]', "CONV_2D 'y': output 'y' should be f32[1,8,8,4], is i8[1,8,8,4]"],
    ['%y = CONV_2D(%x, _, _) : f32[1,8,8,4]', "CONV_2D 'y': input 'filter' is missing"],
    ['%y = CONV_2D(%x, @w, _, %x) : f32[1,8,8,4]', "CONV_2D 'y': expected at most 3 inputs, got 4"],
    ['%y, %z = CONV_2D(%x, @w, _) : f32[1,8,8,4], f32[1]', "CONV_2D 'y': expected 1 outputs, got 2"],
  ];
  for (const [line, message] of wrong)
    it(`says for ${line}: ${message}`, () => expect(() => verifyOps(graph(line))).toThrow(message));
});
