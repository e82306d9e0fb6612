import type { Code, Expr } from '../../wasm/code.js';
import { v128 } from '../../wasm/instructions.js';
import type { Func, Local, WasmModule } from '../../wasm/module.js';
import { addByteProducts, type ByteArithmetic } from './byte-products.js';
import { narrowBytes, roundedShorts, storeBytes } from './bytes.js';
import { type DepthwiseRowsSpec, emitDepthwiseRows, scaledSums } from './depthwise-rows.js';

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
 * Depthwise convolution of bytes, sixteen channels at a time; see {@link emitDepthwiseRows}. The bytes that a channel has
 * at four taps are brought side by side, which is what the product of bytes takes.
 */
export function emitDepthwiseDots(module: WasmModule, spec: DepthwiseRowsSpec, arithmetic: ByteArithmetic): Func {
  const { taps, grid } = spec;
  const groups = Math.ceil(taps.length / DOTS_TAPS);
  return emitDepthwiseRows(module, 'depthwise_dots', spec, (locals, pointers) => {
    const sums = locals.v128s(4);
    const inputs = locals.v128s(4);
    const [a, b, c, d] = inputs as [Local<'v128'>, Local<'v128'>, Local<'v128'>, Local<'v128'>];
    const [ab, cd] = locals.v128s(2) as [Local<'v128'>, Local<'v128'>];
    const products = (group: number): Code => {
      // What is missing of the last four has no weight.
      const tap = (i: number) => taps[group * DOTS_TAPS + i] ?? taps[group * DOTS_TAPS]!;
      const add = (quarter: number): Code => {
        const sum = sums[quarter]!;
        const bytes = turns(ab.get, cd.get, PAIRS, quarter % 2 === 1);
        const weights = v128.load(pointers.weights.get, (group * DOTS_TAPS + quarter) * 16);
        return sum.set(addByteProducts(arithmetic, weights, bytes, sum.get));
      };
      return [
        inputs.map((vector, i) => vector.set(v128.load(pointers.at.get, tap(i)))),
        [false, true].map((isHigh) => [
          ab.set(turns(a.get, b.get, BYTES, isHigh)),
          cd.set(turns(c.get, d.get, BYTES, isHigh)),
          add(isHigh ? 2 : 0),
          add(isHigh ? 3 : 1),
        ]),
      ];
    };
    const scaled = sums.map((sum, i) => scaledSums(spec, sum, pointers, i));
    return {
      channels: DOTS_BLOCK,
      elementBytes: 1,
      weightBytes: groups * DOTS_BLOCK * DOTS_TAPS,
      begin: [],
      pixel: (count) => [
        sums.map((sum, i) => sum.set(v128.load(pointers.bias.get, 16 * i))),
        Array.from({ length: groups }, (_, group) => products(group)),
        ab.set(roundedShorts(scaled[0]!, scaled[1]!, grid.zeroPoint)),
        cd.set(roundedShorts(scaled[2]!, scaled[3]!, grid.zeroPoint)),
        a.set(narrowBytes(grid, ab.get, cd.get)),
        storeBytes(pointers.to.get, a.get, count),
      ],
    };
  });
}
