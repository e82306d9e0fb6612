import { wasmHost } from './host.js';
import { f32x4, i16x8, i32, v128 } from './instructions.js';
import { WasmModule } from './module.js';

/** What the engine's WebAssembly can do beyond SIMD with 128 bits, which it must have. */
export interface Features {
  /** Fused multiply-add and the dot product of bytes. */
  readonly relaxed: boolean;
}

const probe = (write: (module: WasmModule) => void): boolean => {
  const module = new WasmModule();
  write(module);
  return wasmHost.validate(module.bytes());
};

const zero = i32.const(0);

/** True when the engine has SIMD at all. */
export const hasSimd = (): boolean =>
  probe((m) => void m.func('f', 0, () => v128.store(zero, f32x4.add(v128.load(zero), v128.load(zero)))));

/** Asks the engine by validating small modules. */
export const detectFeatures = (): Features => ({
  relaxed: probe((m) => {
    const x = v128.load(zero);
    m.func('f', 0, () => [v128.store(zero, f32x4.relaxedMadd(x, x, x)), v128.store(zero, i16x8.relaxedDot(x, x))]);
  }),
});
