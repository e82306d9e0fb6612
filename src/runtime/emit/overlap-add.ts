import type { Code, Expr } from '../../wasm/code.js';
import { f32x4, i32, v128 } from '../../wasm/instructions.js';
import type { Func, Local, Locals, WasmModule } from '../../wasm/module.js';
import { forChannels } from './channels.js';
import { advance, forRange, repeat, storeLanes } from './loops.js';
import { applyStages, type Stage, stageOperands, stagesKey } from './stages.js';
import type { WindowAxis } from './windows.js';

/**
 * The second half of a transposed convolution: each cell of a grid has made a window of pixels, and those that fall on
 * one pixel of the image are added. The axes are those of the convolution from the image to the grid.
 */
export interface OverlapSpec {
  readonly rows: WindowAxis;
  readonly columns: WindowAxis;
  readonly channels: number;
}

/** Pixels `stride` apart, to which grid cells one after the other add at the same places of their windows. */
export interface OverlapRun {
  readonly at: number;
  pixels: number;
  readonly firstCell: number;
  /** Grid cells from the first one on, and the column of its window. */
  readonly taps: readonly (readonly [cell: number, column: number])[];
}

/** The runs of a row of pixels. */
export function overlapRuns({ size, out, kernel, stride, before }: WindowAxis): OverlapRun[] {
  const runs: OverlapRun[] = [];
  for (let phase = 0; phase < Math.min(stride, size); phase++)
    for (let at = phase; at < size; at += stride) {
      const cells = Array.from({ length: out }, (_, cell) => [cell, at + before - cell * stride] as const);
      const met = cells.filter(([, column]) => column >= 0 && column < kernel);
      const firstCell = met[0]?.[0] ?? 0;
      const taps = met.map(([cell, column]) => [cell - firstCell, column] as const);
      const last = runs.at(-1);
      const isNext =
        last &&
        last.at + last.pixels * stride === at &&
        (taps.length === 0 || last.firstCell + last.pixels === firstCell);
      if (isNext && String(last.taps) === String(taps)) last.pixels++;
      else runs.push({ at, pixels: 1, firstCell, taps });
    }
  return runs;
}

export const overlapKey = (spec: OverlapSpec, stages: readonly Stage[]): string =>
  `overlap ${JSON.stringify(spec)} ${stagesKey(stages)}`;

/** Writes `(windows, bias, out, ...operands, from, to)`; the units are the rows of all images. */
export function emitOverlapAdd(module: WasmModule, spec: OverlapSpec, stages: readonly Stage[]): Func {
  const { rows, columns, channels } = spec;
  const pixelBytes = channels * 4;
  const windowBytes = rows.kernel * columns.kernel * pixelBytes;
  return module.func('overlap_add', 5 + stageOperands(stages).length, (locals, [windows, bias, out, ...rest]) => {
    const [from, to] = rest.slice(-2) as [Local<'i32'>, Local<'i32'>];
    const row = locals.i32();
    const y = locals.i32();
    const cell = locals.i32();
    const line = locals.i32();
    const first = locals.i32();
    const counter = locals.i32();
    const pixel = new SummedPixel(locals, spec, stages, { bias: bias!, out: out!, operands: rest.slice(0, -2) });
    const image = i32.divU(row.get, i32.const(rows.size));
    return forRange(row, from.get, to.get, 1, [
      y.set(i32.add(i32.remU(row.get, i32.const(rows.size)), i32.const(rows.before))),
      gridRows(rows, y, cell, pixel.rows),
      line.set(i32.mul(i32.add(i32.mul(image, i32.const(rows.out)), cell.get), i32.const(columns.out * windowBytes))),
      line.set(i32.add(line.get, i32.mul(inWindow(rows, y, cell), i32.const(columns.kernel * pixelBytes)))),
      line.set(i32.add(windows!.get, line.get)),
      overlapRuns(columns).map((run) => [
        first.set(i32.add(line.get, i32.const(run.firstCell * windowBytes))),
        pixel.element.set(i32.mul(row.get, i32.const(columns.size * pixelBytes))),
        advance(pixel.element, run.at * pixelBytes),
        repeat(counter, run.pixels, [
          pixel.code(run, first),
          advance(first, windowBytes),
          advance(pixel.element, columns.stride * pixelBytes),
        ]),
      ]),
    ]);
  });
}

