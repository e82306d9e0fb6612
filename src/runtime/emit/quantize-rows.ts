import type { Code } from '../../wasm/code.js';
import { f32x4, i32, v128 } from '../../wasm/instructions.js';
import type { Func, WasmModule } from '../../wasm/module.js';
import { advance, whileBelow } from './loops.js';
import { formBytes, type RowForm } from './row-form.js';
import {
  fourRanges,
  makeGrid,
  makeRange,
  partsOf,
  quantizeEight,
  type RunLength,
  range,
  setGrid,
  zeroOf,
} from './row-grid.js';

/** Bytes of a row of `count` quantized elements: whole eights, so that rows do not touch one another. */
export const quantizedRowBytes = (count: number, form: RowForm): number => Math.ceil(count / 8) * 8 * formBytes(form);

/** The arguments of {@link emitQuantizeRows} that tell the size of a row: so that all sizes share the function. */
export const rowArguments = (count: number, form: RowForm): number[] => [
  Math.floor(count / 8) * 32,
  quantizedRowBytes(count, form),
];

/**
 * Writes `(x, q, scales, zeros, ...rowArguments, from, to)`: each row of floats on the 8-bit grid of the row, in that form,
 * the scale of each row, and of bytes the zero point. Rows of q are {@link quantizedRowBytes} apart. Grids are made for
 * four rows at once: of short rows, that is most of the work.
 * @param left Floats of a row beyond whole eights.
 */
export function emitQuantizeRows(module: WasmModule, left: number, form: RowForm): Func {
  return module.func('quantize_rows', 8, (locals, [x, q, scales, zeros, eights, stride, from, to]) => {
    const run: RunLength = { eights: eights!.get, left };
    const rowBytes = i32.add(eights!.get, i32.const(left * 4));
    const source = locals.i32();
    const target = locals.i32();
    const scale = locals.i32();
    const zero = locals.i32();
    const found = makeRange(locals);
    const grids = makeGrid(locals, form);
    const grid = makeGrid(locals, form);
    const fours = locals.i32();
    const end = locals.i32();
    const inverse = f32x4.div(f32x4.const(1), grids.inverse.get);
    /** Quantizes the next row, by the grid in that lane. */
    const quantize = (lane: number): Code => [
      partsOf(grid).map((part, i) => part.set(f32x4.splat(f32x4.lane(partsOf(grids)[i]!.get, lane)))),
      end.set(i32.add(source.get, rowBytes)),
      whileBelow(source, end.get, quantizeEight(source, target, grid)),
      source.set(end.get),
    ];
    return [
      source.set(i32.add(x!.get, i32.mul(from!.get, rowBytes))),
      target.set(i32.add(q!.get, i32.mul(from!.get, stride!.get))),
      scale.set(i32.add(scales!.get, i32.shl(from!.get, i32.const(2)))),
      zero.set(i32.add(zeros!.get, i32.shl(from!.get, i32.const(2)))),
      fours.set(i32.add(from!.get, i32.and(i32.sub(to!.get, from!.get), i32.const(-4)))),
      whileBelow(from!, fours.get, [
        fourRanges(locals, source, run, found),
        setGrid(locals, found, grids),
        v128.store(scale.get, inverse),
        form === 'shorts' ? [] : [v128.store(zero.get, zeroOf(grids)), advance(zero, 16)],
        [0, 1, 2, 3].map(quantize),
        advance(scale, 16),
        advance(from!, 4),
      ]),
      whileBelow(from!, to!.get, [
        range(locals, source, run, found),
        setGrid(locals, found, grids),
        v128.store32Lane(scale.get, inverse, 0),
        form === 'shorts' ? [] : [v128.store32Lane(zero.get, zeroOf(grids), 0), advance(zero, 4)],
        quantize(0),
        advance(scale, 4),
        advance(from!, 1),
      ]),
    ];
  });
}
