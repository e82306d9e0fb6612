import type { DType } from '../../ir/tensor.js';
import type { Code, Expr } from '../../wasm/code.js';
import { f32x4, f64x2, i8x16, i16x8, i32x4, i64x2, v128 } from '../../wasm/instructions.js';
import type { Local, Locals } from '../../wasm/module.js';
import { highHalf, joinLow } from '../emit/doubles.js';

type Vector = Expr<'v128'>;

/** A function of vectors of several element types. */
export interface TypedFunction {
  /** Elements that it takes at once. */
  readonly lanes: number;
  readonly apply: (locals: Locals, operands: readonly Vector[], out: Local<'v128'>) => Code;
}

const simple = (lanes: number, f: (x: Vector, y: Vector, z: Vector) => Vector): TypedFunction => ({
  lanes,
  apply: (_, [x, y, z], out) => out.set(f(x as Vector, y as Vector, z as Vector)),
});

const choose = (mask: Vector, yes: Vector, no: Vector): Vector => v128.bitselect(yes, no, mask);

const INTEGERS: Readonly<Record<string, (x: Vector, y: Vector) => Vector>> = {
  ABS: i32x4.abs,
  ADD: i32x4.add,
  MAXIMUM: i32x4.maxS,
  MINIMUM: i32x4.minS,
  MUL: i32x4.mul,
  NEG: i32x4.neg,
  SQUARE: (x) => i32x4.mul(x, x),
  SQUARED_DIFFERENCE: (x, y) => i32x4.mul(i32x4.sub(x, y), i32x4.sub(x, y)),
  SUB: i32x4.sub,
};

const LONG_INTEGERS: Readonly<Record<string, (x: Vector, y: Vector) => Vector>> = {
  ABS: i64x2.abs,
  ADD: i64x2.add,
  MAXIMUM: (x, y) => choose(i64x2.gtS(x, y), x, y),
  MINIMUM: (x, y) => choose(i64x2.ltS(x, y), x, y),
  MUL: i64x2.mul,
  NEG: i64x2.neg,
  SUB: i64x2.sub,
};

/**
 * Quotients of 32-bit integers by way of doubles, in which they are exact enough to be rounded to the right integer.
 * Divisors must not be zero.
 */
const quotient =
  (round: (x: Vector) => Vector) =>
  (x: Vector, y: Vector): Vector => {
    const part = (a: Vector, b: Vector) =>
      i32x4.truncSatF64(round(f64x2.div(f64x2.convertLowI32(a), f64x2.convertLowI32(b))));
    return joinLow(part(x, y), part(highHalf(x), highHalf(y)));
  };
const floorQuotient = quotient(f64x2.floor);

/** Functions that divide 32-bit integers: for divisors that are known not to be zero. */
export const integerDivisions: Readonly<Record<string, TypedFunction>> = {
  DIV: simple(4, quotient(f64x2.trunc)),
  FLOOR_DIV: simple(4, floorQuotient),
  FLOOR_MOD: simple(4, (x, y) => i32x4.sub(x, i32x4.mul(floorQuotient(x, y), y))),
};

/** Four masks as four bytes of 0 or 1. */
const bytesOfMask4 = (mask: Vector): Vector => {
  const ones = v128.and(mask, i32x4.const(1));
  return v128.shuffle(ones, ones, [0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12]);
};
const bytesOfMask2 = (mask: Vector): Vector => {
  const ones = v128.and(mask, i32x4.const(1));
  return v128.shuffle(ones, ones, [0, 8, 0, 8, 0, 8, 0, 8, 0, 8, 0, 8, 0, 8, 0, 8]);
};

const COMPARISONS = {
  EQUAL: 'eq',
  GREATER: 'gt',
  GREATER_EQUAL: 'ge',
  LESS: 'lt',
  LESS_EQUAL: 'le',
  NOT_EQUAL: 'ne',
} as const;

function comparison(op: keyof typeof COMPARISONS, dtype: DType): TypedFunction | undefined {
  const name = COMPARISONS[op];
  const signed = name === 'eq' || name === 'ne' ? name : (`${name}S` as const);
  if (dtype === 'f32') return simple(4, (x, y) => bytesOfMask4(f32x4[name](x, y)));
  if (dtype === 'i32') return simple(4, (x, y) => bytesOfMask4(i32x4[signed](x, y)));
  if (dtype === 'i64') return simple(2, (x, y) => bytesOfMask2(i64x2[signed](x, y)));
  if (dtype === 'bool' && (name === 'eq' || name === 'ne'))
    return simple(16, (x, y) => v128.and(i8x16[name](x, y), i8x16.const(1)));
  return undefined;
}

