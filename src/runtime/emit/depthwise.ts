import { block, type Code, type Label } from '../../wasm/code.js';
import { f32x4, i32, v128 } from '../../wasm/instructions.js';
import type { Func, Local, Locals, WasmModule } from '../../wasm/module.js';
import { advance, doWhileBelow, fence, forRange, repeat, storeLanes, whileBelow } from './loops.js';
import { applyStages, type Stage, stageOperands, stagesKey } from './stages.js';
import { alwaysMeets, cellsInside, type TileRun, tileRuns, type WindowAxis } from './windows.js';

/** A convolution of each channel on its own: vectors of four channels, tiles of some pixels of a row. */
export interface DepthwiseSpec {
  readonly rows: WindowAxis;
  readonly columns: WindowAxis;
  readonly channels: number;
  readonly fma: boolean;
}

/** Bytes of the packed weights of four channels: the bias, then the cells of the kernel in rows. */
export const depthwiseBlock = ({ rows, columns }: DepthwiseSpec): number => 16 * (1 + rows.kernel * columns.kernel);

/** Pixels of a tile: as many as keep the arithmetic busy; wide kernels share more columns between more pixels. */
const tilePixels = ({ columns }: DepthwiseSpec): number => (columns.kernel >= 5 && columns.stride === 1 ? 7 : 4);

/** Columns between two fences. */
const COLUMNS_IN_FLIGHT = 3;

/** Kernels up to this width stay in registers for a row. */
const MAX_REGISTERS = 7;

export const depthwiseKey = (spec: DepthwiseSpec, stages: readonly Stage[]): string =>
  `depthwise ${JSON.stringify(spec)} ${stagesKey(stages)}`;

