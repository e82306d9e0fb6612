import type { Code, Expr } from '../../wasm/code.js';
import { f32x4, i32, i32x4, v128 } from '../../wasm/instructions.js';
import type { Local, Locals } from '../../wasm/module.js';
import { advanceBy, storeLanes } from './loops.js';
import { multiplyAdd } from './math.js';
import { applyStages, type Stage, stageOperands, stagesKey } from './stages.js';

/** A tile of sums. */
export interface StartedTile {
  /** Vectors of four columns, row by row. */
  readonly sums: readonly (readonly Local<'v128'>[])[];
  /** The first row. */
  readonly row: Local<'i32'>;
  /** The first column. */
  readonly column: Local<'i32'>;
  readonly parameters: readonly Local<'i32'>[];
}

/** A finished tile, and where it goes. */
export interface FinishedTile extends StartedTile {
  /** Columns to store. */
  readonly columns: number;
  readonly c: Local<'i32'>;
  /** Offset of the tile's first element in C, in bytes; free to change. */
  readonly element: Local<'i32'>;
  /** Bytes from row to row of C. */
  readonly rowBytes: Local<'i32'>;
}

/** What becomes of the sums of a matrix product: scaling, bias, stages, storing. */
export interface Finish {
  readonly key: string;
  /** Pointers that it needs. */
  readonly parameters: number;
  /** Sets the sums before the first product; absent: to zero. */
  start?(tile: StartedTile): Code;
  emit(locals: Locals, tile: FinishedTile): Code;
}

/** Scales of the rows of a hybrid product: one for each row, or one for all. */
export type RowScales = 'each' | 'one';

/**
 * Float results of float sums. They start from the bias and take products in the order of the rows, as in XNNPACK's
 * convolutions: equal to the last bit. Parameters: bias `[N]`; the operands of the stages.
 */
export const floatFinish = (stages: readonly Stage[]): Finish => ({
  key: `float ${stagesKey(stages)}`,
  parameters: 1 + stageOperands(stages).length,
  start({ sums: [first, ...others], column, parameters: [bias] }) {
    const address = i32.add(bias!.get, i32.shl(column.get, i32.const(2)));
    return [
      first!.map((sum, j) => sum.set(v128.load(address, 16 * j))),
      others.map((row) => row.map((sum, j) => sum.set(first![j]!.get))),
    ];
  },
  emit: (locals, tile) => storeRows(locals, tile, stages, 1, { row: () => [], sum: () => [] }),
});

/** What the rows of a hybrid product are like. */
export interface HybridRows {
  readonly kind: RowScales;
  /** The rows have zero points, which the sums do not know of yet. */
  readonly hasZeros: boolean;
}

/**
 * Float results of integer sums, scaled and rounded as XNNPACK does it. Parameters: bias `[N]`; the scales of the rows
 * and of the columns `[N]`; if there are any, the zero points of the rows and the sums of the columns `[N]` with the sign
 * changed; the operands of the stages.
 */
export const hybridFinish = (stages: readonly Stage[], { kind, hasZeros }: HybridRows): Finish => ({
  key: `hybrid ${kind} ${hasZeros} ${stagesKey(stages)}`,
  parameters: (hasZeros ? 5 : 3) + stageOperands(stages).length,
  ...(hasZeros && { start: (tile: StartedTile) => startFromZeros(kind, tile) }),
  emit(locals, tile) {
    const [bias, rowScales, columnScales] = tile.parameters as [Local<'i32'>, Local<'i32'>, Local<'i32'>];
    const scale = locals.v128();
    return storeRows(locals, tile, stages, hasZeros ? 5 : 3, {
      row: (r) => scale.set(ofRow(kind, rowScales, tile.row, r)),
      sum(sum, channel, offset) {
        const at = (pointer: Local<'i32'>) => v128.load(i32.add(pointer.get, channel), offset);
        const scaled = f32x4.mul(f32x4.convertI32(sum.get), scale.get);
        return sum.set(multiplyAdd(locals, scaled, at(columnScales), at(bias)));
      },
    });
  },
});

/** What belongs to the row `r` of a tile, in all lanes. */
const ofRow = (kind: RowScales, pointer: Local<'i32'>, row: Local<'i32'>, r: number): Expr<'v128'> =>
  kind === 'each'
    ? v128.load32Splat(i32.add(pointer.get, i32.shl(row.get, i32.const(2))), 4 * r)
    : v128.load32Splat(pointer.get);

/** Sums start from what the zero point of their row adds to them, taken off. */
function startFromZeros(kind: RowScales, { sums, row, column, parameters }: StartedTile): Code {
  const [zeros, columnSums] = parameters.slice(3) as [Local<'i32'>, Local<'i32'>];
  const channel = i32.add(columnSums.get, i32.shl(column.get, i32.const(2)));
  return sums.map((vectors, r) =>
    vectors.map((sum, j) => sum.set(i32x4.mul(ofRow(kind, zeros, row, r), v128.load(channel, 16 * j)))),
  );
}

/** What becomes of sums before the stages: once for each row, and for each vector of `channel` and the offset from there. */
interface Scaling {
  row(r: number): Code;
  sum(sum: Local<'v128'>, channel: Expr<'i32'>, offset: number): Code;
}

/** Scales the sums, applies the stages, whose operands come after `own` other parameters, and stores them. */
function storeRows(
  locals: Locals,
  { sums, columns, c, element, column, rowBytes, parameters }: FinishedTile,
  stages: readonly Stage[],
  own: number,
  scaling: Scaling,
): Code {
  const channel = locals.i32();
  const address = locals.i32();
  return [
    channel.set(i32.shl(column.get, i32.const(2))),
    sums.map((vectors, r) => [
      r > 0 ? advanceBy(element, rowBytes) : [],
      address.set(i32.add(c.get, element.get)),
      scaling.row(r),
      vectors.map((sum, j) => {
        const lanes = Math.min(4, columns - 4 * j);
        if (lanes <= 0) return [];
        return [
          scaling.sum(sum, channel.get, 16 * j),
          applyStages(stages, locals, sum, parameters.slice(own), {
            element: [element.get, 16 * j],
            channel: [channel.get, 16 * j],
          }),
          storeLanes(address.get, sum.get, lanes, 16 * j),
        ];
      }),
    ]),
  ];
}
