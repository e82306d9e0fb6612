import { expect, it } from 'vitest';
import { bfloat16FromFloat32, float32FromBfloat16 } from './bfloat16.js';

it('every bfloat16 survives the way to float32 and back', () => {
  const all = Uint16Array.from({ length: 65536 }, (_, i) => i);
  const values = float32FromBfloat16(all);
  const back = bfloat16FromFloat32(values);
  expect([...all].filter((bits) => !Number.isNaN(values[bits] as number) && back[bits] !== bits)).toEqual([]);
});

it('the middle of two neighbours goes to the even one', () => {
  // 1 + k / 128 are neighbours; 1 + 1/256 is halfway between the first two.
  const values = Float32Array.of(1 + 1 / 256, 1 + 3 / 256, 1 + 1 / 256 + 2 ** -20, 3.4e38, -0);
  expect([...bfloat16FromFloat32(values)]).toEqual([0x3f80, 0x3f82, 0x3f81, 0x7f80, 0x8000]);
});

it('NaN stays NaN even when its payload lies in the dropped bits', () => {
  const nan = new Float32Array(Uint32Array.of(0x7f800001).buffer);
  expect(float32FromBfloat16(bfloat16FromFloat32(nan))[0]).toBeNaN();
});
