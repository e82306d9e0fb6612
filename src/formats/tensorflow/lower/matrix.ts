import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import type { Lower, Lowering } from './context.js';
import { diagonalOf } from './gather.js';

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

/** Keeps a band of diagonals: a mask that is known chooses between the matrix and 0. */
const matrixBandPart: Lower = (c) => {
  const x = c.input(0);
  const [rows = -1, columns = -1] = x.shape?.slice(-2) ?? [];
  if (rows < 0 || columns < 0) throw new ModelError('unsupported', 'needs matrices of known size.');
  const lower = c.number(1, 'number of lower diagonals');
  const upper = c.number(2, 'number of upper diagonals');
  const mask = Array.from({ length: rows * columns }, (_, at) => {
    const below = Math.floor(at / columns) - (at % columns);
    return Number((lower < 0 || below <= lower) && (upper < 0 || -below <= upper));
  });
  return [c.emit('SELECT_V2', [c.make('bool', mask, [rows, columns]), x, c.scalar(x, 0)])];
};

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
