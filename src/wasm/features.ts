import { wasmHost } from './host.js';
import { f32x4, i16x8, i32, i32x4, v128 } from './instructions.js';
import { WasmModule } from './module.js';

/** How the dot product of bytes takes those of its second operand, beyond the 0..127 that every engine knows. */
export type ByteDot = 'unsigned' | 'signed';

/** What the engine's WebAssembly can do beyond SIMD with 128 bits, which it must have. */
export interface Features {
  /** Fused multiply-add and the dot product of bytes. */
  readonly relaxed: boolean;
  /** The dot product of four bytes is one instruction of the processor, exact for all bytes. */
  readonly byteDot?: ByteDot | undefined;
}

const zero = i32.const(0);

/** A module of that one function, if the engine accepts it. */
function accepted(code: Parameters<WasmModule['func']>[2]): Uint8Array<ArrayBuffer> | undefined {
  const module = new WasmModule();
  module.export('f', module.func('f', 0, code));
  const bytes = module.bytes();
  return wasmHost.validate(bytes) ? bytes : undefined;
}

/** True when the engine has SIMD at all. */
export const hasSimd = (): boolean =>
  accepted(() => v128.store(zero, f32x4.add(v128.load(zero), v128.load(zero)))) !== undefined;

/** Asks the engine: by validating small modules, and where its choice counts by running one. */
export function detectFeatures(): Features {
  const x = v128.load(zero);
  const relaxed = accepted(() => [
    v128.store(zero, f32x4.relaxedMadd(x, x, x)),
    v128.store(zero, i16x8.relaxedDot(x, x)),
  ]);
  return { relaxed: relaxed !== undefined, byteDot: relaxed && detectByteDot() };
}

/** Bytes where other ways to compute the product saturate, wrap around or take the wrong sign. */
const EXTREMES = [255, 254, 129, 128, 127, 126, 1, 0];

/**
 * The standard leaves the second operand's bytes beyond 127 to the engine, which must take them the same way every time.
 * Processors with an instruction for it are exact; others saturate in between, which the extremes show.
 */
function detectByteDot(): ByteDot | undefined {
  const bytes = accepted(() =>
    v128.store(zero, i32x4.relaxedDotAdd(v128.load(zero), v128.load(zero, 16), v128.load(zero, 32)), 48),
  );
  if (!bytes) return undefined;
  const memory = new wasmHost.Memory({ initial: 1, maximum: 1 });
  const { exports } = new wasmHost.Instance(new wasmHost.Module(bytes), { env: { memory } });
  const [signed, unsigned] = [new Int8Array(memory.buffer), new Uint8Array(memory.buffer)];
  const sums = new Int32Array(memory.buffer);
  const possible = new Set<ByteDot>(['unsigned', 'signed']);
  for (let round = 0; possible.size > 0 && round < EXTREMES.length ** 2; round++) {
    for (let i = 0; i < 16; i++) {
      signed[i] = EXTREMES[(round + (i >> 1) * 3) % EXTREMES.length]!;
      unsigned[16 + i] = EXTREMES[(Math.floor(round / EXTREMES.length) + i * 5) % EXTREMES.length]!;
    }
    for (let lane = 0; lane < 4; lane++) sums[8 + lane] = round * 1e6;
    exports.f!();
    for (const kind of possible) {
      const second = kind === 'signed' ? signed : unsigned;
      for (let lane = 0; lane < 4; lane++) {
        let sum = round * 1e6;
        for (let i = 4 * lane; i < 4 * lane + 4; i++) sum += signed[i]! * second[16 + i]!;
        if (sums[12 + lane] !== sum) possible.delete(kind);
      }
    }
  }
  return [...possible][0];
}
