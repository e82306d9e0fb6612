import { type Code, type Expr, when } from '../../wasm/code.js';
import { f32, f32x4, i8x16, i32, i32x4, v128 } from '../../wasm/instructions.js';
import type { Func, WasmModule } from '../../wasm/module.js';
import { advance, forRange, whileBelow } from './loops.js';
import type { Border } from './pad-rows.js';
import { formBytes, type RowForm } from './row-form.js';
import {
  makeGrid,
  makeRange,
  partsOf,
  quantizeRun,
  type RunLength,
  range,
  STORE_LANE,
  setGrid,
  zeroOf,
} from './row-grid.js';

/** Bytes that {@link emitImageGrids} writes for each image: scale, what quantizing needs, and of bytes the zero point. */
export const GRID_BYTES = 32;
/** Where in them the zero point is. */
export const GRID_ZERO = 16;

/** Writes `(x, grids, eights, from, to)`: the grid of each image, whose length is that {@link RunLength}. */
export function emitImageGrids(module: WasmModule, left: number, form: RowForm): Func {
  return module.func('image_grids', 5, (locals, [x, grids, eights, from, to]) => {
    const image = locals.i32();
    const source = locals.i32();
    const out = locals.i32();
    const found = makeRange(locals);
    const grid = makeGrid(locals, form);
    return forRange(image, from!.get, to!.get, 1, [
      source.set(i32.add(x!.get, i32.mul(image.get, i32.add(eights!.get, i32.const(left * 4))))),
      out.set(i32.add(grids!.get, i32.mul(image.get, i32.const(GRID_BYTES)))),
      range(locals, source, { eights: eights!.get, left }, found),
      setGrid(locals, found, grid),
      f32.store(out.get, f32.div(f32.const(1), f32x4.lane(grid.inverse.get, 0))),
      partsOf(grid).map((v, i) => v128.store32Lane(out.get, v.get, 0, 4 * (i + 1))),
      form === 'shorts' ? [] : v128.store32Lane(out.get, zeroOf(grid), 0, GRID_ZERO),
    ]);
  });
}

/** Images to quantize with a border of zeros around them. */
export interface ImageSizes {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly border: Border;
}

/** The arguments of {@link emitQuantizeImages} that tell the sizes: so that layers share the function. */
export function sizeArguments({ height, width, channels, border }: ImageSizes, form: RowForm): number[] {
  const eights = Math.floor((width * channels) / 8) * 32;
  const bytes = channels * formBytes(form);
  return [height, border.top, height + border.top + border.bottom, eights, border.left * bytes, border.right * bytes];
}

export interface QuantizeImagesSpec {
  /** Floats of a row of an image beyond whole eights. */
  readonly left: number;
  readonly form: RowForm;
  /** Bytes that the border is a multiple of. */
  readonly unit: 1 | 2 | 4;
}

/** Writes `(x, q, grids, ...sizes, from, to)`: the units are the rows of all padded images. */
export function emitQuantizeImages(module: WasmModule, { left, form, unit }: QuantizeImagesSpec): Func {
  return module.func('quantize_images', 11, (locals, parameters) => {
    const [x, q, grids, height, top, rows, eights, before, behind, from, to] = parameters;
    const row = locals.i32();
    const y = locals.i32();
    const image = locals.i32();
    const source = locals.i32();
    const target = locals.i32();
    const end = locals.i32();
    const wide = locals.i32();
    const grid = makeGrid(locals, form);
    const run: RunLength = { eights: eights!.get, left };
    const floatBytes = i32.add(eights!.get, i32.const(left * 4));
    /** What stands for zero up to `end`. */
    const zero = form === 'shorts' ? i32x4.const(0) : i8x16.splat(i32x4.lane(zeroOf(grid), 0));
    const zeros = whileBelow(target, end.get, [STORE_LANE[unit](target.get, zero, 0), advance(target, unit)]);
    const clear = (bytes: Expr<'i32'>): Code => [end.set(i32.add(target.get, bytes)), zeros];
    const loadGrid = partsOf(grid).map((v, i) =>
      v.set(v128.load32Splat(i32.add(grids!.get, i32.mul(image.get, i32.const(GRID_BYTES))), 4 * (i + 1))),
    );
    const quarters = i32.shrU(floatBytes, i32.const(form === 'shorts' ? 1 : 2));
    return [
      wide.set(i32.add(quarters, i32.add(before!.get, behind!.get))),
      forRange(row, from!.get, to!.get, 1, [
        target.set(i32.add(q!.get, i32.mul(row.get, wide.get))),
        y.set(i32.sub(i32.remU(row.get, rows!.get), top!.get)),
        image.set(i32.divU(row.get, rows!.get)),
        loadGrid,
        when(
          i32.ltU(y.get, height!.get),
          [
            source.set(i32.add(x!.get, i32.mul(i32.add(i32.mul(image.get, height!.get), y.get), floatBytes))),
            clear(before!.get),
            quantizeRun(locals, source, target, run, grid),
            clear(behind!.get),
          ],
          clear(wide.get),
        ),
      ]),
    ];
  });
}
