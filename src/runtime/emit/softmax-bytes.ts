import { f32, i32 } from '../../wasm/instructions.js';
import type { Func, WasmModule } from '../../wasm/module.js';
import type { ByteGrid } from './bytes.js';
import { forRange } from './loops.js';

export interface SoftmaxBytesSpec {
  readonly length: number;
  readonly isSigned: boolean;
  /** Steps of the result in one. */
  readonly inverseScale: number;
  readonly grid: ByteGrid;
}

// As in bytes.ts.
const ROUNDING = 12582912;
const ROUNDING_BITS = 0x4b400000;

/**
 * Writes `(x, table, out, from, to)`: softmax of rows of bytes. `table[k]` is `exp` of what `k - 255` steps of the input
 * stand for, floats; the units are rows.
 */
export function emitSoftmaxBytes(module: WasmModule, spec: SoftmaxBytesSpec): Func {
  const { length, isSigned, inverseScale, grid } = spec;
  return module.func('softmax_bytes', 5, (locals, [x, table, out, from, to]) => {
    const row = locals.i32();
    const source = locals.i32();
    const target = locals.i32();
    const i = locals.i32();
    const q = locals.i32();
    const most = locals.i32();
    const entries = locals.i32();
    const sum = locals.f32();
    const load = (isSigned ? i32.load8S : i32.load8U)(i32.add(source.get, i.get));
    const exp = f32.load(i32.add(entries.get, i32.shl(load, i32.const(2))));
    const each = (body: Parameters<typeof forRange>[4]) => forRange(i, i32.const(0), i32.const(length), 1, body);
    const rounded = i32.sub(
      i32.reinterpretF32(f32.add(f32.mul(exp, sum.get), f32.const(ROUNDING))),
      i32.const(ROUNDING_BITS - grid.zeroPoint),
    );
    return forRange(row, from!.get, to!.get, 1, [
      source.set(i32.add(x!.get, i32.mul(row.get, i32.const(length)))),
      target.set(i32.add(out!.get, i32.mul(row.get, i32.const(length)))),
      most.set(i32.const(-128)),
      each([q.set(load), most.set(i32.select(i32.gtS(q.get, most.get), q.get, most.get))]),
      entries.set(i32.add(table!.get, i32.shl(i32.sub(i32.const(255), most.get), i32.const(2)))),
      sum.set(f32.const(0)),
      each(sum.set(f32.add(sum.get, exp))),
      sum.set(f32.div(f32.const(inverseScale), sum.get)),
      each([
        q.set(rounded),
        q.set(i32.select(i32.gtS(q.get, i32.const(grid.high)), i32.const(grid.high), q.get)),
        i32.store8(
          i32.add(target.get, i.get),
          i32.select(i32.ltS(q.get, i32.const(grid.low)), i32.const(grid.low), q.get),
        ),
      ]),
    ]);
  });
}
