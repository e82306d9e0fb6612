import type { Expr } from '../../wasm/code.js';
import { f32x4, i32, v128 } from '../../wasm/instructions.js';
import type { Func, WasmModule } from '../../wasm/module.js';
import { FLAT_UNIT } from './elementwise.js';
import { forRange } from './loops.js';

const REAL = [0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27];
const IMAGINARY = REAL.map((byte) => byte + 4);

/** What becomes of the real and the imaginary parts. */
const PARTS: Readonly<Record<string, (re: Expr<'v128'>, im: Expr<'v128'>) => Expr<'v128'>>> = {
  REAL: (re) => re,
  IMAG: (_, im) => im,
  COMPLEX_ABS: (re, im) => f32x4.sqrt(f32x4.add(f32x4.mul(re, re), f32x4.mul(im, im))),
};

/** Writes `(x, out, from, to)`; the units are {@link FLAT_UNIT} complex numbers. */
export function emitComplexParts(module: WasmModule, op: string): Func {
  const join = PARTS[op]!;
  return module.func('complex_parts', 4, (locals, [x, out, from, to]) => {
    const at = locals.i32();
    const [a, b] = [locals.v128(), locals.v128()];
    const pairs = i32.add(x!.get, i32.shl(at.get, i32.const(1)));
    const bytes = FLAT_UNIT * 4;
    return forRange(at, i32.mul(from!.get, i32.const(bytes)), i32.mul(to!.get, i32.const(bytes)), 16, [
      a.set(v128.load(pairs)),
      b.set(v128.load(pairs, 16)),
      v128.store(
        i32.add(out!.get, at.get),
        join(v128.shuffle(a.get, b.get, REAL), v128.shuffle(a.get, b.get, IMAGINARY)),
      ),
    ]);
  });
}
