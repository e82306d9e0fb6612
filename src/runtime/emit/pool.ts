import type { Code, Expr } from '../../wasm/code.js';
import { f32, f32x4, i32, v128 } from '../../wasm/instructions.js';
import type { Func, Local, Locals, WasmModule } from '../../wasm/module.js';
import { forChannels } from './channels.js';
import { advance, forRange, repeat, storeLanes, whileBelow } from './loops.js';
import { applyStages, type Stage, stageOperands, stagesKey } from './stages.js';
import { cellsInside, type TileRun, tileRuns, type WindowAxis } from './windows.js';

/** Pooling over the cells of windows that are inside of the image. */
export interface PoolSpec {
  readonly kind: 'average' | 'max' | 'l2';
  readonly rows: WindowAxis;
  readonly columns: WindowAxis;
  readonly channels: number;
}

/** Vectors of channels that are pooled at once: a line of the cache. */
const VECTORS = 4;

/** Columns that are written out instead of looped over. */
const UNROLLED = 3;

export const poolKey = (spec: PoolSpec, stages: readonly Stage[]): string =>
  `pool ${JSON.stringify(spec)} ${stagesKey(stages)}`;

/** Writes `(x, out, ...operands, from, to)`; the units are the rows of all output images. */
export function emitPool(module: WasmModule, spec: PoolSpec, stages: readonly Stage[]): Func {
  const { rows, columns, channels } = spec;
  const pixelBytes = channels * 4;
  return module.func('pool', 4 + stageOperands(stages).length, (locals, [x, out, ...rest]) => {
    const [from, to] = rest.slice(-2) as [Local<'i32'>, Local<'i32'>];
    const row = locals.i32();
    const y = locals.i32();
    const first = locals.i32();
    const end = locals.i32();
    const input = locals.i32();
    const line = locals.i32();
    const counter = locals.i32();
    const pixel = new PooledPixel(locals, spec, stages, { out: out!, operands: rest.slice(0, -2) });
    const image = i32.divU(row.get, i32.const(rows.out));
    return forRange(row, from.get, to.get, 1, [
      y.set(i32.sub(i32.mul(i32.remU(row.get, i32.const(rows.out)), i32.const(rows.stride)), i32.const(rows.before))),
      cellsInside(rows, y, first, end),
      pixel.rows.set(i32.sub(end.get, first.get)),
      line.set(i32.add(i32.add(i32.mul(image, i32.const(rows.size)), y.get), first.get)),
      line.set(i32.add(x!.get, i32.mul(line.get, i32.const(columns.size * pixelBytes)))),
      pixel.element.set(i32.mul(row.get, i32.const(columns.out * pixelBytes))),
      tileRuns(columns, 1).map((run) => [
        input.set(i32.add(line.get, i32.const(run.firstColumn * pixelBytes))),
        pixel.startRun(run),
        repeat(counter, run.tiles, [pixel.code(run, input), advance(input, columns.stride * pixelBytes)]),
      ]),
    ]);
  });
}

interface PixelPointers {
  readonly out: Local<'i32'>;
  readonly operands: readonly Local<'i32'>[];
}

/** The code of one pixel of the result: all its channels. */
class PooledPixel {
  /** Rows of the window inside of the image. */
  readonly rows: Local<'i32'>;
  /** Offset in the result, in bytes; the code moves it on by a pixel. */
  readonly element: Local<'i32'>;
  readonly #locals: Locals;
  readonly #spec: PoolSpec;
  readonly #stages: readonly Stage[];
  readonly #pointers: PixelPointers;
  readonly #sums: readonly Local<'v128'>[];
  readonly #value: Local<'v128'>;
  readonly #scale: Local<'v128'>;

  constructor(locals: Locals, spec: PoolSpec, stages: readonly Stage[], pointers: PixelPointers) {
    this.#locals = locals;
    this.#spec = spec;
    this.#stages = stages;
    this.#pointers = pointers;
    this.rows = locals.i32();
    this.element = locals.i32();
    this.#sums = locals.v128s(VECTORS);
    this.#value = locals.v128();
    this.#scale = locals.v128();
  }

  /** One over the number of cells. */
  startRun({ taps }: TileRun): Code {
    if (this.#spec.kind === 'max') return [];
    const cells = f32.convertI32S(i32.mul(this.rows.get, i32.const(taps.length)));
    return this.#scale.set(f32x4.splat(f32.div(f32.const(1), cells)));
  }

  code({ taps }: TileRun, input: Local<'i32'>): Code {
    const channel = this.#locals.i32();
    return [
      forChannels(channel, this.#spec.channels, VECTORS, (vectors, lanes) => [
        this.#pool(taps.length, input, channel, vectors),
        this.#finish(channel, vectors, lanes),
      ]),
      advance(this.element, this.#spec.channels * 4),
    ];
  }

  #pool(columns: number, input: Local<'i32'>, channel: Local<'i32'>, width: number): Code {
    const { kind, channels, columns: axis } = this.#spec;
    const x = this.#locals.i32();
    const end = this.#locals.i32();
    const counter = this.#locals.i32();
    const lineBytes = axis.size * channels * 4;
    const sums = this.#sums.slice(0, width);
    const cell = (column: number) =>
      sums.map((sum, j) => sum.set(this.#add(sum, v128.load(x.get, column * channels * 4 + 16 * j))));
    const line =
      columns <= UNROLLED
        ? Array.from({ length: columns }, (_, column) => cell(column))
        : repeat(counter, columns, [cell(0), advance(x, channels * 4)]);
    return [
      x.set(i32.add(input.get, channel.get)),
      end.set(i32.add(x.get, i32.mul(this.rows.get, i32.const(lineBytes)))),
      sums.map((sum) => sum.set(f32x4.const(kind === 'max' ? -Infinity : 0))),
      whileBelow(x, end.get, [line, advance(x, columns <= UNROLLED ? lineBytes : lineBytes - columns * channels * 4)]),
    ];
  }

  #add(sum: Local<'v128'>, x: Expr<'v128'>): Expr<'v128'> {
    const { kind } = this.#spec;
    if (kind === 'max') return f32x4.pmax(sum.get, x);
    if (kind === 'average') return f32x4.add(sum.get, x);
    return f32x4.add(sum.get, f32x4.mul(this.#value.tee(x), this.#value.get));
  }

  #finish(channel: Local<'i32'>, width: number, lanes: number): Code {
    const { kind } = this.#spec;
    const element = this.#locals.i32();
    const address = this.#locals.i32();
    return [
      element.set(i32.add(this.element.get, channel.get)),
      address.set(i32.add(this.#pointers.out.get, element.get)),
      this.#sums.slice(0, width).map((sum, j) => [
        kind === 'max' ? [] : sum.set(f32x4.mul(sum.get, this.#scale.get)),
        kind === 'l2' ? sum.set(f32x4.sqrt(sum.get)) : [],
        applyStages(this.#stages, this.#locals, sum, this.#pointers.operands, {
          element: [element.get, 16 * j],
          channel: [channel.get, 16 * j],
        }),
        storeLanes(address.get, sum.get, lanes, 16 * j),
      ]),
    ];
  }
}
