import type { Code } from '../../wasm/code.js';
import { f32x4, i32, v128 } from '../../wasm/instructions.js';
import type { Local, Locals } from '../../wasm/module.js';
import { advanceBy, storeLanes } from './loops.js';
import { applyStages, type Stage, stageOperands, stagesKey } from './stages.js';

/** A finished tile of sums, and where it goes. */
export interface FinishedTile {
  /** Vectors of four columns, row by row. */
  readonly sums: readonly (readonly Local<'v128'>[])[];
  /** Columns to store. */
  readonly columns: number;
  readonly c: Local<'i32'>;
  /** Offset of the tile's first element in C, in bytes; free to change. */
  readonly element: Local<'i32'>;
  /** First row, first column. */
  readonly row: Local<'i32'>;
  readonly column: Local<'i32'>;
  /** Bytes from row to row of C. */
  readonly rowBytes: Local<'i32'>;
  readonly parameters: readonly Local<'i32'>[];
}

/** What becomes of the sums of a matrix product: scaling, bias, stages, storing. */
export interface Finish {
  readonly key: string;
  /** Pointers that it needs. */
  readonly parameters: number;
  emit(locals: Locals, tile: FinishedTile): Code;
}

/** Scales of the rows of a hybrid product: one for each row, or one for all. */
export type RowScales = 'each' | 'one';

/**
 * Float results. Parameters: bias `[N]`; with row scales the scales of the rows and of the columns `[N]`, by which the
 * integer sums are multiplied; then the operands of the stages.
 */
export function floatFinish(stages: readonly Stage[], scales?: RowScales): Finish {
  const own = scales ? 3 : 1;
  return {
    key: `float ${scales ?? ''} ${stagesKey(stages)}`,
    parameters: own + stageOperands(stages).length,
    emit(locals, tile) {
      const { sums, columns, c, element, row, column, rowBytes, parameters } = tile;
      const [bias, rowScales, columnScales] = parameters;
      const channel = locals.i32();
      const address = locals.i32();
      const scale = locals.v128();
      const scaleAddress = (r: number) =>
        scales === 'each'
          ? v128.load32Splat(i32.add(rowScales!.get, i32.shl(row.get, i32.const(2))), 4 * r)
          : v128.load32Splat(rowScales!.get);
      const at = (pointer: Local<'i32'>, j: number) => v128.load(i32.add(pointer.get, channel.get), 16 * j);
      return [
        channel.set(i32.shl(column.get, i32.const(2))),
        sums.map((vectors, r) => [
          r > 0 ? advanceBy(element, rowBytes) : [],
          address.set(i32.add(c.get, element.get)),
          scales ? scale.set(scaleAddress(r)) : [],
          vectors.map((sum, j) => {
            const lanes = Math.min(4, columns - 4 * j);
            if (lanes <= 0) return [];
            const scaled = scales
              ? f32x4.mul(f32x4.convertI32(sum.get), f32x4.mul(scale.get, at(columnScales!, j)))
              : sum.get;
            return [
              sum.set(f32x4.add(scaled, at(bias!, j))),
              applyStages(stages, locals, sum, parameters.slice(own), {
                element: [element.get, 16 * j],
                channel: [channel.get, 16 * j],
              }),
              storeLanes(address.get, sum.get, lanes, 16 * j),
            ];
          }),
        ]),
      ];
    },
  };
}
