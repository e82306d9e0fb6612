import { describe, expect, it } from 'vitest';
import { byteDotOf, detectFeatures, hasSimd } from './features.js';
import { wasmHost } from './host.js';
import { f32x4, i32, v128 } from './instructions.js';
import { WasmModule } from './module.js';

it('the engine has SIMD', () => {
  expect(hasSimd()).toBe(true);
});

it('relaxed SIMD is said to be there exactly when a module that uses it is valid', () => {
  const module = new WasmModule();
  const x = v128.load(i32.const(0));
  module.func('f', 0, () => v128.store(i32.const(0), f32x4.relaxedMadd(x, x, x)));
  expect(detectFeatures().relaxed).toBe(wasmHost.validate(module.bytes()));
});

describe('the product of bytes is taken for what it does to the extremes', () => {
  const memory = new ArrayBuffer(64);
  const [signed, unsigned, sums] = [new Int8Array(memory), new Uint8Array(memory), new Int32Array(memory)];
  const at16 = (x: number) => Math.max(-32768, Math.min(32767, x));
  const toBits16 = (x: number) => (x << 16) >> 16;

  it.each([
    ['unsigned bytes, exact', unsigned, (x: number) => x, 'unsigned'],
    ['signed bytes, exact', signed, (x: number) => x, 'signed'],
    ['unsigned bytes, pairs saturate', unsigned, at16, undefined],
    ['signed bytes, pairs saturate', signed, at16, 'signed'],
    ['signed bytes, pairs wrap around', signed, toBits16, 'signed'],
    ['signed bytes, one of them off', signed, (x: number) => x + 1, undefined],
    ['nothing', unsigned, () => 0, undefined],
  ] as const)('%s', (_, seconds, pair, expected) => {
    const dot = () => {
      for (let lane = 0; lane < 4; lane++) {
        const product = (i: number) => signed[4 * lane + i]! * seconds[16 + 4 * lane + i]!;
        sums[12 + lane] = sums[8 + lane]! + pair(product(0) + product(1)) + pair(product(2) + product(3));
      }
    };
    expect(byteDotOf(memory, dot)).toBe(expected);
  });
});
