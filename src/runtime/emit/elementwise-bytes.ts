import type { Code, Expr } from '../../wasm/code.js';
import { i16x8, i32 } from '../../wasm/instructions.js';
import type { Func, Local, WasmModule } from '../../wasm/module.js';
import { type ByteGrid, load8, narrowBytes, storeBytes } from './bytes.js';
import { advance, doWhileBelow, forRange } from './loops.js';

type Vector = Local<'v128'>;

/** A function of eight 16-bit integers, and the grid of what it gives. */
export interface ByteFunction {
  /** Tells functions apart; constants that the code holds are part of it. */
  readonly key: string;
  /** From the stored integers to 16-bit integers with the zero point, which are then narrowed and clamped. */
  readonly apply: (x: Vector, y: Vector) => Expr<'v128'>;
}

/** Rows of an operand: bytes from one to the next, or a table of their offsets; they lie in a run or repeat one element. */
export interface ByteRows {
  readonly isSigned: boolean;
  readonly stride: number | 'table';
  readonly isSplat: boolean;
}

export interface ElementwiseBytesSpec {
  readonly operands: readonly ByteRows[];
  /** Elements of a row, and bytes from row to row of the result. */
  readonly length: number;
  readonly outStride: number;
  readonly grid: ByteGrid;
}

export const elementwiseBytesKey = (spec: ElementwiseBytesSpec, { key }: ByteFunction): string =>
  `elementwise bytes ${JSON.stringify(spec)} ${key}`;

/** Elements that are one step of a loop. */
export const BYTE_STEP = 16;

/**
 * Writes `(...operands, ...tables, out, from, to)`, a table for each operand: a function of one or two tensors of bytes.
 * The units are rows.
 */
export function emitElementwiseBytes(module: WasmModule, spec: ElementwiseBytesSpec, f: ByteFunction): Func {
  const { operands, length, outStride, grid } = spec;
  return module.func('elementwise_bytes', 2 * operands.length + 3, (locals, parameters) => {
    const [out, from, to] = parameters.slice(-3) as [Local<'i32'>, Local<'i32'>, Local<'i32'>];
    const row = locals.i32();
    const target = locals.i32();
    const end = locals.i32();
    const sources = operands.map(() => locals.i32());
    const values = locals.v128s(2);
    const [low, high, bytes] = locals.v128s(3) as [Vector, Vector, Vector];
    const start = (i: number): Expr<'i32'> => {
      const { stride } = operands[i]!;
      const base = parameters[i]!.get;
      if (stride !== 'table') return i32.add(base, i32.mul(row.get, i32.const(stride)));
      const table = parameters[operands.length + i]!;
      return i32.add(base, i32.load(i32.add(table.get, i32.shl(row.get, i32.const(2)))));
    };
    const eight = (offset: number): Expr<'v128'> => [
      operands.map(({ isSigned, isSplat }, i) =>
        isSplat ? [] : values[i]!.set(load8(isSigned)(sources[i]!.get, offset)),
      ),
      f.apply(values[0]!, values[1]!),
    ];
    const step = (count: number): Code => [
      low.set(eight(0)),
      count > 8 ? high.set(eight(8)) : [],
      bytes.set(narrowBytes(grid, low.get, (count > 8 ? high : low).get)),
      storeBytes(target.get, bytes.get, count),
    ];
    const whole = length - (length % BYTE_STEP);
    const move = (bytes: number) => [
      operands.map(({ isSplat }, i) => (isSplat ? [] : advance(sources[i]!, bytes))),
      advance(target, bytes),
    ];
    return forRange(row, from.get, to.get, 1, [
      operands.map(({ isSplat, isSigned }, i) => [
        sources[i]!.set(start(i)),
        isSplat ? values[i]!.set(i16x8.splat((isSigned ? i32.load8S : i32.load8U)(sources[i]!.get))) : [],
      ]),
      target.set(i32.add(out.get, i32.mul(row.get, i32.const(outStride)))),
      whole > 0
        ? [
            end.set(i32.add(target.get, i32.const(whole))),
            doWhileBelow(target, end.get, [step(BYTE_STEP), move(BYTE_STEP)]),
          ]
        : [],
      length > whole ? step(length - whole) : [],
    ]);
  });
}

/** Writes `(x, table, out, from, to)`: looks bytes up in a table of 256. The units are four elements. */
export function emitTableBytes(module: WasmModule): Func {
  return module.func('table_bytes', 5, (locals, [x, table, out, from, to]) => {
    const i = locals.i32();
    const four = locals.i32();
    const at = (pointer: Local<'i32'>) => i32.add(pointer.get, i.get);
    const entry = (byte: number) => {
      const index = byte < 3 ? i32.and(shifted(four.get, 8 * byte), i32.const(255)) : shifted(four.get, 24);
      return i32.load8U(i32.add(table!.get, index));
    };
    const shifted = (value: Expr<'i32'>, bits: number) => (bits > 0 ? i32.shrU(value, i32.const(bits)) : value);
    return forRange(i, i32.shl(from!.get, i32.const(2)), i32.shl(to!.get, i32.const(2)), 4, [
      four.set(i32.load(at(x!))),
      [0, 1, 2, 3].map((byte) => i32.store8(at(out!), entry(byte), byte)),
    ]);
  });
}