/** Writes `(x, weights, out, ...operands, from, to)`; the units are the rows of all output images. */
export function emitDepthwise(module: WasmModule, spec: DepthwiseSpec, stages: readonly Stage[]): Func {
  const { rows, columns, channels } = spec;
  const pixelBytes = channels * 4;
  const lineBytes = columns.size * pixelBytes;
  return module.func('depthwise', 5 + stageOperands(stages).length, (locals, parameters) => {
    const [x, weights, out, ...rest] = parameters as [Local<'i32'>, Local<'i32'>, Local<'i32'>];
    const [from, to] = (rest as Local<'i32'>[]).slice(-2) as [Local<'i32'>, Local<'i32'>];
    const row = locals.i32();
    const y = locals.i32();
    const tile = new DepthwiseTile(locals, spec, stages, {
      weights,
      out,
      operands: (rest as Local<'i32'>[]).slice(0, -2),
    });
    const line = locals.i32();
    const input = locals.i32();
    const counter = locals.i32();
    const image = i32.divU(row.get, i32.const(rows.out));
    return forRange(row, from.get, to.get, 1, [
      y.set(i32.sub(i32.mul(i32.remU(row.get, i32.const(rows.out)), i32.const(rows.stride)), i32.const(rows.before))),
      tile.startRow(y),
      line.set(
        i32.add(
          i32.mul(image, i32.const(rows.size)),
          i32.add(y.get, i32.mul(tile.firstRow.get, i32.const(rows.dilation))),
        ),
      ),
      line.set(i32.add(x.get, i32.mul(line.get, i32.const(lineBytes)))),
      tile.element.set(i32.mul(row.get, i32.const(columns.out * pixelBytes))),
      tileRuns(columns, tilePixels(spec)).map((run) => [
        input.set(i32.add(line.get, i32.const(run.firstColumn * pixelBytes))),
        repeat(counter, run.tiles, [
          tile.code(run, input),
          advance(input, run.pixels * columns.stride * pixelBytes),
          advance(tile.element, (run.pixels - 1) * pixelBytes),
        ]),
      ]),
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
  /** The first kernel row inside of the image. */
  readonly firstRow: Local<'i32'>;
  /** Offset of the tile in the result, in bytes; the code moves it on by a pixel. */
  readonly element: Local<'i32'>;
  readonly #locals: Locals;
  readonly #spec: DepthwiseSpec;
  readonly #stages: readonly Stage[];
  readonly #pointers: TilePointers;
  readonly #skippedBytes: Local<'i32'>;
  readonly #rowsBytes: Local<'i32'>;
  readonly #sums: readonly Local<'v128'>[];
  readonly #cells: readonly Local<'v128'>[];
  readonly #value: Local<'v128'>;

  constructor(locals: Locals, spec: DepthwiseSpec, stages: readonly Stage[], pointers: TilePointers) {
    this.#locals = locals;
    this.#spec = spec;
    this.#stages = stages;
    this.#pointers = pointers;
    this.firstRow = locals.i32();
    this.element = locals.i32();
    this.#skippedBytes = locals.i32();
    this.#rowsBytes = locals.i32();
    this.#sums = locals.v128s(tilePixels(spec));
    this.#cells = locals.v128s(spec.columns.kernel <= MAX_REGISTERS ? spec.columns.kernel : 0);
    this.#value = locals.v128();
  }

  /** Finds the kernel rows inside of the image, for windows whose first cell is in line `y`. */
  startRow(y: Local<'i32'>): Code {
    const { rows, columns } = this.#spec;
    const end = this.#locals.i32();
    const rowBytes = 16 * columns.kernel;
    return [
      cellsInside(rows, y, this.firstRow, end),
      this.#skippedBytes.set(i32.mul(this.firstRow.get, i32.const(rowBytes))),
      this.#rowsBytes.set(i32.mul(i32.sub(end.get, this.firstRow.get), i32.const(rowBytes))),
    ];
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
    const { rows, columns, channels } = this.#spec;
    const x = this.#locals.i32();
    const cell = this.#locals.i32();
    const end = this.#locals.i32();
    const sums = this.#sums.slice(0, run.pixels);
    const loop = alwaysMeets(rows) ? doWhileBelow : whileBelow;
    return [
      x.set(i32.add(input.get, channel.get)),
      cell.set(i32.add(weights.get, this.#skippedBytes.get)),
      end.set(i32.add(cell.get, this.#rowsBytes.get)),
      sums.map((sum) => sum.set(v128.load(weights.get))),
      loop(cell, end.get, [
        block((exit) => this.#kernelRow(run, x, cell, exit)),
        advance(x, rows.dilation * columns.size * channels * 4),
        advance(cell, 16 * columns.kernel),
      ]),
    ];
  }

  /** One row of the kernel over the columns of the tile. */
  #kernelRow({ taps }: TileRun, x: Local<'i32'>, cell: Local<'i32'>, exit: Label): Code {
    const { channels, fma } = this.#spec;
    const value = this.#value;
    const used = new Set(taps.flat().map(([, k]) => k));
    const weightOf = (k: number) => v128.load(cell.get, 16 * (k + 1));
    return [
      this.#cells.map((c, k) => (used.has(k) ? c.set(weightOf(k)) : [])),
      taps.map((pixels, j) => [
        pixels.length > 0 ? value.set(v128.load(x.get, j * channels * 4)) : [],
        pixels.map(([p, k]) => {
          const sum = this.#sums[p]!;
          const weight = this.#cells[k]?.get ?? weightOf(k);
          return sum.set(
            fma ? f32x4.relaxedMadd(value.get, weight, sum.get) : f32x4.add(sum.get, f32x4.mul(value.get, weight)),
          );
        }),
        j % COLUMNS_IN_FLIGHT === COLUMNS_IN_FLIGHT - 1 && j < taps.length - 1 ? fence(exit, x, j) : [],
      ]),
    ];
  }

  #finish(pixels: number, channel: Local<'i32'>, lanes: number): Code {
    const address = this.#locals.i32();
    const pixelBytes = this.#spec.channels * 4;
    const offsets = (p: number) => ({
      element: [this.element.get, p * pixelBytes] as const,
      channel: [channel.get, 0] as const,
    });
    return [
      address.set(i32.add(this.#pointers.out.get, this.element.get)),
      this.#sums
        .slice(0, pixels)
        .map((sum, p) => [
          applyStages(this.#stages, this.#locals, sum, this.#pointers.operands, offsets(p)),
          storeLanes(address.get, sum.get, lanes, p * pixelBytes),
        ]),
    ];
  }
}
