import type { Code, Expr } from '../../wasm/code.js';
import { i16x8, i32, i32x4, v128 } from '../../wasm/instructions.js';
import type { Func, Local, WasmModule } from '../../wasm/module.js';
import { type ByteGrid, load8, narrowBytes, storeBytes } from './bytes.js';
import { advance, doWhileBelow, forRange } from './loops.js';

export interface ResizeBytesSpec {
  readonly grid: ByteGrid;
  readonly imageBytes: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly channels: number;
  /** The four weights of a cell sum to two to this power. */
  readonly bits: number;
}

/** Bytes of an entry of a table: offsets of the lower and the higher cell, and their weights, 32 bits each. */
export const CORNER_BYTES = 16;

const LOW = [0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23];
const HIGH = LOW.map((byte) => byte + 8);

/**
 * Writes `(x, rows, columns, out, from, to)`: bilinear interpolation in integers, halves away from zero. `rows` and
 * `columns` are tables of {@link CORNER_BYTES} for each row and column of the output; of columns, both weights of 16 bits
 * are in the first of the two. The units are rows of the output.
 */
export function emitResizeBytes(module: WasmModule, spec: ResizeBytesSpec): Func {
  const { grid, imageBytes, outHeight, outWidth, channels, bits } = spec;
  return module.func('resize_bytes', 6, (locals, [x, rows, columns, out, from, to]) => {
    const [row, entry, end, target, image, base, last] = Array.from({ length: 7 }, () => locals.i32()) as [
      Local<'i32'>, Local<'i32'>, Local<'i32'>, Local<'i32'>, Local<'i32'>, Local<'i32'>, Local<'i32'>,
    ]; // biome-ignore format: a list
    const corners = Array.from({ length: 4 }, () => locals.i32());
    const values = locals.v128s(4);
    const [across, upper, lower, sum, result] = locals.v128s(5) as [
      Local<'v128'>, Local<'v128'>, Local<'v128'>, Local<'v128'>, Local<'v128'>,
    ]; // biome-ignore format: a list
    const halves = locals.v128s(2);
    const blended = (into: Local<'v128'>, lanes: readonly number[]): Code => {
      const pair = (i: number): Expr<'v128'> =>
        i32x4.dotI16(v128.shuffle(values[i]!.get, values[i + 1]!.get, lanes), across.get);
      const rounded = i32x4.add(i32x4.add(sum.get, i32x4.const(2 ** (bits - 1))), i32x4.shrS(sum.get, i32.const(31)));
      return [
        sum.set(i32x4.add(i32x4.mul(pair(0), upper.get), i32x4.mul(pair(2), lower.get))),
        into.set(i32x4.shrS(rounded, i32.const(bits))),
      ];
    };
    const block = (count: number): Code => [
      values.map((value, i) => value.set(load8(grid.isSigned)(corners[i]!.get))),
      blended(halves[0]!, LOW),
      blended(halves[1]!, HIGH),
      result.set(i16x8.narrowI32(halves[0]!.get, halves[1]!.get)),
      result.set(narrowBytes(grid, result.get, result.get)),
      storeBytes(target.get, result.get, count),
    ];
    const moved = (bytes: number) => [corners.map((corner) => advance(corner, bytes)), advance(target, bytes)];
    const rest = channels % 8;
    const line = i32.add(rows!.get, i32.mul(i32.remU(row.get, i32.const(outHeight)), i32.const(CORNER_BYTES)));
    const pixel = [
      across.set(v128.load32Splat(entry.get, 8)),
      corners.map((corner, i) =>
        corner.set(i32.add((i < 2 ? base : last).get, i32.load(entry.get, i % 2 === 0 ? 0 : 4))),
      ),
      channels > rest
        ? [
            end.set(i32.add(target.get, i32.const(channels - rest))),
            doWhileBelow(target, end.get, [block(8), moved(8)]),
          ]
        : [],
      rest > 0 ? [block(rest), advance(target, rest)] : [],
    ];
    return forRange(row, from!.get, to!.get, 1, [
      target.set(i32.add(out!.get, i32.mul(row.get, i32.const(outWidth * channels)))),
      image.set(i32.add(x!.get, i32.mul(i32.divU(row.get, i32.const(outHeight)), i32.const(imageBytes)))),
      entry.set(line),
      base.set(i32.add(image.get, i32.load(entry.get))),
      last.set(i32.add(image.get, i32.load(entry.get, 4))),
      upper.set(v128.load32Splat(entry.get, 8)),
      lower.set(v128.load32Splat(entry.get, 12)),
      forRange(entry, columns!.get, i32.add(columns!.get, i32.const(outWidth * CORNER_BYTES)), CORNER_BYTES, pixel),
    ]);
  });
}
