import type { Code } from '../../wasm/code.js';
import { f32x4, i32, memoryCopy, v128 } from '../../wasm/instructions.js';
import type { Func, Local, Locals, WasmModule } from '../../wasm/module.js';
import { forRange, storeLanes } from './loops.js';
import { clampVector, logisticInPlace } from './math.js';

/** An activation on vectors, and a name that tells it from others. */
export interface CellActivation {
  readonly key: string;
  readonly apply: (locals: Locals, x: Local<'v128'>) => Code;
}

/** How the rows of a long short-term memory lie, and what a cell does. */
export interface LstmCellSpec {
  readonly cells: number;
  /** Bytes from row to row of the gates. A row holds them one after the other: input (if any), forget, cell, output. */
  readonly gateRowBytes: number;
  readonly hasInputGate: boolean;
  readonly hasPeephole: boolean;
  readonly activation: CellActivation;
  /** Bound of the cell state; 0: none. */
  readonly clip: number;
  /** Bytes from row to row of each place that the result goes to. */
  readonly outputRowBytes: readonly number[];
}

export const lstmCellKey = ({ activation, ...spec }: LstmCellSpec): string =>
  `lstm cell ${JSON.stringify(spec)} ${activation.key}`;

/**
 * Writes `(gates, c, ...peepholes, ...outputs, from, to)`: the cells of the rows `from` to `to - 1`, whose gates hold the
 * sums of bias and products. `c = f c + i g`, clipped; `y = o act(c)`. Without input gate `i = 1 - f`. Peephole weights
 * follow the order of the gates.
 */
export function emitLstmCell(module: WasmModule, spec: LstmCellSpec): Func {
  const { cells, gateRowBytes, hasInputGate, hasPeephole, activation, clip, outputRowBytes } = spec;
  const weights = hasPeephole ? (hasInputGate ? 3 : 2) : 0;
  return module.func('lstm_cell', 4 + weights + outputRowBytes.length, (locals, parameters) => {
    const [gates, c] = parameters as [Local<'i32'>, Local<'i32'>];
    const peepholes = parameters.slice(2, 2 + weights);
    const outputs = parameters.slice(2 + weights, -2);
    const [from, to] = parameters.slice(-2) as [Local<'i32'>, Local<'i32'>];
    const row = locals.i32();
    const offset = locals.i32();
    const gateRow = locals.i32();
    const cellRow = locals.i32();
    const outputRows = outputs.map(() => locals.i32());
    const [cell, input, forget, update, open] = locals.v128s(5) as [V, V, V, V, V];
    const at = (pointer: Local<'i32'>) => i32.add(pointer.get, offset.get);
    const first = hasInputGate ? 0 : 1;
    /** Loads gate 0 to 3, with what its peephole adds. */
    const load = (to: V, gate: number, peephole?: Local<'i32'>) => {
      const sum = v128.load(at(gateRow), (gate - first) * cells * 4);
      return to.set(peephole ? f32x4.add(sum, f32x4.mul(v128.load(at(peephole)), cell.get)) : sum);
    };
    const one = (lanes: number): Code => [
      cell.set(v128.load(at(cellRow))),
      load(forget, 1, peepholes.at(-2)),
      logisticInPlace(locals, forget),
      hasInputGate
        ? [load(input, 0, peepholes[0]), logisticInPlace(locals, input)]
        : input.set(f32x4.sub(f32x4.const(1), forget.get)),
      load(update, 2),
      activation.apply(locals, update),
      cell.set(f32x4.add(f32x4.mul(forget.get, cell.get), f32x4.mul(input.get, update.get))),
      clip > 0 ? cell.set(clampVector(cell.get, -clip, clip)) : [],
      storeLanes(at(cellRow), cell.get, lanes),
      load(open, 3, peepholes.at(-1)),
      logisticInPlace(locals, open),
      activation.apply(locals, cell),
      cell.set(f32x4.mul(open.get, cell.get)),
      outputRows.map((pointer) => storeLanes(at(pointer), cell.get, lanes)),
    ];
    return forRange(row, from.get, to.get, 1, [
      rowAddress(gateRow, gates, row, gateRowBytes),
      rowAddress(cellRow, c, row, cells * 4),
      outputRows.map((pointer, i) => rowAddress(pointer, outputs[i]!, row, outputRowBytes[i]!)),
      vectors(offset, cells, one),
    ]);
  });
}

type V = Local<'v128'>;

const rowAddress = (to: Local<'i32'>, pointer: Local<'i32'>, row: Local<'i32'>, bytes: number): Code =>
  to.set(i32.add(pointer.get, i32.mul(row.get, i32.const(bytes))));

/** `body` for all vectors of `count` elements, the last one with the lanes that are left. */
function vectors(offset: Local<'i32'>, count: number, body: (lanes: number) => Code): Code {
  const whole = Math.floor(count / 4) * 16;
  return [
    forRange(offset, i32.const(0), i32.const(whole), 16, body(4)),
    count % 4 > 0 ? [offset.set(i32.const(whole)), body(count % 4)] : [],
  ];
}

/** Rows of an activated result that goes to two places. */
export interface ActivateRowsSpec {
  readonly count: number;
  readonly activation: CellActivation;
  /** Bytes from row to row of both. */
  readonly rowBytes: number;
  readonly copyRowBytes: number;
}

export const activateRowsKey = ({ activation, ...spec }: ActivateRowsSpec): string =>
  `activate rows ${JSON.stringify(spec)} ${activation.key}`;

/** Writes `(x, copy, from, to)`: applies the activation to rows in place and copies them. */
export function emitActivateRows(module: WasmModule, spec: ActivateRowsSpec): Func {
  const { count, activation, rowBytes, copyRowBytes } = spec;
  return module.func('activate_rows', 4, (locals, [x, copy, from, to]) => {
    const row = locals.i32();
    const offset = locals.i32();
    const xRow = locals.i32();
    const copyRow = locals.i32();
    const value = locals.v128();
    const at = (pointer: Local<'i32'>) => i32.add(pointer.get, offset.get);
    return forRange(row, from!.get, to!.get, 1, [
      rowAddress(xRow, x!, row, rowBytes),
      rowAddress(copyRow, copy!, row, copyRowBytes),
      vectors(offset, count, (lanes) => [
        value.set(v128.load(at(xRow))),
        activation.apply(locals, value),
        storeLanes(at(xRow), value.get, lanes),
        storeLanes(at(copyRow), value.get, lanes),
      ]),
    ]);
  });
}

/** Writes `(x, copy, from, to)`: copies rows of `bytes` bytes to rows `copyRowBytes` apart. */
export const emitCopyRows = (module: WasmModule, bytes: number, copyRowBytes: number): Func =>
  module.func('copy_rows', 4, (locals, [x, copy, from, to]) => {
    const row = locals.i32();
    const source = locals.i32();
    const target = locals.i32();
    return forRange(row, from!.get, to!.get, 1, [
      rowAddress(source, x!, row, bytes),
      rowAddress(target, copy!, row, copyRowBytes),
      memoryCopy(target.get, source.get, i32.const(bytes)),
    ]);
  });
