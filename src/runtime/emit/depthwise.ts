import { block, type Code, type Expr, type Label, when } from '../../wasm/code.js';
import { i32, v128 } from '../../wasm/instructions.js';
import type { Func, Local, Locals, WasmModule } from '../../wasm/module.js';
import { advance, doWhileBelow, fence, forRange, storeLanes, whileBelow } from './loops.js';
import { multiplyAdd } from './math.js';
import { applyStages, type Stage, stageOperands, stagesKey } from './stages.js';
import { alwaysMeets, cellsInside, type TileRun, tileRuns, type WindowAxis } from './windows.js';

/** A convolution of each channel on its own: vectors of four channels, tiles of some neighbouring pixels. */
export interface DepthwiseSpec {
  readonly rows: WindowAxis;
  readonly columns: WindowAxis;
  readonly channels: number;
}

/** One axis of the images. */
interface Axis {
  readonly window: WindowAxis;
  /** Bytes from one cell to the next in the input, and in the output. */
  readonly inBytes: number;
  readonly outBytes: number;
}

/** Tiles lie along one axis; the kernel's cells are walked along the other one, then along the tile's. */
interface Axes {
  readonly tile: Axis;
  readonly across: Axis;
}

/**
 * Tiles stand upright, so that products are added column by column of the kernel, as XNNPACK does it: equal to the last
 * bit. They lie where that order is the same, and in images too flat for them.
 */
function axesOf({ rows, columns, channels }: DepthwiseSpec): Axes {
  const pixel = channels * 4;
  const vertical = { window: rows, inBytes: columns.size * pixel, outBytes: columns.out * pixel };
  const horizontal = { window: columns, inBytes: pixel, outBytes: pixel };
  const isFlat = rows.kernel === 1 || (rows.out < UPRIGHT && columns.out >= UPRIGHT);
  return isFlat ? { tile: horizontal, across: vertical } : { tile: vertical, across: horizontal };
}

/** Rows of output from which upright tiles are worthwhile. */
const UPRIGHT = 4;

/** Bytes of the packed weights of four channels: the bias, then the cells of the kernel. */
export const depthwiseBlock = ({ rows, columns }: DepthwiseSpec): number => 16 * (1 + rows.kernel * columns.kernel);

/** The cells of the kernel (row by row) in the order of the packed weights. */
export function depthwiseCells(spec: DepthwiseSpec): number[] {
  const { rows, columns } = spec;
  const isUpright = axesOf(spec).tile.window === rows;
  const cells = Array.from({ length: rows.kernel * columns.kernel }, (_, i) => i);
  return isUpright ? cells.map((i) => (i % rows.kernel) * columns.kernel + Math.floor(i / rows.kernel)) : cells;
}

/** Pixels of a tile: as many as keep the arithmetic busy; wide kernels share more cells between more pixels. */
const tilePixels = ({ kernel, stride }: WindowAxis): number => (kernel >= 5 && stride === 1 ? 7 : 4);

/** Tiles of an image next to one another: what threads share out. */
export function depthwiseUnits(spec: DepthwiseSpec): number {
  const { window } = axesOf(spec).tile;
  return Math.ceil(window.out / tilePixels(window));
}

/** Cells between two fences. */
const CELLS_IN_FLIGHT = 3;

/** Kernels up to this size along the tile stay in registers. */
const MAX_REGISTERS = 7;

export const depthwiseKey = (spec: DepthwiseSpec, stages: readonly Stage[]): string =>
  `depthwise ${JSON.stringify(spec)} ${stagesKey(stages)}`;

