import { describe } from 'vitest';
import { type KernelCase, testKernels } from '../kernel-case.js';

const SPECIAL = Float32Array.of(
  Number.NaN,
  Infinity,
  -Infinity,
  0,
  -0,
  1,
  -1,
  7.5,
  -7.5,
  100,
  -100,
  0.25,
  -1e-3,
  2.5,
  3.5,
  -2.5,
  6,
);

const unary = (op: string, options = '', size = 17, dtype = 'f32'): KernelCase => ({
  graph: `graph main(%x: ${dtype}[${size}]) {
  %y = ${op}(%x) ${options} : ${dtype}[${size}]
  return %y
}`,
});

/** The runtime has no reference kernels of these. */
const OPTIMIZED_ONLY = new Set(['CEIL', 'ELU', 'ROUND']);

const special = (op: string, options = ''): KernelCase => ({
  ...unary(op, options),
  inputs: { x: SPECIAL },
  ...(OPTIMIZED_ONLY.has(op) && { oracle: 'builtin' }),
});

const binary = (
  op: string,
  a: string,
  b: string,
  out: string,
  dtype = 'f32',
  to = dtype,
  options = '',
): KernelCase => ({
  graph: `graph main(%a: ${dtype}[${a}], %b: ${dtype}[${b}]) {
  %y = ${op}(%a, %b) ${options} : ${to}[${out}]
  return %y
}`,
});

// The reference kernels of arithmetic clamp infinities to the largest number, and division by zero is an error of some.
const CLAMPED = new Set(['ADD', 'SUB', 'MUL', 'DIV']);
const isTaken = (op: string, x: number) => !CLAMPED.has(op) || Math.abs(x) < Infinity || Number.isNaN(x);

const specialPairs = (op: string, to = 'f32'): KernelCase => {
  const pairs = [...SPECIAL]
    .flatMap((x) => [...SPECIAL].map((y) => [x, y] as const))
    .filter(([x, y]) => isTaken(op, x) && isTaken(op, y) && (!op.endsWith('DIV') || y !== 0));
  const shape = String(pairs.length);
  return {
    ...binary(op, shape, shape, shape, 'f32', to),
    inputs: { a: Float32Array.from(pairs, ([x]) => x), b: Float32Array.from(pairs, ([, y]) => y) },
  };
};

const each = <T>(list: readonly T[], make: (item: T) => readonly [string, KernelCase]) =>
  Object.fromEntries(list.map(make));

const UNARY = ['ABS', 'CEIL', 'COS', 'ELU', 'EXP', 'FLOOR', 'LOGISTIC', 'NEG', 'RELU', 'RELU6', 'RELU_0_TO_1', 'RELU_N1_TO_1', 'ROUND', 'SIGN', 'SIN', 'SQUARE', 'TANH', 'ZEROS_LIKE', 'LOG', 'SQRT', 'RSQRT', 'HARD_SWISH']; // biome-ignore format: one list

describe('functions of one float equal the reference kernels', () => {
  testKernels(each(UNARY, (op) => [`${op} of special numbers`, special(op)]));
  testKernels(each(['ABS', 'EXP', 'TANH', 'SIN', 'SIGN'], (op) => [`${op} of 33 numbers`, unary(op, '', 33)]));
  testKernels({
    'GELU of special numbers': {
      ...special('GELU', '{approximate: false}'),
      // The reference kernel gives NaN for -infinity.
      inputs: { x: SPECIAL.map((x) => (x === -Infinity ? -9 : x)) },
    },
    'GELU by tanh of special numbers': special('GELU', '{approximate: true}'),
    'GELU of 1 number': unary('GELU', '{approximate: false}', 1),
    'GELU by tanh of 5 numbers': unary('GELU', '{approximate: true}', 5),
  });
});

const BINARY = ['ADD', 'SUB', 'MUL', 'DIV', 'MAXIMUM', 'MINIMUM', 'SQUARED_DIFFERENCE', 'FLOOR_DIV'];
const COMPARISONS = ['EQUAL', 'NOT_EQUAL', 'LESS', 'LESS_EQUAL', 'GREATER', 'GREATER_EQUAL'];

