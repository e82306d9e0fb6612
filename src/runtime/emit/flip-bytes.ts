import { i8x16, i32, v128 } from '../../wasm/instructions.js';
import type { Func, WasmModule } from '../../wasm/module.js';
import { forRange } from './loops.js';

/** Elements that are one unit of {@link emitFlipBytes}: a line of the cache. */
export const FLIP_UNIT = 64;

/**
 * Writes `(x, out, from, to)`: bytes whose sign bit is turned over, which moves signed ones by 128 to unsigned ones and
 * back. The units are {@link FLIP_UNIT} bytes, and the last one may run over the end.
 */
export function emitFlipBytes(module: WasmModule): Func {
  return module.func('flip_bytes', 4, (locals, [x, out, from, to]) => {
    const at = locals.i32();
    const unit = i32.const(FLIP_UNIT);
    return forRange(at, i32.mul(from!.get, unit), i32.mul(to!.get, unit), FLIP_UNIT, [
      Array.from({ length: FLIP_UNIT / 16 }, (_, i) =>
        v128.store(
          i32.add(out!.get, at.get),
          v128.xor(v128.load(i32.add(x!.get, at.get), 16 * i), i8x16.const(-128)),
          16 * i,
        ),
      ),
    ]);
  });
}