/** The row of the window of grid row `cell` that falls on row `y` (counted with the padding). */
const inWindow = ({ stride }: WindowAxis, y: Local<'i32'>, cell: Local<'i32'>): Expr<'i32'> =>
  i32.sub(y.get, i32.mul(cell.get, i32.const(stride)));

/** Sets the first grid row whose window meets row `y`, and how many do. */
function gridRows(
  { out, kernel, stride }: WindowAxis,
  y: Local<'i32'>,
  first: Local<'i32'>,
  count: Local<'i32'>,
): Code {
  const passed = i32.sub(y.get, i32.const(kernel - stride));
  const max0 = (x: Local<'i32'>) => x.set(i32.select(i32.gtS(x.get, i32.const(0)), x.get, i32.const(0)));
  return [
    first.set(passed),
    max0(first),
    first.set(i32.divU(first.get, i32.const(stride))),
    count.set(i32.divU(y.get, i32.const(stride))),
    count.set(i32.select(i32.ltU(count.get, i32.const(out)), count.get, i32.const(out - 1))),
    count.set(i32.add(i32.sub(count.get, first.get), i32.const(1))),
    max0(count),
  ];
}

interface PixelPointers {
  readonly bias: Local<'i32'>;
  readonly out: Local<'i32'>;
  readonly operands: readonly Local<'i32'>[];
}

/** The code of one pixel of the result. */
class SummedPixel {
  /** Rows of the grid that add to it. */
  readonly rows: Local<'i32'>;
  /** Offset in the result, in bytes. */
  readonly element: Local<'i32'>;
  readonly #locals: Locals;
  readonly #spec: OverlapSpec;
  readonly #stages: readonly Stage[];
  readonly #pointers: PixelPointers;
  readonly #sums: readonly Local<'v128'>[];

  constructor(locals: Locals, spec: OverlapSpec, stages: readonly Stage[], pointers: PixelPointers) {
    this.#locals = locals;
    this.#spec = spec;
    this.#stages = stages;
    this.#pointers = pointers;
    this.rows = locals.i32();
    this.element = locals.i32();
    this.#sums = locals.v128s(4);
  }

  /** `first` is the address of the first grid cell's window, at the row that falls on this pixel. */
  code({ taps }: OverlapRun, first: Local<'i32'>): Code {
    const { rows, columns, channels } = this.#spec;
    const windowBytes = rows.kernel * columns.kernel * channels * 4;
    const lineBytes = columns.out * windowBytes - rows.stride * columns.kernel * channels * 4;
    const channel = this.#locals.i32();
    const x = this.#locals.i32();
    const row = this.#locals.i32();
    const bias = (j: number) => v128.load(i32.add(this.#pointers.bias.get, channel.get), 16 * j);
    const add = (sum: Local<'v128'>, j: number): Code =>
      taps.map(([cell, column]) => {
        const offset = cell * windowBytes + column * channels * 4 + 16 * j;
        return sum.set(f32x4.add(sum.get, v128.load(x.get, offset)));
      });
    return forChannels(channel, channels, 4, (vectors, lanes) => {
      const sums = this.#sums.slice(0, vectors);
      return [
        x.set(i32.add(first.get, channel.get)),
        sums.map((sum, j) => sum.set(bias(j))),
        taps.length === 0 ? [] : forRange(row, i32.const(0), this.rows.get, 1, [sums.map(add), advance(x, lineBytes)]),
        this.#finish(sums, channel, lanes),
      ];
    });
  }

  #finish(sums: readonly Local<'v128'>[], channel: Local<'i32'>, lanes: number): Code {
    const element = this.#locals.i32();
    const address = this.#locals.i32();
    return [
      element.set(i32.add(this.element.get, channel.get)),
      address.set(i32.add(this.#pointers.out.get, element.get)),
      sums.map((sum, j) => [
        applyStages(this.#stages, this.#locals, sum, this.#pointers.operands, {
          element: [element.get, 16 * j],
          channel: [channel.get, 16 * j],
        }),
        storeLanes(address.get, sum.get, lanes, 16 * j),
      ]),
    ];
  }
}