describe('functions of two floats equal the reference kernels', () => {
  testKernels(each(BINARY, (op) => [`${op} of special numbers`, specialPairs(op)]));
  testKernels(each(COMPARISONS, (op) => [`${op} of special numbers`, specialPairs(op, 'bool')]));
  const finite = [...SPECIAL].filter(Number.isFinite);
  const pairs = finite.flatMap((x) => finite.filter((y) => y !== 0).map((y) => [x, y] as const));
  const a = Float32Array.from(pairs, ([x]) => x);
  const b = Float32Array.from(pairs, ([, y]) => y);
  const shape = String(pairs.length);
  testKernels({
    FLOOR_MOD: { ...binary('FLOOR_MOD', shape, shape, shape), inputs: { a, b } },
    POW: { ...binary('POW', shape, shape, shape), inputs: { a: a.map(Math.abs), b: b.map((y) => y % 10) } },
    ...each([0.5, -0.5, 1, 2, 3, 1.7, -1], (power) => [
      `POW to ${power}`,
      {
        graph: `graph main(%x: f32[7]) {
  @p = const f32[] [${power}]
  %y = POW(%x, @p) : f32[7]
  return %y
}`,
        inputs: { x: Float32Array.of(0.1, 1, 2, 3.5, 10, 0.001, 5) },
      },
    ]),
  });
});

const SHAPES = [
  ['2,3,5,1', '2,3,5,7', '2,3,5,7'],
  ['2,3,5,7', '2,3,5,1', '2,3,5,7'],
  ['1,1,1,9', '4,1,1,9', '4,1,1,9'],
  ['5,1', '1,6', '5,6'],
  ['33,1', '1,33', '33,33'],
  ['2,1,3', '2,5,3', '2,5,3'],
  ['3,1,17', '1,4,1', '3,4,17'],
  ['2,1,3,1,5', '1,4,1,3,1', '2,4,3,3,5'],
  ['2,1,2,1,2,1', '1,3,1,3,1,3', '2,3,2,3,2,3'],
  ['7', '2,3,7', '2,3,7'],
  ['1', '2,3,7', '2,3,7'],
  ['3,1,1', '4', '3,1,4'],
] as const;

describe('operands broadcast to one another', () => {
  testKernels(
    each(
      SHAPES.filter(([, , out]) => out.split(',').length < 5),
      ([a, b, out]) => [`ADD of [${a}] and [${b}]`, binary('ADD', a, b, out)],
    ),
  );
  testKernels(
    each(
      SHAPES.filter(([, , out]) => out.split(',').length < 5),
      ([a, b, out]) => [
        `SUB of [${a}] and [${b}] with RELU`,
        binary('SUB', a, b, out, 'f32', 'f32', '{fusedActivationFunction: RELU}'),
      ],
    ),
  );
  testKernels(
    each(
      SHAPES.filter(([, , out]) => out.split(',').length < 5),
      ([a, b, out]) => [`GREATER of [${a}] and [${b}]`, binary('GREATER', a, b, out, 'f32', 'bool')],
    ),
  );
  testKernels(each(SHAPES.slice(7, 9), ([a, b, out]) => [`ADD of [${a}] and [${b}]`, binary('ADD', a, b, out)]));
  testKernels({
    'MUL along the last axis with stages behind': {
      graph: `graph main(%a: f32[2,3,5,1], %b: f32[2,3,5,7], %c: f32[2,3,5,7]) {
  @s = const f32[7]
  %m = MUL(%a, %b) : f32[2,3,5,7]
  %n = ADD(%m, @s) : f32[2,3,5,7]
  %o = MUL(%n, %c) : f32[2,3,5,7]
  %y = TANH(%o) : f32[2,3,5,7]
  return %y
}`,
      kernel: 'broadcast_f32',
    },
  });
});

const INTEGER_BINARY = ['ADD', 'SUB', 'MUL', 'MAXIMUM', 'MINIMUM'];
const integers = Int32Array.from({ length: 35 }, (_, i) => (i - 17) * 123456789);

const divided = (op: string, dtype: string): KernelCase => ({
  graph: `graph main(%x: ${dtype}[35]) {
  @d = const ${dtype}[5] [3, -7, 1, 65537, -1000]
  %r = RESHAPE(%x) {newShape: [7, 5]} : ${dtype}[7,5]
  %y = ${op}(%r, @d) : ${dtype}[7,5]
  return %y
}`,
  inputs: { x: integers },
});

