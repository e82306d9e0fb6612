import type { Code } from '../../wasm/code.js';
import { f32x4, i16x8, i32, i32x4, v128 } from '../../wasm/instructions.js';
import type { Local } from '../../wasm/module.js';
import { type ByteGrid, LEAST_ROUNDED, narrowBytes, roundedInts, storeBytes } from './bytes.js';
import type { Finish } from './finish.js';

export interface IntegerFinishSpec {
  readonly grid: ByteGrid;
  /** Sums may be so far below zero that they must be clamped before they are rounded. */
  readonly isFar: boolean;
}

/**
 * 8-bit results: `clamp(round((sum + bias) * multiplier) + zeroPoint)` in float32, ties to even, as XNNPACK has it.
 * Parameters: bias `[N]`, 32-bit integers, and multipliers `[N]`, floats.
 */
export function integerFinish({ grid, isFar }: IntegerFinishSpec): Finish {
  return {
    key: `bytes ${JSON.stringify(grid)} ${isFar}`,
    parameters: 2,
    emit(locals, { sums, columns, c, element, column, rowBytes, parameters: [bias, multipliers] }) {
      const channel = locals.i32();
      const addresses = sums.map(() => locals.i32());
      const [add, multiply, bytes] = locals.v128s(3) as [Local<'v128'>, Local<'v128'>, Local<'v128'>];
      const at = (pointer: Local<'i32'>, j: number) => v128.load(i32.add(pointer.get, channel.get), 16 * j);
      const requantized = (sum: Local<'v128'>) => {
        const scaled = f32x4.mul(f32x4.convertI32(i32x4.add(sum.get, add.get)), multiply.get);
        return roundedInts(isFar ? f32x4.pmax(scaled, f32x4.const(LEAST_ROUNDED)) : scaled, grid.zeroPoint);
      };
      const vectors = Math.ceil(columns / 4);
      const rows = sums.map((row) => row.slice(0, vectors));
      return [
        channel.set(i32.shl(column.get, i32.const(2))),
        addresses.map((address, r) =>
          address.set(r === 0 ? i32.add(c.get, element.get) : i32.add(addresses[r - 1]!.get, rowBytes.get)),
        ),
        Array.from({ length: vectors }, (_, j) => [
          add.set(at(bias!, j)),
          multiply.set(at(multipliers!, j)),
          rows.map((row) => row[j]!.set(requantized(row[j]!))),
        ]),
        storeRows(rows, { grid, columns, addresses, bytes }),
      ];
    },
  };
}

interface Target {
  readonly grid: ByteGrid;
  readonly columns: number;
  /** Of the rows. */
  readonly addresses: readonly Local<'i32'>[];
  readonly bytes: Local<'v128'>;
}

/** Narrows 32-bit integers to bytes, two times eight at once, and stores them. */
function storeRows(rows: readonly (readonly Local<'v128'>[])[], target: Target): Code {
  const { grid, columns, addresses, bytes } = target;
  const eights = rows.flatMap((row, r) =>
    Array.from({ length: Math.ceil(columns / 8) }, (_, e) => {
      const low = row[2 * e]!;
      return {
        shorts: i16x8.narrowI32(low.get, (row[2 * e + 1] ?? low).get),
        address: addresses[r]!.get,
        offset: 8 * e,
        count: Math.min(8, columns - 8 * e),
      };
    }),
  );
  return eights.flatMap((eight, i) => {
    if (i % 2 === 1) return [];
    const next = eights[i + 1];
    const both = bytes.set(narrowBytes(grid, eight.shorts, (next ?? eight).shorts));
    if (next && eight.count === 8 && next.address === eight.address)
      return [both, storeBytes(eight.address, bytes.get, 8 + next.count, eight.offset)];
    const second = next ? storeBytes(next.address, bytes.get, next.count, next.offset, 8) : [];
    return [both, storeBytes(eight.address, bytes.get, eight.count, eight.offset), second];
  });
}