/** Writes `(x, weights, out, ...operands, from, to)`; the units are the {@link depthwiseUnits} of all images. */
export function emitDepthwise(module: WasmModule, spec: DepthwiseSpec, stages: readonly Stage[]): Func {
  const axes = axesOf(spec);
  const { tile, across } = axes;
  const pixels = tilePixels(tile.window);
  const units = depthwiseUnits(spec);
  const imageBytes = (size: 'size' | 'out') => spec.rows[size] * spec.columns[size] * spec.channels * 4;
  return module.func('depthwise', 5 + stageOperands(stages).length, (locals, [x, weights, out, ...rest]) => {
    const [from, to] = rest.slice(-2) as [Local<'i32'>, Local<'i32'>];
    const code = new DepthwiseTile(locals, spec, axes, stages, {
      weights: weights!,
      out: out!,
      operands: rest.slice(0, -2),
    });
    const unit = locals.i32();
    const place = locals.i32();
    const start = locals.i32();
    const first = locals.i32();
    const input = locals.i32();
    const pixel = locals.i32();
    const image = i32.divU(unit.get, i32.const(units));
    return forRange(unit, from.get, to.get, 1, [
      place.set(i32.remU(unit.get, i32.const(units))),
      start.set(i32.add(i32.mul(image, i32.const(imageBytes('out'))), i32.mul(place.get, i32.const(pixels * tile.outBytes)))), // biome-ignore format: one sum
      tileRuns(tile.window, pixels).map((run) => {
        const before = i32.sub(place.get, i32.const(run.at / pixels));
        const cells = i32.add(i32.mul(before, i32.const(pixels * tile.window.stride)), i32.const(run.firstColumn));
        return when(i32.ltU(before, i32.const(run.tiles)), [
          first.set(i32.add(x!.get, i32.add(i32.mul(image, i32.const(imageBytes('size'))), i32.mul(cells, i32.const(tile.inBytes))))), // biome-ignore format: one sum
          code.element.set(start.get),
          forRange(pixel, i32.const(0), i32.const(across.window.out), 1, [
            code.startPixel(pixel),
            input.set(i32.add(first.get, code.firstCell)),
            code.code(run, input),
            advance(code.element, across.outBytes - spec.channels * 4),
          ]),
        ]);
      }),
    ]);
  });
}

interface TilePointers {
  readonly weights: Local<'i32'>;
  readonly out: Local<'i32'>;
  readonly operands: readonly Local<'i32'>[];
}

/** The code of the tiles: all channels of some pixels. */
class DepthwiseTile {
  /** Offset of the tile in the result, in bytes; the code moves it on by the channels. */
  readonly element: Local<'i32'>;
  readonly #locals: Locals;
  readonly #spec: DepthwiseSpec;
  readonly #axes: Axes;
  /** Across the tile: where the window begins, and its first cell inside of the image. */
  readonly #place: Local<'i32'>;
  readonly #first: Local<'i32'>;
  readonly #stages: readonly Stage[];
  readonly #pointers: TilePointers;
  readonly #skippedBytes: Local<'i32'>;
  readonly #cellBytes: Local<'i32'>;
  readonly #sums: readonly Local<'v128'>[];
  readonly #cells: readonly Local<'v128'>[];
  readonly #value: Local<'v128'>;

  constructor(locals: Locals, spec: DepthwiseSpec, axes: Axes, stages: readonly Stage[], pointers: TilePointers) {
    const { window } = axes.tile;
    this.#locals = locals;
    this.#spec = spec;
    this.#axes = axes;
    this.#stages = stages;
    this.#pointers = pointers;
    this.element = locals.i32();
    this.#place = locals.i32();
    this.#first = locals.i32();
    this.#skippedBytes = locals.i32();
    this.#cellBytes = locals.i32();
    this.#sums = locals.v128s(tilePixels(window));
    this.#cells = locals.v128s(window.kernel <= MAX_REGISTERS ? window.kernel : 0);
    this.#value = locals.v128();
  }