describe('integers and truth values equal the reference kernels', () => {
  testKernels(
    each(INTEGER_BINARY, (op) => [
      `${op} of i32`,
      { ...binary(op, '7,5', '5', '7,5', 'i32'), inputs: { a: integers, b: Int32Array.of(1, -2, 7, 2 ** 30, -5) } },
    ]),
  );
  testKernels(each(INTEGER_BINARY, (op) => [`${op} of i64`, binary(op, '7,1', '1,5', '7,5', 'i64')]));
  testKernels(each(COMPARISONS, (op) => [`${op} of i32`, binary(op, '7,5', '7,5', '7,5', 'i32', 'bool')]));
  testKernels(each(COMPARISONS, (op) => [`${op} of i64`, binary(op, '7,5', '5', '7,5', 'i64', 'bool')]));
  testKernels(
    each(['LOGICAL_AND', 'LOGICAL_OR', 'EQUAL', 'NOT_EQUAL'], (op) => [
      `${op} of bool`,
      binary(op, '7,5', '7,1', '7,5', 'bool'),
    ]),
  );
  testKernels(each(['DIV', 'FLOOR_DIV', 'FLOOR_MOD'], (op) => [`${op} of i32`, divided(op, 'i32')]));
  testKernels({
    LOGICAL_NOT: unary('LOGICAL_NOT', '', 33, 'bool'),
    'ABS of i32': { ...unary('ABS', '', 35, 'i32'), inputs: { x: integers }, oracle: 'builtin' },
  });
});

const selects = (op: string, condition: string, x: string, y: string, out: string, dtype = 'f32'): KernelCase => ({
  graph: `graph main(%c: bool[${condition}], %x: ${dtype}[${x}], %y: ${dtype}[${y}]) {
  %z = ${op}(%c, %x, %y) : ${dtype}[${out}]
  return %z
}`,
});

describe('SELECT equals the reference kernels', () => {
  testKernels({
    'SELECT of equal shapes': selects('SELECT', '3,7', '3,7', '3,7', '3,7'),
    'SELECT with a condition for each row': selects('SELECT', '3', '3,7', '3,7', '3,7'),
    'SELECT with a scalar': selects('SELECT', '', '7', '7', '7', 'i32'),
    'SELECT_V2 of equal shapes': selects('SELECT_V2', '33', '33', '33', '33'),
    'SELECT_V2 of i64': selects('SELECT_V2', '3,5', '3,5', '3,5', '3,5', 'i64'),
    'SELECT_V2 of bool': selects('SELECT_V2', '3,5', '3,5', '3,5', '3,5', 'bool'),
    'SELECT_V2 with a column': selects('SELECT_V2', '3,1', '3,7', '1,7', '3,7'),
    'SELECT_V2 with a scalar for all': selects('SELECT_V2', '2,3,7', '2,3,7', '1', '2,3,7', 'i32'),
    'SELECT_V2 with a mask of rows and columns': selects('SELECT_V2', '1,1,5,7', '2,3,5,7', '1', '2,3,5,7'),
  });
});

const TYPES = { f32: 'FLOAT32', i32: 'INT32', i64: 'INT64', i8: 'INT8', u8: 'UINT8', bool: 'BOOL' } as const;
type Type = keyof typeof TYPES;

const casts = (from: Type, to: Type, x?: KernelCase['inputs']): readonly [string, KernelCase] => [
  `CAST of ${from} to ${to}`,
  {
    graph: `graph main(%x: ${from}[35]) {
  %y = CAST(%x) {inDataType: ${TYPES[from]}, outDataType: ${TYPES[to]}} : ${to}[35]
  return %y
}`,
    ...(x && { inputs: x }),
  },
];

const floats = { x: Float32Array.from({ length: 35 }, (_, i) => (i - 17) * 1.37) };
const longs = { x: BigInt64Array.from({ length: 35 }, (_, i) => BigInt(i - 17) * 12345678901234n) };

describe('CAST equals the reference kernels', () => {
  testKernels(
    Object.fromEntries([
      casts('f32', 'i32', floats),
      casts('f32', 'i8', floats),
      casts('f32', 'u8', { x: floats.x.map(Math.abs) }),
      casts('f32', 'bool', floats),
      casts('i32', 'f32', { x: integers }),
      casts('i32', 'i8', { x: integers }),
      casts('i32', 'bool'),
      casts('i32', 'i64', { x: integers }),
      casts('i64', 'i32', longs),
      casts('i64', 'f32', longs),
      casts('i64', 'bool'),
      casts('i8', 'f32'),
      casts('i8', 'i32'),
      casts('u8', 'f32'),
      casts('u8', 'i32'),
      casts('bool', 'f32'),
      casts('bool', 'i32'),
      casts('bool', 'i64'),
    ]),
  );
});
