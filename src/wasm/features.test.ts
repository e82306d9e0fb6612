import { expect, it } from 'vitest';
import { detectFeatures, hasSimd } from './features.js';
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