  /** Finds the cells of the kernel inside of the image, across the tile, for the windows of a pixel. */
  startPixel(pixel: Local<'i32'>): Code {
    const { window } = this.#axes.across;
    const end = this.#locals.i32();
    const bytes = 16 * this.#axes.tile.window.kernel;
    return [
      this.#place.set(i32.sub(i32.mul(pixel.get, i32.const(window.stride)), i32.const(window.before))),
      cellsInside(window, this.#place, this.#first, end),
      this.#skippedBytes.set(i32.mul(this.#first.get, i32.const(bytes))),
      this.#cellBytes.set(i32.mul(i32.sub(end.get, this.#first.get), i32.const(bytes))),
    ];
  }

  /** How far across the tile the first of them is, in bytes. */
  get firstCell(): Expr<'i32'> {
    const { window, inBytes } = this.#axes.across;
    const cell = i32.add(this.#place.get, i32.mul(this.#first.get, i32.const(window.dilation)));
    return i32.mul(cell, i32.const(inBytes));
  }

  code(run: TileRun, input: Local<'i32'>): Code {
    const { channels } = this.#spec;
    const block = depthwiseBlock(this.#spec);
    const weights = this.#locals.i32();
    const channel = this.#locals.i32();
    const lanes = channels % 4;
    const vector = (count: number) => [
      this.#products(run, input, weights, channel),
      this.#finish(run.pixels, channel, count),
      advance(this.element, 4 * count),
      advance(weights, block),
    ];
    const whole = channels - lanes;
    return [
      weights.set(this.#pointers.weights.get),
      channel.set(i32.const(0)),
      whole > 0 ? doWhileBelow(channel, i32.const(4 * whole), [vector(4), advance(channel, 16)]) : [],
      lanes > 0 ? vector(lanes) : [],
    ];
  }

  #products(run: TileRun, input: Local<'i32'>, weights: Local<'i32'>, channel: Local<'i32'>): Code {
    const { tile, across } = this.#axes;
    const x = this.#locals.i32();
    const cell = this.#locals.i32();
    const end = this.#locals.i32();
    const sums = this.#sums.slice(0, run.pixels);
    const loop = alwaysMeets(across.window) ? doWhileBelow : whileBelow;
    return [
      x.set(i32.add(input.get, channel.get)),
      cell.set(i32.add(weights.get, this.#skippedBytes.get)),
      end.set(i32.add(cell.get, this.#cellBytes.get)),
      sums.map((sum) => sum.set(v128.load(weights.get))),
      loop(cell, end.get, [
        block((exit) => this.#kernelLine(run, x, cell, exit)),
        advance(x, across.window.dilation * across.inBytes),
        advance(cell, 16 * tile.window.kernel),
      ]),
    ];
  }

  /** One line of the kernel along the tile. */
  #kernelLine({ taps }: TileRun, x: Local<'i32'>, cell: Local<'i32'>, exit: Label): Code {
    const { inBytes } = this.#axes.tile;
    const value = this.#value;
    const used = new Set(taps.flat().map(([, k]) => k));
    const weightOf = (k: number) => v128.load(cell.get, 16 * (k + 1));
    return [
      this.#cells.map((c, k) => (used.has(k) ? c.set(weightOf(k)) : [])),
      taps.map((pixels, j) => [
        pixels.length > 0 ? value.set(v128.load(x.get, j * inBytes)) : [],
        pixels.map(([p, k]) => {
          const sum = this.#sums[p]!;
          const weight = this.#cells[k]?.get ?? weightOf(k);
          return sum.set(multiplyAdd(this.#locals, value.get, weight, sum.get));
        }),
        j % CELLS_IN_FLIGHT === CELLS_IN_FLIGHT - 1 && j < taps.length - 1 ? fence(exit, x, j) : [],
      ]),
    ];
  }

  #finish(pixels: number, channel: Local<'i32'>, lanes: number): Code {
    const address = this.#locals.i32();
    const { outBytes } = this.#axes.tile;
    const offsets = (p: number) => ({
      element: [this.element.get, p * outBytes] as const,
      channel: [channel.get, 0] as const,
    });
    return [
      address.set(i32.add(this.#pointers.out.get, this.element.get)),
      this.#sums
        .slice(0, pixels)
        .map((sum, p) => [
          applyStages(this.#stages, this.#locals, sum, this.#pointers.operands, offsets(p)),
          storeLanes(address.get, sum.get, lanes, p * outBytes),
        ]),
    ];
  }
}
