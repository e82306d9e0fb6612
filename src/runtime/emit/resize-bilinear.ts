import type { Code } from '../../wasm/code.js';
import { f32x4, i32, v128 } from '../../wasm/instructions.js';
import type { Func, Local, Locals, WasmModule } from '../../wasm/module.js';
import { forChannels } from './channels.js';
import { advance, forRange, storeLanes } from './loops.js';
import { applyStages, type Stage, stageOperands, stagesKey } from './stages.js';

export interface ResizeSpec {
  /** Sizes of the image. */
  readonly height: number;
  readonly width: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly channels: number;
}

/** Bytes of an entry of a table: the offsets of both cells, the weight of the second one. */
export const CORNER_ENTRY = 12;

export const resizeKey = (spec: ResizeSpec, stages: readonly Stage[]): string =>
  `resize ${JSON.stringify(spec)} ${stagesKey(stages)}`;

/**
 * Writes `(x, out, rowTable, columnTable, ...operands, from, to)`: each element is a mean of four, weighted by row and by
 * column. The units are the rows of all output images.
 */
export function emitResizeBilinear(module: WasmModule, spec: ResizeSpec, stages: readonly Stage[]): Func {
  const { height, width, outHeight, outWidth, channels } = spec;
  const entry = (table: Local<'i32'>, index: ReturnType<typeof i32.const>) =>
    i32.add(table.get, i32.mul(index, i32.const(CORNER_ENTRY)));
  return module.func(
    'resize_bilinear',
    6 + stageOperands(stages).length,
    (locals, [x, out, rows, columns, ...rest]) => {
      const [from, to] = rest.slice(-2) as [Local<'i32'>, Local<'i32'>];
      const row = locals.i32();
      const image = locals.i32();
      const corner = locals.i32();
      const column = locals.i32();
      const lines = [locals.i32(), locals.i32()];
      const pixel = new ResizedPixel(locals, stages, { out: out!, operands: rest.slice(0, -2) });
      return forRange(row, from.get, to.get, 1, [
        image.set(i32.mul(i32.divU(row.get, i32.const(outHeight)), i32.const(height * width * channels * 4))),
        image.set(i32.add(x!.get, image.get)),
        corner.set(entry(rows!, i32.remU(row.get, i32.const(outHeight)))),
        lines.map((line, i) => line.set(i32.add(image.get, i32.load(corner.get, 4 * i)))),
        pixel.rowWeight.set(v128.load32Splat(corner.get, 8)),
        pixel.element.set(i32.mul(row.get, i32.const(outWidth * channels * 4))),
        forRange(column, columns!.get, entry(columns!, i32.const(outWidth)), CORNER_ENTRY, [
          pixel.start(lines, column),
          pixel.code(channels),
          advance(pixel.element, channels * 4),
        ]),
      ]);
    },
  );
}

interface PixelPointers {
  readonly out: Local<'i32'>;
  readonly operands: readonly Local<'i32'>[];
}

/** The code of one pixel of the result. */
class ResizedPixel {
  readonly rowWeight: Local<'v128'>;
  /** Offset in the result, in bytes. */
  readonly element: Local<'i32'>;
  readonly #locals: Locals;
  readonly #stages: readonly Stage[];
  readonly #pointers: PixelPointers;
  readonly #columnWeight: Local<'v128'>;
  /** The cells above left, above right, below left, below right. */
  readonly #cells: readonly Local<'i32'>[];

  constructor(locals: Locals, stages: readonly Stage[], pointers: PixelPointers) {
    this.#locals = locals;
    this.#stages = stages;
    this.#pointers = pointers;
    this.rowWeight = locals.v128();
    this.element = locals.i32();
    this.#columnWeight = locals.v128();
    this.#cells = [0, 1, 2, 3].map(() => locals.i32());
  }

  start(lines: readonly Local<'i32'>[], column: Local<'i32'>): Code {
    return [
      this.#cells.map((cell, i) => cell.set(i32.add(lines[i >> 1]!.get, i32.load(column.get, 4 * (i & 1))))),
      this.#columnWeight.set(v128.load32Splat(column.get, 8)),
    ];
  }

  code(channels: number): Code {
    const locals = this.#locals;
    const channel = locals.i32();
    const at = this.#cells.map(() => locals.i32());
    const element = locals.i32();
    const address = locals.i32();
    const values = this.#cells.map(() => locals.v128());
    const [value, right, below] = values as [Local<'v128'>, Local<'v128'>, Local<'v128'>];
    const between = (a: Local<'v128'>, b: Local<'v128'>, weight: Local<'v128'>) =>
      a.set(f32x4.add(a.get, f32x4.mul(f32x4.sub(b.get, a.get), weight.get)));
    const vector = (offset: number, lanes: number): Code => [
      values.map((v, i) => v.set(v128.load(at[i]!.get, offset))),
      between(value, right, this.#columnWeight),
      between(below, values[3]!, this.#columnWeight),
      between(value, below, this.rowWeight),
      applyStages(this.#stages, locals, value, this.#pointers.operands, {
        element: [element.get, offset],
        channel: [channel.get, offset],
      }),
      storeLanes(address.get, value.get, lanes, offset),
    ];
    return forChannels(channel, channels, 4, (vectors, lanes) => [
      at.map((a, i) => a.set(i32.add(this.#cells[i]!.get, channel.get))),
      element.set(i32.add(this.element.get, channel.get)),
      address.set(i32.add(this.#pointers.out.get, element.get)),
      Array.from({ length: vectors }, (_, j) => vector(16 * j, lanes)),
    ]);
  }
}