const LOGICAL: Readonly<Record<string, TypedFunction>> = {
  LOGICAL_AND: simple(16, v128.and),
  LOGICAL_NOT: simple(16, (x) => v128.and(i8x16.eq(x, i8x16.const(0)), i8x16.const(1))),
  LOGICAL_OR: simple(16, v128.or),
};

/** Elements of y where the byte of the condition is not zero, else of z, for elements of 1, 2, 4 or 8 bytes. */
export function selection(bytes: number): TypedFunction | undefined {
  const notEqual = ({ 1: i8x16.ne, 2: i16x8.ne, 4: i32x4.ne, 8: i64x2.ne } as const)[bytes];
  if (!notEqual) return undefined;
  const spread = Array.from({ length: 16 }, (_, i) => Math.floor(i / bytes));
  return simple(16 / bytes, (condition, x, y) =>
    choose(notEqual(v128.shuffle(condition, condition, spread), i32x4.const(0)), x, y),
  );
}

const lowBytes = (x: Vector): Vector => v128.shuffle(x, x, [0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12]);
const fromI8 = (x: Vector): Vector => i32x4.extendLowI16(i16x8.extendLowI8(x));
const fromU8 = (x: Vector): Vector => i32x4.extendLowU16(i16x8.extendLowU8(x));
const between = (x: Vector, low: number, high: number): Vector =>
  i32x4.minS(i32x4.maxS(x, i32x4.const(low)), i32x4.const(high));
const isTrue = (x: Vector): Vector => bytesOfMask4(i32x4.ne(x, i32x4.const(0)));

/** 64-bit integers as floats: the high half counts 2^32. */
function fromI64(x: Vector): Vector {
  const high = v128.shuffle(x, x, [4, 5, 6, 7, 12, 13, 14, 15, 4, 5, 6, 7, 12, 13, 14, 15]);
  const sum = f64x2.add(f64x2.mul(f64x2.convertLowI32(high), f64x2.const(2 ** 32)), f64x2.convertLowU32(evenLanes(x)));
  return f32x4.demoteF64(sum);
}
const evenLanes = (x: Vector): Vector => v128.shuffle(x, x, [0, 1, 2, 3, 8, 9, 10, 11, 0, 1, 2, 3, 8, 9, 10, 11]);

/** Casts by the types they are from and to. */
const CASTS: Readonly<Record<string, TypedFunction>> = {
  'f32 i32': simple(4, i32x4.truncSatF32),
  'f32 i8': simple(4, (x) => lowBytes(between(i32x4.truncSatF32(x), -128, 127))),
  'f32 u8': simple(4, (x) => lowBytes(between(i32x4.truncSatF32(x), 0, 255))),
  'f32 bool': simple(4, (x) => bytesOfMask4(f32x4.ne(x, f32x4.const(0)))),
  'i32 f32': simple(4, f32x4.convertI32),
  'i32 i8': simple(4, lowBytes),
  'i32 u8': simple(4, lowBytes),
  'i32 bool': simple(4, isTrue),
  'i32 i64': simple(2, i64x2.extendLowI32),
  'i64 i32': simple(2, evenLanes),
  'i64 f32': simple(2, fromI64),
  'i64 bool': simple(2, (x) => bytesOfMask2(i64x2.ne(x, i32x4.const(0)))),
  'i8 f32': simple(4, (x) => f32x4.convertI32(fromI8(x))),
  'i8 i32': simple(4, fromI8),
  'u8 f32': simple(4, (x) => f32x4.convertI32(fromU8(x))),
  'u8 i32': simple(4, fromU8),
  'bool f32': simple(4, (x) => f32x4.convertI32(fromU8(x))),
  'bool i32': simple(4, fromU8),
  'bool i64': simple(2, (x) => i64x2.extendLowI32(fromU8(x))),
};

/** The function of an operator on plain elements of that type, to elements of type `to`; undefined when there is none. */
export function typedFunction(op: string, dtype: DType, to: DType): TypedFunction | undefined {
  if (op === 'CAST') return CASTS[`${dtype} ${to}`];
  if (op in COMPARISONS) return comparison(op as keyof typeof COMPARISONS, dtype);
  if (dtype === 'bool') return LOGICAL[op];
  const table = dtype === 'i32' ? INTEGERS : dtype === 'i64' ? LONG_INTEGERS : undefined;
  const f = table?.[op];
  return f && simple(dtype === 'i32' ? 4 : 2, f);
}

/** Operators that {@link typedFunction} or {@link integerDivisions} have for some types. */
export const typedOps = [...new Set(['CAST', ...Object.keys(COMPARISONS), ...Object.keys(LOGICAL), ...Object.keys(INTEGERS), ...Object.keys(integerDivisions)])]; // biome-ignore format: one list
