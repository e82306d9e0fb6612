import { i32 } from '../../wasm/instructions.js';
import { call, type Func, type Local, type WasmModule } from '../../wasm/module.js';
import { forRange } from './loops.js';

/** A call to repeat for each batch. */
export interface BatchCall {
  readonly func: Func;
  /** For each argument the column of the table that is added to it, or undefined: it is the same for all batches. */
  readonly columns: readonly (number | undefined)[];
  readonly units: number;
}

export const batchesKey = (calls: readonly BatchCall[], columns: number): string =>
  `batches ${columns} ${JSON.stringify(calls.map((c) => [c.func.index, c.columns, c.units]))}`;

/**
 * Writes `(table, ...arguments of all calls, from, to)`: the calls for each of the batches `from` to `to - 1`. Row b of
 * the table holds the bytes by which batch b moves the arguments, an `i32` in each column.
 */
export function emitBatches(module: WasmModule, calls: readonly BatchCall[], columns: number): Func {
  const count = calls.reduce((sum, c) => sum + c.columns.length, 0);
  return module.func('batches', count + 3, (locals, [table, ...parameters]) => {
    const [from, to] = parameters.slice(-2) as [Local<'i32'>, Local<'i32'>];
    const batch = locals.i32();
    const row = locals.i32();
    let next = 0;
    const moved = (column: number | undefined) => {
      const argument = parameters[next++]!.get;
      return column === undefined ? argument : i32.add(argument, i32.load(row.get, 4 * column));
    };
    const body = calls.map((c) => call(c.func, [...c.columns.map(moved), i32.const(0), i32.const(c.units)]));
    return forRange(batch, from.get, to.get, 1, [
      row.set(i32.add(table!.get, i32.mul(batch.get, i32.const(4 * columns)))),
      body,
    ]);
  });
}
