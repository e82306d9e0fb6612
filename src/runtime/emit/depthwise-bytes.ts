import { block, type Code, type Expr, type Label } from '../../wasm/code.js';
import { f32x4, i32, i32x4, v128 } from '../../wasm/instructions.js';
import type { Func, Local, Locals, WasmModule } from '../../wasm/module.js';
import { type ByteGrid, LEAST_ROUNDED, narrowBytes, roundedShorts, storeBytes } from './bytes.js';
import { advance, doWhileBelow, fence, forRange, repeat } from './loops.js';

/** A convolution of each channel on its own, of 16-bit integers, in images that have their border. */
export interface DepthwiseBytesSpec {
  readonly outHeight: number;
  readonly outWidth: number;
  readonly channels: number;
  /** Bytes of a pixel of the input (eight channels at a time are read), of its rows and its images. */
  readonly pixelBytes: number;
  readonly rowBytes: number;
  readonly imageBytes: number;
  readonly strideH: number;
  readonly strideW: number;
  /** Offset of each weight of a window from the first, in bytes. */
  readonly taps: readonly number[];
  readonly grid: ByteGrid;
  /** Sums may be so far below zero that they must be clamped before they are rounded. */
  readonly isFar: boolean;
}

/** Channels that are computed at a time. */
export const DEPTHWISE_BLOCK = 8;
/** Bytes of the weights of two taps, interleaved: two vectors. */
const PAIR_BYTES = 32;
/** Pairs whose weights stay in registers. */
const HELD_PAIRS = 5;

/**
 * Writes `(q, weights, bias, multipliers, out, from, to)`: the units are rows of the output. Products of two taps are
 * summed by one instruction; for that, the channels of the two are interleaved.
 */
export function emitDepthwiseBytes(module: WasmModule, spec: DepthwiseBytesSpec): Func {
  const { outHeight, outWidth, channels, rowBytes, imageBytes, strideH, taps } = spec;
  const blockBytes = Math.ceil(taps.length / 2) * PAIR_BYTES;
  const blocks = Math.floor(channels / DEPTHWISE_BLOCK);
  const rest = channels % DEPTHWISE_BLOCK;
  return module.func('depthwise_bytes', 7, (locals, [q, weights, bias, multipliers, out, from, to]) => {
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
      repeat(counter, blocks, [
        line.code(DEPTHWISE_BLOCK),
        advance(line.source, 2 * DEPTHWISE_BLOCK),
        advance(line.target, DEPTHWISE_BLOCK),
        advance(line.weights, blockBytes),
        advance(line.bias, 4 * DEPTHWISE_BLOCK),
        advance(line.multipliers, 4 * DEPTHWISE_BLOCK),
      ]),
      rest > 0 ? line.code(rest) : [],
    ]);
  });
}

// The channels 0..3 and 4..7 of two vectors of 16-bit integers, side by side.
const LOW = [0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23];
const HIGH = LOW.map((byte) => byte + 8);

/** One row of the output, for up to eight channels. */
class Line {
  readonly source: Local<'i32'>;
  readonly target: Local<'i32'>;
  readonly weights: Local<'i32'>;
  readonly bias: Local<'i32'>;
  readonly multipliers: Local<'i32'>;
  readonly #spec: DepthwiseBytesSpec;
  readonly #held: readonly Local<'v128'>[];
  readonly #sums: readonly Local<'v128'>[];
  readonly #taps: readonly Local<'v128'>[];
  readonly #at: Local<'i32'>;
  readonly #to: Local<'i32'>;
  readonly #end: Local<'i32'>;

  constructor(locals: Locals, spec: DepthwiseBytesSpec) {
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
    const pairs = Math.ceil(spec.taps.length / 2);
    this.#held = pairs <= HELD_PAIRS ? locals.v128s(2 * pairs) : [];
    this.#sums = locals.v128s(2);
    this.#taps = locals.v128s(2);
  }

  code(count: number): Code {
    const { outWidth, channels, pixelBytes, strideW } = this.#spec;
    return [
      this.#held.map((weight, i) => weight.set(v128.load(this.weights.get, 16 * i))),
      this.#at.set(this.source.get),
      this.#to.set(this.target.get),
      this.#end.set(i32.add(this.target.get, i32.const(outWidth * channels))),
      block((exit) =>
        doWhileBelow(this.#to, this.#end.get, [
          this.#products(exit),
          this.#finish(count),
          advance(this.#at, strideW * pixelBytes),
          advance(this.#to, channels),
        ]),
      ),
    ];
  }

  #products(exit: Label): Code {
    const { taps } = this.#spec;
    const [a, b] = this.#taps as [Local<'v128'>, Local<'v128'>];
    const weight = (i: number) => this.#held[i]?.get ?? v128.load(this.weights.get, 16 * i);
    return Array.from({ length: Math.ceil(taps.length / 2) }, (_, p) => {
      const second = taps[2 * p + 1];
      const other = second === undefined ? a : b;
      const add = (sum: Local<'v128'>, half: number, lanes: readonly number[]) => {
        const product = i32x4.dotI16(v128.shuffle(a.get, other.get, lanes), weight(2 * p + half));
        const before: Expr<'v128'> = p === 0 ? v128.load(this.bias.get, 16 * half) : sum.get;
        return sum.set(i32x4.add(before, product));
      };
      return [
        a.set(v128.load(this.#at.get, taps[2 * p])),
        second === undefined ? [] : b.set(v128.load(this.#at.get, second)),
        add(this.#sums[0]!, 0, LOW),
        add(this.#sums[1]!, 1, HIGH),
        fence(exit, this.#at, 8 * p + 7),
      ];
    });
  }

  #finish(count: number): Code {
    const { grid, isFar } = this.#spec;
    const [low, high] = this.#sums.map((sum, half) => {
      const scaled = f32x4.mul(f32x4.convertI32(sum.get), v128.load(this.multipliers.get, 16 * half));
      return isFar ? f32x4.pmax(scaled, f32x4.const(LEAST_ROUNDED)) : scaled;
    }) as [Expr<'v128'>, Expr<'v128'>];
    const bytes = this.#taps[0]!;
    const shorts = this.#taps[1]!;
    return [
      shorts.set(roundedShorts(low, high, grid.zeroPoint)),
      bytes.set(narrowBytes(grid, shorts.get, shorts.get)),
      storeBytes(this.#to.get, bytes.get, count),
    ];
  }
}
