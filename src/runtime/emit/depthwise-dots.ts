import type { Code, Expr } from '../../wasm/code.js';
import { f32x4, i32, v128 } from '../../wasm/instructions.js';
import type { Func, Local, Locals, WasmModule } from '../../wasm/module.js';
import { addByteProducts, type ByteArithmetic } from './byte-products.js';
import { type ByteGrid, LEAST_ROUNDED, narrowBytes, roundedShorts, storeBytes } from './bytes.js';
import { advance, doWhileBelow, forRange, repeat } from './loops.js';

/** A convolution of each channel on its own, of bytes in images that have their border. */
export interface DepthwiseDotsSpec {
  readonly arithmetic: ByteArithmetic;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly channels: number;
  /** Bytes of the rows of the input and of its images; a pixel has a byte for each channel. */
  readonly rowBytes: number;
  readonly imageBytes: number;
  readonly strideH: number;
  readonly strideW: number;
  /** Offset of the pixel for each weight of a window from the first, in bytes. */
  readonly taps: readonly number[];
  readonly grid: ByteGrid;
  /** Sums may be so far below zero that they must be clamped before they are rounded. */
  readonly isFar: boolean;
}

/** Channels that are computed at a time: a vector of bytes. */
export const DOTS_BLOCK = 16;
/** Taps whose products one instruction adds. */
export const DOTS_TAPS = 4;

const BYTES = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((i) => [i, i + 16]);
const PAIRS = [0, 2, 4, 6].flatMap((i) => [i, i + 1, i + 16, i + 17]);
/** The low, or the high, halves of two vectors in turns: bytes, or pairs of them. */
const turns = (a: Expr<'v128'>, b: Expr<'v128'>, lanes: readonly number[], isHigh: boolean): Expr<'v128'> =>
  v128.shuffle(a, b, isHigh ? lanes.map((lane) => lane + 8) : lanes);

/**
 * Writes `(q, weights, bias, multipliers, out, from, to)`: the units are rows of the output. The bytes that a channel has
 * at four taps are brought side by side, which is what the product of bytes takes.
 */
export function emitDepthwiseDots(module: WasmModule, spec: DepthwiseDotsSpec): Func {
  const { outHeight, outWidth, channels, rowBytes, imageBytes, strideH, taps } = spec;
  const blockBytes = Math.ceil(taps.length / DOTS_TAPS) * DOTS_BLOCK * DOTS_TAPS;
  const rest = channels % DOTS_BLOCK;
  return module.func('depthwise_dots', 7, (locals, [q, weights, bias, multipliers, out, from, to]) => {
    const row = locals.i32();
    const counter = locals.i32();
    const image = i32.mul(i32.divU(row.get, i32.const(outHeight)), i32.const(imageBytes));
    const inner = i32.mul(i32.remU(row.get, i32.const(outHeight)), i32.const(strideH * rowBytes));
    const line = new Line(locals, spec);
    return forRange(row, from!.get, to!.get, 1, [
      line.source.set(i32.add(q!.get, i32.add(image, inner))),
      line.target.set(i32.add(out!.get, i32.mul(row.get, i32.const(outWidth * channels)))),
      line.weights.set(weights!.get),
      line.bias.set(bias!.get),
      line.multipliers.set(multipliers!.get),
      repeat(counter, Math.floor(channels / DOTS_BLOCK), [
        line.code(DOTS_BLOCK),
        advance(line.source, DOTS_BLOCK),
        advance(line.target, DOTS_BLOCK),
        advance(line.weights, blockBytes),
        advance(line.bias, 4 * DOTS_BLOCK),
        advance(line.multipliers, 4 * DOTS_BLOCK),
      ]),
      rest > 0 ? line.code(rest) : [],
    ]);
  });
}

/** One row of the output, for up to sixteen channels. */
class Line {
  readonly source: Local<'i32'>;
  readonly target: Local<'i32'>;
  readonly weights: Local<'i32'>;
  readonly bias: Local<'i32'>;
  readonly multipliers: Local<'i32'>;
  readonly #spec: DepthwiseDotsSpec;
  readonly #sums: readonly Local<'v128'>[];
  readonly #taps: readonly Local<'v128'>[];
  readonly #halves: readonly Local<'v128'>[];
  readonly #at: Local<'i32'>;
  readonly #to: Local<'i32'>;
  readonly #end: Local<'i32'>;

  constructor(locals: Locals, spec: DepthwiseDotsSpec) {
    const i32s = () => locals.i32();
    this.#spec = spec;
    this.source = i32s();
    this.target = i32s();
    this.weights = i32s();
    this.bias = i32s();
    this.multipliers = i32s();
    this.#at = i32s();
    this.#to = i32s();
    this.#end = i32s();
    this.#sums = locals.v128s(4);
    this.#taps = locals.v128s(4);
    this.#halves = locals.v128s(2);
  }

  code(count: number): Code {
    const { outWidth, channels, strideW } = this.#spec;
    return [
      this.#at.set(this.source.get),
      this.#to.set(this.target.get),
      this.#end.set(i32.add(this.target.get, i32.const(outWidth * channels))),
      doWhileBelow(this.#to, this.#end.get, [
        this.#sums.map((sum, i) => sum.set(v128.load(this.bias.get, 16 * i))),
        this.#products(),
        this.#finish(count),
        advance(this.#at, strideW * channels),
        advance(this.#to, channels),
      ]),
    ];
  }

  #products(): Code {
    const { taps, arithmetic } = this.#spec;
    const [a, b, c, d] = this.#taps as [Local<'v128'>, Local<'v128'>, Local<'v128'>, Local<'v128'>];
    const [ab, cd] = this.#halves as [Local<'v128'>, Local<'v128'>];
    return Array.from({ length: Math.ceil(taps.length / DOTS_TAPS) }, (_, group) => {
      // What is missing of the last four has no weight.
      const tap = (i: number) => taps[group * DOTS_TAPS + i] ?? taps[group * DOTS_TAPS]!;
      const add = (quarter: number): Code => {
        const sum = this.#sums[quarter]!;
        const bytes = turns(ab.get, cd.get, PAIRS, quarter % 2 === 1);
        const weights = v128.load(this.weights.get, (group * DOTS_TAPS + quarter) * 16);
        return sum.set(addByteProducts(arithmetic, weights, bytes, sum.get));
      };
      return [
        [a, b, c, d].map((vector, i) => vector.set(v128.load(this.#at.get, tap(i)))),
        [false, true].map((isHigh) => [
          ab.set(turns(a.get, b.get, BYTES, isHigh)),
          cd.set(turns(c.get, d.get, BYTES, isHigh)),
          add(isHigh ? 2 : 0),
          add(isHigh ? 3 : 1),
        ]),
      ];
    });
  }

  #finish(count: number): Code {
    const { grid, isFar } = this.#spec;
    const scaled = this.#sums.map((sum, i) => {
      const product = f32x4.mul(f32x4.convertI32(sum.get), v128.load(this.multipliers.get, 16 * i));
      return isFar ? f32x4.pmax(product, f32x4.const(LEAST_ROUNDED)) : product;
    });
    const [low, high] = this.#halves as [Local<'v128'>, Local<'v128'>];
    const bytes = this.#taps[0]!;
    return [
      low.set(roundedShorts(scaled[0]!, scaled[1]!, grid.zeroPoint)),
      high.set(roundedShorts(scaled[2]!, scaled[3]!, grid.zeroPoint)),
      bytes.set(narrowBytes(grid, low.get, high.get)),
      storeBytes(this.#to.get, bytes.get, count),
    ];
  }
}
