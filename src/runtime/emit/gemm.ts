import { i32 } from '../../wasm/instructions.js';
import type { Func, Local, WasmModule } from '../../wasm/module.js';
import { type GemmSpec, SIZE_ARGUMENTS } from './gemm-spec.js';
import { Tile } from './gemm-tile.js';
import { advance, advanceBy, doWhileBelow, repeatBy, whileBelow } from './loops.js';

type I32 = Local<'i32'>;
type Parameters = [a: I32, rows: I32, b: I32, c: I32, panels: I32, block: I32, panelBytes: I32, rowBytes: I32, runBytes: I32, ...I32[]]; // biome-ignore format: one list
/** Those that have names. */
const OWN_PARAMETERS = 4 + SIZE_ARGUMENTS;

/**
 * Writes the function `(a, rows, b, c, ...sizes, ...finish, from, to)`: the rows `from` to `to - 1`, whole tiles, or the
 * panels. `rows` are the bytes from row to row of A, or a table of the offset of each row, an `i32` each.
 */
export function emitGemm(module: WasmModule, spec: GemmSpec): Func {
  const count = OWN_PARAMETERS + 2 * spec.loops + spec.finish.parameters + 2;
  return module.func('gemm', count, (locals, parameters) => {
    const [a, rows, b, c, panels, block, panelBytes, rowBytes, runBytes, ...rest] = parameters as Parameters;
    const loops = rest.slice(0, 2 * spec.loops);
    const finish = rest.slice(2 * spec.loops, -2);
    const [from, to] = rest.slice(-2) as [Local<'i32'>, Local<'i32'>];
    const tile = new Tile(locals, spec, { a, rows, c, rowBytes, runBytes, loops, finish });
    const panel = locals.i32();
    if (spec.units === 'panels')
      return [
        panel.set(i32.add(b.get, i32.mul(from.get, panelBytes.get))),
        tile.column.set(i32.mul(from.get, i32.const(spec.nr))),
        whileBelow(from, to.get, [
          tile.code(panel),
          advanceBy(panel, panelBytes),
          advance(tile.column, spec.nr),
          advance(from, 1),
        ]),
      ];
    const end = locals.i32();
    const counter = locals.i32();
    return whileBelow(from, to.get, [
      end.set(i32.add(from.get, block.get)),
      end.set(i32.select(i32.ltU(end.get, to.get), end.get, to.get)),
      panel.set(b.get),
      tile.column.set(i32.const(0)),
      repeatBy(counter, panels.get, [
        tile.row.set(from.get),
        doWhileBelow(tile.row, end.get, [tile.code(panel), advance(tile.row, spec.mr)]),
        advanceBy(panel, panelBytes),
        advance(tile.column, spec.nr),
      ]),
      from.set(end.get),
    ]);
  });
}
