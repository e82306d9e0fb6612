import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import type { Lower, Lowering } from './context.js';
import { diagonalOf } from './gather.js';
import { type Size, sizesOf } from './shapes.js';

/** @throws {ModelError} `unsupported` for another diagonal than the main one. */
function requireMainDiagonal(c: Lowering, index: number): void {
  const k = c.inputs[index];
  if (k && c.numbers(index, 'diagonal').some((n) => n !== 0))
    throw new ModelError('unsupported', 'works on another diagonal than the main one.');
}

const matrixDiag: Lower = (c) => {
  requireMainDiagonal(c, 1);
  for (const index of [2, 3])
    if (c.inputs[index] && c.number(index, 'size') !== -1 && c.number(index, 'size') !== c.input(0).shape?.at(-1))
      throw new ModelError('unsupported', 'makes matrices of another size than their diagonal.');
  if (c.inputs[4] && c.number(4, 'padding') !== 0)
    throw new ModelError('unsupported', 'fills with another value than 0.');
  return [c.emit('MATRIX_DIAG', [c.input(0)])];
};

const matrixSetDiag: Lower = (c) => {
  requireMainDiagonal(c, 2);
  return [c.emit('MATRIX_SET_DIAG', [c.input(0), c.input(1)])];
};

const matrixDiagPart: Lower = (c) => {
  requireMainDiagonal(c, 1);
  return [diagonalOf(c, c.input(0))];
};

/** Keeps a band of diagonals: a mask, known or computed, chooses between the matrix and 0. */
const matrixBandPart: Lower = (c) => {
  const x = c.input(0);
  const band: Band = {
    lower: c.number(1, 'number of lower diagonals'),
    upper: c.number(2, 'number of upper diagonals'),
  };
  const [rows, columns] = sizesOf(c, x).slice(-2) as [Size, Size];
  const isKnown = typeof rows === 'number' && typeof columns === 'number';
  const mask = isKnown ? bandMask(c, rows, columns, band) : computedBandMask(c, rows, columns, band);
  return [mask ? c.emit('SELECT_V2', [mask, x, c.scalar(x, 0)]) : x];
};

/** How many diagonals to keep on each side of the main one; all of them when negative. */
interface Band {
  readonly lower: number;
  readonly upper: number;
}

function bandMask(c: Lowering, rows: number, columns: number, { lower, upper }: Band): Value {
  const mask = Array.from({ length: rows * columns }, (_, at) => {
    const below = Math.floor(at / columns) - (at % columns);
    return Number((lower < 0 || below <= lower) && (upper < 0 || -below <= upper));
  });
  return c.make('bool', mask, [rows, columns]);
}

/** The mask for sizes that are known only when the model runs; undefined for a band without limits. */
function computedBandMask(c: Lowering, rows: Size, columns: Size, { lower, upper }: Band): Value | undefined {
  if (lower < 0 && upper < 0) return undefined;
  const count = (n: Size) => c.emit('RANGE', [c.i32(0), typeof n === 'number' ? c.i32(n) : n, c.i32(1)]);
  const row = c.emit('EXPAND_DIMS', [count(rows), c.i32(1)]);
  const below = c.emit('SUB', [row, count(columns)]);
  const low = lower < 0 ? undefined : c.emit('LESS_EQUAL', [below, c.i32(lower)]);
  const high = upper < 0 ? undefined : c.emit('GREATER_EQUAL', [below, c.i32(-upper)]);
  return low && high ? c.emit('LOGICAL_AND', [low, high]) : (low ?? high);
}

const requireVector = (c: Lowering, rank: number): Value => {
  const x = c.input(0);
  if (c.rank(x, 'its input') !== rank) throw new ModelError('unsupported', `takes inputs of rank ${rank} only.`);
  return x;
};

/** Matrices and their diagonals. */
export const matrices: Readonly<Record<string, Lower>> = {
  Diag: (c) => [c.emit('MATRIX_DIAG', [requireVector(c, 1)])],
  DiagPart: (c) => [diagonalOf(c, requireVector(c, 2))],
  MatrixBandPart: matrixBandPart,
  MatrixDiag: matrixDiag,
  MatrixDiagPart: matrixDiagPart,
  MatrixDiagPartV2: matrixDiagPart,
  MatrixDiagPartV3: matrixDiagPart,
  MatrixDiagV2: matrixDiag,
  MatrixDiagV3: matrixDiag,
  MatrixSetDiag: matrixSetDiag,
  MatrixSetDiagV2: matrixSetDiag,
  MatrixSetDiagV3: matrixSetDiag,
};
