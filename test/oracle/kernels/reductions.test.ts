import { describe } from 'vitest';
import { type KernelCase, testKernels } from '../kernel-case.js';

const reduction = (
  op: string,
  input: string,
  axes: readonly number[],
  output: string,
  dtype = 'f32',
  keepDims = false,
): KernelCase => ({
  graph: `graph main(%x: ${dtype}[${input}]) {
  @axes = const i32[${axes.length}] [${axes}]
  %y = ${op}(%x, @axes) {keepDims: ${keepDims}} : ${dtype}[${output}]
  return %y
}`,
});

const each = <T>(list: readonly T[], make: (item: T) => readonly [string, KernelCase]) =>
  Object.fromEntries(list.map(make));

const FORMS = [
  ['33', [0], ''],
  ['3,7', [1], '3'],
  ['5,3', [-1], '5'],
  ['7,1', [1], '7'],
  ['2,5,7,17', [1, 2], '2,17'],
  ['1,5,7,33', [1, 2], '1,33'],
  ['2,5,7,3', [0, 1, 2], '3'],
  ['2,5,7,20', [3, 0], '5,7'],
  ['2,3,4,5', [0, 2], '3,5'],
  ['2,3,4,5', [1, 3], '2,4'],
  ['3,4,5', [0, 1, 2], ''],
  ['50,130', [0], '130'],
] as const;
const OPS = ['SUM', 'MEAN', 'REDUCE_MAX', 'REDUCE_MIN', 'REDUCE_PROD'];

describe('reductions equal the reference kernels', () => {
  for (const op of OPS)
    testKernels(each(FORMS, ([x, axes, y]) => [`${op} of [${x}] along ${axes}`, reduction(op, x, axes, y)]));
  testKernels(
    each(['SUM', 'REDUCE_MAX', 'REDUCE_MIN', 'REDUCE_PROD'], (op) => [
      `${op} of i32`,
      reduction(op, '3,7,5', [0, 2], '7', 'i32'),
    ]),
  );
  testKernels({
    'MEAN that keeps axes': reduction('MEAN', '1,4,5,6', [1, 2], '1,1,1,6', 'f32', true),
    'SUM of infinities and NaN': {
      ...reduction('SUM', '3,5', [1], '3'),
      inputs: { x: Float32Array.from([1, 2, Infinity, 4, 5, 1, 2, Number.NaN, 4, 5, 1, 2, 3, 4, 5]) },
    },
    'REDUCE_MAX of infinities': {
      ...reduction('REDUCE_MAX', '2,5', [1], '2'),
      inputs: { x: Float32Array.from([1, 2, Infinity, 4, 5, -1, -2, -Infinity, -4, -5]) },
    },
  });
});

const place = (op: string, input: string, output: string, type = 'INT32', dtype = 'i32'): KernelCase => ({
  graph: `graph main(%x: f32[${input}]) {
  @axis = const i32[] [-1]
  %y = ${op}(%x, @axis) {outputType: ${type}} : ${dtype}[${output}]
  return %y
}`,
});

const bytePlace = (op: string, dtype: string, input: string, output: string): KernelCase => ({
  graph: place(op, input, output).graph.replace(`f32[${input}]`, `${dtype}[${input}] q(0.05, 3)`),
});

describe('places of extremes equal the reference kernels', () => {
  const steps = { x: Float32Array.from({ length: 7 * 33 }, (_, i) => ((i * 7919) % 11) - 5) };
  for (const op of ['ARG_MAX', 'ARG_MIN'])
    testKernels({
      [`${op} of rows`]: place(op, '7,33', '7'),
      [`${op} of rows, as i64`]: place(op, '7,33', '7', 'INT64', 'i64'),
      [`${op} of equal numbers is the first`]: { ...place(op, '7,33', '7'), inputs: steps },
      [`${op} of short rows`]: place(op, '5,6,3', '5,6'),
      [`${op} of rows of one`]: place(op, '5,1', '5'),
      [`${op} of bytes`]: { ...bytePlace(op, 'i8', '7,33', '7'), kernel: 'arg_rows_i8' },
      [`${op} of short rows of unsigned bytes`]: { ...bytePlace(op, 'u8', '5,6,3', '5,6'), kernel: 'arg_rows_u8' },
    });
});
