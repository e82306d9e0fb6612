import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import type { Lower, Lowering } from './context.js';
import { reshape, sizesOf } from './shapes.js';

/** Largest matrices whose elements are computed one by one. */
const LARGEST = 4;

/** The elements of square matrices `[…, n, n]`, row by row, each `[…, 1]`. */
interface Elements {
  readonly n: number;
  at(row: number, column: number): Value;
}

function elementsOf(c: Lowering, x: Value): Elements {
  const [n = -1, columns = -1] = x.shape?.slice(-2) ?? [];
  if (n < 1 || n !== columns || n > LARGEST)
    throw new ModelError(
      'unsupported',
      `works on matrices of ${n < 0 ? 'unknown size' : `${n} x ${columns}`}; up to ${LARGEST} x ${LARGEST} they can be written out.`,
    );
  const flat = reshape(c, x, [...sizesOf(c, x).slice(0, -2), n * n]);
  const parts = n === 1 ? [flat] : c.emitAll('SPLIT', [c.i32((x.shape?.length ?? 2) - 2), flat], { numSplits: n * n });
  return { n, at: (row, column) => parts[row * n + column] as Value };
}

/** Matrices `[…, n, n]` of elements in the order of rows. */
function matrixOf(c: Lowering, like: Value, n: number, elements: readonly Value[]): Value {
  const joined =
    n === 1 ? (elements[0] as Value) : c.emit('CONCATENATION', elements, { axis: (like.shape?.length ?? 2) - 2 });
  return reshape(c, joined, [...sizesOf(c, like).slice(0, -2), n, n]);
}

const product = (c: Lowering, a: Value, b: Value): Value => c.emit('MUL', [a, b]);

/** Determinants of parts of a matrix, each computed once: along its first row. */
function minors(c: Lowering, { at }: Elements): (rows: readonly number[], columns: readonly number[]) => Value {
  const known = new Map<string, Value>();
  const minor = (rows: readonly number[], columns: readonly number[]): Value => {
    const [first = 0, ...rest] = rows;
    if (rest.length === 0) return at(first, columns[0] as number);
    const key = `${rows}|${columns}`;
    const found = known.get(key);
    if (found) return found;
    const terms = columns.map((column) => product(c, at(first, column), minor(rest, columns.filter((k) => k !== column)))); // biome-ignore format: one term
    const sum = terms.slice(1).reduce((a, b, i) => c.emit(i % 2 === 0 ? 'SUB' : 'ADD', [a, b]), terms[0] as Value);
    known.set(key, sum);
    return sum;
  };
  return minor;
}

const upTo = (n: number): number[] => [...Array(n).keys()];
const without = (n: number, k: number): number[] => upTo(n).filter((i) => i !== k);

/** The adjugate over the determinant. */
function inverse(c: Lowering, x: Value): Value {
  const elements = elementsOf(c, x);
  const { n } = elements;
  const minor = minors(c, elements);
  const share = c.emit('DIV', [c.scalar(x, 1), minor(upTo(n), upTo(n))]);
  if (n === 1) return matrixOf(c, x, n, [share]);
  const cofactor = (row: number, column: number): Value => {
    const size = minor(without(n, row), without(n, column));
    return (row + column) % 2 === 0 ? size : c.emit('NEG', [size]);
  };
  const all = upTo(n * n).map((i) => product(c, cofactor(i % n, Math.floor(i / n)), share));
  return matrixOf(c, x, n, all);
}

const isAdjoint = (c: Lowering): boolean => c.attrs.bool('adjoint', false);

const matrixInverse: Lower = (c) => {
  const result = inverse(c, c.input(0));
  if (!isAdjoint(c)) return [result];
  const rank = c.rank(result, 'its input');
  const order = [...upTo(rank - 2), rank - 1, rank - 2];
  return [c.emit('TRANSPOSE', [result, c.i32(order)])];
};

const solve: Lower = (c) => [
  c.emit('BATCH_MATMUL', [inverse(c, c.input(0)), c.input(1)], { adjX: isAdjoint(c), adjY: false }),
];

/** The other triangle does not count. */
const triangularSolve: Lower = (c) => {
  const x = c.input(0);
  const { n, at } = elementsOf(c, x);
  const isLower = c.attrs.bool('lower', true);
  const kept = upTo(n * n).map((i) => {
    const [row, column] = [Math.floor(i / n), i % n];
    const element = at(row, column);
    return (isLower ? column <= row : column >= row) ? element : c.emit('MUL', [element, c.scalar(element, 0)]);
  });
  const triangle = inverse(c, matrixOf(c, x, n, kept));
  return [c.emit('BATCH_MATMUL', [triangle, c.input(1)], { adjX: isAdjoint(c), adjY: false })];
};

function determinant(c: Lowering): Value {
  const x = c.input(0);
  const elements = elementsOf(c, x);
  const value = minors(c, elements)(upTo(elements.n), upTo(elements.n));
  return reshape(c, value, sizesOf(c, x).slice(0, -2));
}

const logDeterminant: Lower = (c) => {
  const value = determinant(c);
  return [c.emit('SIGN', [value]), c.emit('LOG', [c.emit('ABS', [value])])];
};

/** The lower triangle whose product with itself is the matrix, row by row. */
const cholesky: Lower = (c) => {
  const x = c.input(0);
  const { n, at } = elementsOf(c, x);
  const zero = c.emit('MUL', [at(0, 0), c.scalar(x, 0)]);
  const made: Value[] = new Array<Value>(n * n).fill(zero);
  const of = (row: number, column: number): Value => made[row * n + column] as Value;
  for (const row of upTo(n))
    for (const column of upTo(row + 1)) {
      const rest = upTo(column).reduce(
        (sum, k) => c.emit('SUB', [sum, product(c, of(row, k), of(column, k))]),
        at(row, column),
      );
      made[row * n + column] = row === column ? c.emit('SQRT', [rest]) : c.emit('DIV', [rest, of(column, column)]);
    }
  return [matrixOf(c, x, n, made)];
};

/** The product of vectors that is at right angles to both. */
const cross: Lower = (c) => {
  const [a, b] = [c.input(0), c.input(1)].map((x) => c.emitAll('SPLIT', [c.i32(-1), x], { numSplits: 3 }));
  const part = (i: number): Value => {
    const [j, k] = [(i + 1) % 3, (i + 2) % 3];
    const [first, second] = [[j, k], [k, j]].map(([p = 0, q = 0]) => product(c, a?.[p] as Value, b?.[q] as Value)); // biome-ignore format: two products
    return c.emit('SUB', [first, second]);
  };
  return [c.emit('CONCATENATION', [part(0), part(1), part(2)], { axis: -1 })];
};

/** Inverses, determinants and the like of small matrices. */
export const matrixFunctions: Readonly<Record<string, Lower>> = {
  BatchMatrixDeterminant: (c) => [determinant(c)],
  BatchMatrixInverse: matrixInverse,
  Cholesky: cholesky,
  Cross: cross,
  LogMatrixDeterminant: logDeterminant,
  MatrixDeterminant: (c) => [determinant(c)],
  MatrixInverse: matrixInverse,
  MatrixSolve: solve,
  MatrixTriangularSolve: triangularSolve,
};
