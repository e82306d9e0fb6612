import type { Code, Expr, Label } from '../../wasm/code.js';
import { i32x4, v128 } from '../../wasm/instructions.js';
import type { Func, Local, WasmModule } from '../../wasm/module.js';
import { narrowBytes, roundedShorts, storeBytes } from './bytes.js';
import { type DepthwiseRowsSpec, emitDepthwiseRows, scaledSums } from './depthwise-rows.js';
import { fence } from './loops.js';

/** Channels that are computed at a time. */
export const DEPTHWISE_BLOCK = 8;
/** Bytes of the weights of two taps, interleaved: two vectors. */
const PAIR_BYTES = 32;
/** Pairs whose weights stay in registers. */
const HELD_PAIRS = 5;

// The channels 0..3 and 4..7 of two vectors of 16-bit integers, side by side.
const LOW = [0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23];
const HIGH = LOW.map((byte) => byte + 8);

/**
 * Depthwise convolution of 16-bit integers, eight channels at a time; see {@link emitDepthwiseRows}. Products of two taps
 * are summed by one instruction; for that, the channels of the two are interleaved.
 */
export function emitDepthwiseBytes(module: WasmModule, spec: DepthwiseRowsSpec): Func {
  const { taps, grid } = spec;
  const pairs = Math.ceil(taps.length / 2);
  return emitDepthwiseRows(module, 'depthwise_bytes', spec, (locals, pointers) => {
    const held = pairs <= HELD_PAIRS ? locals.v128s(2 * pairs) : [];
    const sums = locals.v128s(2) as [Local<'v128'>, Local<'v128'>];
    const [a, b] = locals.v128s(2) as [Local<'v128'>, Local<'v128'>];
    const weight = (i: number) => held[i]?.get ?? v128.load(pointers.weights.get, 16 * i);
    const products = (exit: Label): Code =>
      Array.from({ length: pairs }, (_, p) => {
        const second = taps[2 * p + 1];
        const other = second === undefined ? a : b;
        const add = (sum: Local<'v128'>, half: number, lanes: readonly number[]) => {
          const product = i32x4.dotI16(v128.shuffle(a.get, other.get, lanes), weight(2 * p + half));
          const before: Expr<'v128'> = p === 0 ? v128.load(pointers.bias.get, 16 * half) : sum.get;
          return sum.set(i32x4.add(before, product));
        };
        return [
          a.set(v128.load(pointers.at.get, taps[2 * p])),
          second === undefined ? [] : b.set(v128.load(pointers.at.get, second)),
          add(sums[0], 0, LOW),
          add(sums[1], 1, HIGH),
          p % 2 === 1 ? fence(exit, pointers.at, 8 * p + 7) : [],
        ];
      });
    const [low, high] = sums.map((sum, i) => scaledSums(spec, sum, pointers, i)) as [Expr<'v128'>, Expr<'v128'>];
    return {
      channels: DEPTHWISE_BLOCK,
      elementBytes: 2,
      weightBytes: pairs * PAIR_BYTES,
      begin: held.map((vector, i) => vector.set(v128.load(pointers.weights.get, 16 * i))),
      pixel: (count, exit) => [
        products(exit),
        b.set(roundedShorts(low, high, grid.zeroPoint)),
        a.set(narrowBytes(grid, b.get, b.get)),
        storeBytes(pointers.to.get, a.get, count),
      ],
    };
  });
}
