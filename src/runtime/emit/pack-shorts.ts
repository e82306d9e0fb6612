import type { Code } from '../../wasm/code.js';
import { i32 } from '../../wasm/instructions.js';
import type { Func, WasmModule } from '../../wasm/module.js';
import { advance, forRange, repeat } from './loops.js';
import type { WidenSpec } from './widen.js';

/** A matrix of bytes to pack for a product: `matrix[k, n]` lies at `k * rowBytes + n * columnBytes`. */
export interface PackShortsSpec extends WidenSpec {
  readonly k: number;
  readonly rowBytes: number;
  readonly columnBytes: number;
  /** Columns of a panel that the matrix has, and those that the product takes. */
  readonly columns: number;
  readonly width: number;
}

/**
 * Writes `(matrix, packed, from, to)`: panels of pairs of 16-bit integers less their zero point, for each pair of rows,
 * for each column, both. The units are panels.
 */
export function emitPackShorts(module: WasmModule, spec: PackShortsSpec): Func {
  const { k, rowBytes, columnBytes, columns, width, isSigned, zeroPoint } = spec;
  const load = isSigned ? i32.load8S : i32.load8U;
  const pairs = Math.floor(k / 2);
  return module.func('pack_shorts', 4, (locals, [matrix, packed, from, to]) => {
    const panel = locals.i32();
    const source = locals.i32();
    const target = locals.i32();
    const element = (offset: number) => i32.sub(load(source.get, offset), i32.const(zeroPoint));
    const pair = (isWhole: boolean): Code =>
      Array.from({ length: columns }, (_, c) => [
        i32.store16(target.get, element(c * columnBytes), 4 * c),
        i32.store16(target.get, isWhole ? element(c * columnBytes + rowBytes) : i32.const(0), 4 * c + 2),
      ]);
    return forRange(panel, from!.get, to!.get, 1, [
      source.set(i32.add(matrix!.get, i32.mul(panel.get, i32.const(width * columnBytes)))),
      target.set(i32.add(packed!.get, i32.mul(panel.get, i32.const(Math.ceil(k / 2) * width * 4)))),
      repeat(locals.i32(), pairs, [pair(true), advance(source, 2 * rowBytes), advance(target, 4 * width)]),
      k % 2 === 1 ? pair(false) : [],
    ]);
  });
}
