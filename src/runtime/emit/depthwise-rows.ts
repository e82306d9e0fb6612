import { block, type Code, type Label } from '../../wasm/code.js';
import { f32x4, i32, v128 } from '../../wasm/instructions.js';
import type { Func, Local, Locals, WasmModule } from '../../wasm/module.js';
import { type ByteGrid, LEAST_ROUNDED } from './bytes.js';
import { advance, doWhileBelow, forRange, repeat } from './loops.js';

/** A convolution of each channel on its own, to bytes, of images that have their border. */
export interface DepthwiseRowsSpec {
  readonly outHeight: number;
  readonly outWidth: number;
  readonly channels: number;
  /** Bytes of a pixel of the input, of its rows and its images. */
  readonly pixelBytes: number;
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

/** Pointers for one block of channels of a row; `at` (input) and `to` (output) go from pixel to pixel. */
export interface BlockPointers {
  readonly at: Local<'i32'>;
  readonly to: Local<'i32'>;
  readonly weights: Local<'i32'>;
  readonly bias: Local<'i32'>;
  readonly multipliers: Local<'i32'>;
}

/** How a block of channels is computed. */
export interface DepthwiseBlock {
  /** Channels of a block, bytes of one of them in the input, and bytes of the weights of all. */
  readonly channels: number;
  readonly elementBytes: number;
  readonly weightBytes: number;
  /** What is done once for a row. */
  readonly begin: Code;
  /** The code of one pixel, of which `count` channels are stored. */
  pixel(count: number, exit: Label): Code;
}

/** Writes `(q, weights, bias, multipliers, out, from, to)`: the units are rows of the output. */
export function emitDepthwiseRows(
  module: WasmModule,
  name: string,
  spec: DepthwiseRowsSpec,
  makeBlock: (locals: Locals, pointers: BlockPointers) => DepthwiseBlock,
): Func {
  const { outHeight, outWidth, channels, pixelBytes, rowBytes, imageBytes, strideH, strideW } = spec;
  return module.func(name, 7, (locals, [q, weights, bias, multipliers, out, from, to]) => {
    const [row, counter, source, target, end] = [locals.i32(), locals.i32(), locals.i32(), locals.i32(), locals.i32()];
    const pointers: BlockPointers = {
      at: locals.i32(),
      to: locals.i32(),
      weights: locals.i32(),
      bias: locals.i32(),
      multipliers: locals.i32(),
    };
    const one = makeBlock(locals, pointers);
    const rest = channels % one.channels;
    const image = i32.mul(i32.divU(row.get, i32.const(outHeight)), i32.const(imageBytes));
    const inner = i32.mul(i32.remU(row.get, i32.const(outHeight)), i32.const(strideH * rowBytes));
    const line = (count: number): Code => [
      one.begin,
      pointers.at.set(source.get),
      pointers.to.set(target.get),
      end.set(i32.add(target.get, i32.const(outWidth * channels))),
      block((exit) =>
        doWhileBelow(pointers.to, end.get, [
          one.pixel(count, exit),
          advance(pointers.at, strideW * pixelBytes),
          advance(pointers.to, channels),
        ]),
      ),
    ];
    return forRange(row, from!.get, to!.get, 1, [
      source.set(i32.add(q!.get, i32.add(image, inner))),
      target.set(i32.add(out!.get, i32.mul(row.get, i32.const(outWidth * channels)))),
      pointers.weights.set(weights!.get),
      pointers.bias.set(bias!.get),
      pointers.multipliers.set(multipliers!.get),
      repeat(counter, Math.floor(channels / one.channels), [
        line(one.channels),
        advance(source, one.elementBytes * one.channels),
        advance(target, one.channels),
        advance(pointers.weights, one.weightBytes),
        advance(pointers.bias, 4 * one.channels),
        advance(pointers.multipliers, 4 * one.channels),
      ]),
      rest > 0 ? line(rest) : [],
    ]);
  });
}

/** The sums of four channels in steps of the result, the `i`th four of a block. */
export function scaledSums(
  { isFar }: DepthwiseRowsSpec,
  sum: Local<'v128'>,
  { multipliers }: BlockPointers,
  i: number,
) {
  const scaled = f32x4.mul(f32x4.convertI32(sum.get), v128.load(multipliers.get, 16 * i));
  return isFar ? f32x4.pmax(scaled, f32x4.const(LEAST_ROUNDED)) : scaled;
}
