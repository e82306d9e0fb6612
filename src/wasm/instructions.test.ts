import { describe, expect, it } from 'vitest';
import { seededRandom } from '../ir/seeded.js';
import { askForRelaxedSimd } from '../node/runtime.js';
import type { Code, Expr } from './code.js';
import { detectFeatures } from './features.js';
import * as all from './instructions.js';
import {
  f32,
  f32x4,
  f64x2,
  i8x16,
  i16x8,
  i32,
  i32x4,
  i64,
  i64x2,
  memoryCopy,
  memoryFill,
  v128,
} from './instructions.js';
import { WasmModule } from './module.js';
import { instantiate, runCode } from './testing.js';

type Numbers =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;
type Lanes = Numbers | BigInt64Array | BigUint64Array;
type Kind<T extends Lanes = Lanes> = { new (bytes: ArrayBuffer): T; readonly BYTES_PER_ELEMENT: number };

const f = Math.fround;
const clamp = (low: number, high: number) => (x: number) => Math.min(high, Math.max(low, x));
const [toI8, toU8, toI16] = [clamp(-128, 127), clamp(0, 255), clamp(-32768, 32767)];
const truncated = (low: number, high: number) => (x: number) => (Number.isNaN(x) ? 0 : clamp(low, high)(Math.trunc(x)));
const toI32 = truncated(-(2 ** 31), 2 ** 31 - 1);
/** Halves go to the even neighbour. */
const nearest = (x: number) => {
  const low = Math.floor(x);
  const isTie = x - low === 0.5;
  const y = isTie ? low + (Math.abs(low) % 2) : Math.round(x);
  return y === 0 && (x < 0 || Object.is(x, -0)) ? -0 : y;
};
const least = (a: number, b: number) => (Number.isNaN(a) || Number.isNaN(b) ? Number.NaN : Math.min(a, b));
const greatest = (a: number, b: number) => (Number.isNaN(a) || Number.isNaN(b) ? Number.NaN : Math.max(a, b));

/** Sixteen bytes each, random ones and corners of every type. */
const samples: readonly Uint8Array[] = (() => {
  const random = seededRandom('lanes');
  const bytes = Array.from({ length: 8 }, () => Uint8Array.from({ length: 16 }, () => random() * 256));
  const of = (lanes: Lanes) => new Uint8Array(lanes.buffer as ArrayBuffer);
  return [
    ...bytes,
    of(Float32Array.of(1.5, -2.5, 0.5, -0)),
    of(Float32Array.of(3.75, Number.NaN, 1e20, -1e20)),
    of(Float32Array.of(0, 7, -7.25, 1e-20)),
    of(Float64Array.of(2.5, -1e300)),
    of(Float64Array.of(-3.75, 3e9)),
    of(Int32Array.of(-(2 ** 31), 2 ** 31 - 1, -1, 0)),
    of(Int16Array.of(-32768, -32768, 32767, 32767, -1, 0, 1, 255)),
    of(Int8Array.of(-128, -128, 127, 127, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)),
    new Uint8Array(16),
  ];
})();
const pairs = samples.flatMap((a, i) => [a, samples[(i + 3) % samples.length]!, samples[(i + 7) % samples.length]!].map((b) => [a, b] as const)); // biome-ignore format: one line
const copied = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer;

/** What instructions of one kind give, lane by lane, computed in JavaScript. */
interface Check {
  readonly code: Code;
  expected(a: Uint8Array, b: Uint8Array): Lanes;
  readonly out: Kind;
}

const x = v128.load(i32.const(0));
const y = v128.load(i32.const(16));

/** `lane(i, a, b)` is lane i of the result, of vectors `a`, `b` seen as `from`. */
function vector<T extends Lanes>(
  value: Expr<'v128'>,
  from: Kind<T>,
  lane: (i: number, a: T, b: T) => number | bigint,
  out: Kind = from,
): Check {
  return {
    code: v128.store(i32.const(32), value),
    out,
    expected(a, b) {
      const [va, vb] = [new from(copied(a)), new from(copied(b))];
      const result = new out(new ArrayBuffer(16));
      for (let i = 0; i < result.length; i++) result[i] = lane(i, va, vb);
      return result;
    },
  };
}

/** A scalar of the first 32 bits of both, seen as `from`. */
function scalar<T extends Numbers>(
  value: Expr<'i32'> | Expr<'f32'>,
  from: Kind<T>,
  compute: (a: number, b: number, bytes: DataView) => number,
  out: Kind = from,
): Check {
  const isFloat = out === Float32Array;
  return {
    code: [
      v128.store(i32.const(32), v128.const(Array(16).fill(0))),
      isFloat ? f32.store(i32.const(32), value as Expr<'f32'>) : i32.store(i32.const(32), value as Expr<'i32'>),
    ],
    out,
    expected(a, b) {
      const result = new out(new ArrayBuffer(16));
      const bytes = new DataView(copied(a));
      result[0] = compute(new from(copied(a))[0] as number, new from(copied(b))[0] as number, bytes);
      return result;
    },
  };
}

const both = (op: (a: Expr<'v128'>, b: Expr<'v128'>) => Expr<'v128'>) => op(x, y);
type Two = (a: Expr<'v128'>, b: Expr<'v128'>) => Expr<'v128'>;
type One = (a: Expr<'v128'>) => Expr<'v128'>;
const mask = (yes: boolean) => (yes ? -1 : 0);
const mask64 = (yes: boolean) => (yes ? -1n : 0n);

const numbers = (kind: Kind<Numbers>) => ({
  two: (op: Two, lane: (a: number, b: number) => number, out: Kind = kind) =>
    vector<Numbers>(both(op), kind, (i, a, b) => lane(a[i]!, b[i]!), out),
  one: (op: One, lane: (a: number) => number, out: Kind = kind) =>
    vector<Numbers>(op(x), kind, (i, a) => lane(a[i]!), out),
});
const wide = {
  two: (op: Two, lane: (a: bigint, b: bigint) => bigint) =>
    vector<BigInt64Array>(both(op), BigInt64Array, (i, a, b) => lane(a[i]!, b[i]!)),
  one: (op: One, lane: (a: bigint) => bigint) => vector<BigInt64Array>(op(x), BigInt64Array, (i, a) => lane(a[i]!)),
};

/** Names with `__` before what they are used for are further rows of one instruction. */
type Table = Readonly<Record<string, Check>>;

const A = i32.load(i32.const(0));
const B = i32.load(i32.const(16));
const P = f32.load(i32.const(0));
const Q = f32.load(i32.const(16));
const I32 = Int32Array;
const U32 = Uint32Array;
const F32 = Float32Array;
/** A divisor that is neither 0 nor -1. */
const D = i32.or(i32.and(B, i32.const(0xff)), i32.const(2));
const divisor = (b: number) => (b & 0xff) | 2;

const i32Checks: Table = {
  const: scalar(i32.const(-123456), I32, () => -123456),
  add: scalar(i32.add(A, B), I32, (a, b) => a + b),
  sub: scalar(i32.sub(A, B), I32, (a, b) => a - b),
  mul: scalar(i32.mul(A, B), I32, Math.imul),
  divU: scalar(i32.divU(A, D), U32, (a, b) => Math.floor(a / divisor(b))),
  remU: scalar(i32.remU(A, D), U32, (a, b) => a % divisor(b)),
  divS: scalar(i32.divS(A, D), I32, (a, b) => Math.trunc(a / divisor(b))),
  and: scalar(i32.and(A, B), I32, (a, b) => a & b),
  or: scalar(i32.or(A, B), I32, (a, b) => a | b),
  xor: scalar(i32.xor(A, B), I32, (a, b) => a ^ b),
  shl: scalar(i32.shl(A, B), I32, (a, b) => a << b),
  shrS: scalar(i32.shrS(A, B), I32, (a, b) => a >> b),
  shrU: scalar(i32.shrU(A, B), U32, (a, b) => a >>> b),
  eqz: scalar(i32.eqz(A), I32, (a) => +(a === 0)),
  eq: scalar(i32.eq(A, B), I32, (a, b) => +(a === b)),
  ne: scalar(i32.ne(A, B), I32, (a, b) => +(a !== b)),
  ltS: scalar(i32.ltS(A, B), I32, (a, b) => +(a < b)),
  ltU: scalar(i32.ltU(A, B), U32, (a, b) => +(a < b)),
  gtS: scalar(i32.gtS(A, B), I32, (a, b) => +(a > b)),
  gtU: scalar(i32.gtU(A, B), U32, (a, b) => +(a > b)),
  leS: scalar(i32.leS(A, B), I32, (a, b) => +(a <= b)),
  leU: scalar(i32.leU(A, B), U32, (a, b) => +(a <= b)),
  geS: scalar(i32.geS(A, B), I32, (a, b) => +(a >= b)),
  geU: scalar(i32.geU(A, B), U32, (a, b) => +(a >= b)),
  load: scalar(i32.load(i32.const(1), 2), I32, (_a, _b, bytes) => bytes.getInt32(3, true)),
  load8S: scalar(i32.load8S(i32.const(5)), I32, (_a, _b, bytes) => bytes.getInt8(5)),
  load8U: scalar(i32.load8U(i32.const(5)), I32, (_a, _b, bytes) => bytes.getUint8(5)),
  load16S: scalar(i32.load16S(i32.const(5)), I32, (_a, _b, bytes) => bytes.getInt16(5, true)),
  load16U: scalar(i32.load16U(i32.const(5)), I32, (_a, _b, bytes) => bytes.getUint16(5, true)),
  select: scalar(i32.select(i32.ltS(A, B), A, B), I32, (a, b) => Math.min(a, b)),
  reinterpretF32: scalar(i32.reinterpretF32(P), I32, (a) => a),
  truncF32: scalar(i32.truncF32(P), F32, toI32, I32),
  wrapI64: scalar(i32.wrapI64(i64.load(i32.const(8))), I32, (_a, _b, bytes) => bytes.getInt32(8, true)),
};

const f32Checks: Table = {
  const: scalar(f32.const(0.1), F32, () => f(0.1)),
  abs: scalar(f32.abs(P), F32, Math.abs),
  neg: scalar(f32.neg(P), F32, (a) => -a),
  ceil: scalar(f32.ceil(P), F32, Math.ceil),
  floor: scalar(f32.floor(P), F32, Math.floor),
  nearest: scalar(f32.nearest(P), F32, nearest),
  sqrt: scalar(f32.sqrt(P), F32, Math.sqrt),
  add: scalar(f32.add(P, Q), F32, (a, b) => a + b),
  sub: scalar(f32.sub(P, Q), F32, (a, b) => a - b),
  mul: scalar(f32.mul(P, Q), F32, (a, b) => a * b),
  div: scalar(f32.div(P, Q), F32, (a, b) => a / b),
  min: scalar(f32.min(P, Q), F32, least),
  max: scalar(f32.max(P, Q), F32, greatest),
  eq: scalar(f32.eq(P, Q), F32, (a, b) => +(a === b), I32),
  ne: scalar(f32.ne(P, Q), F32, (a, b) => +(a !== b), I32),
  lt: scalar(f32.lt(P, Q), F32, (a, b) => +(a < b), I32),
  gt: scalar(f32.gt(P, Q), F32, (a, b) => +(a > b), I32),
  le: scalar(f32.le(P, Q), F32, (a, b) => +(a <= b), I32),
  ge: scalar(f32.ge(P, Q), F32, (a, b) => +(a >= b), I32),
  load: scalar(f32.load(i32.const(3), 1), F32, (_a, _b, bytes) => bytes.getFloat32(4, true)),
  convertI32S: scalar(f32.convertI32S(A), I32, (a) => a, F32),
  reinterpretI32: scalar(f32.reinterpretI32(A), F32, (a) => a),
  select: scalar(f32.select(i32.ltS(A, i32.const(0)), P, Q), F32, (a, b, bytes) => (bytes.getInt32(0, true) < 0 ? a : b)), // biome-ignore format: one row
};

const i32s = numbers(I32);
const f32s = numbers(F32);
const f64s = numbers(Float64Array);
const i16s = numbers(Int16Array);
const u16s = numbers(Uint16Array);
const i8s = numbers(Int8Array);
const u8s = numbers(Uint8Array);
/** Halves of the lanes of both vectors, one after the other. */
const joined = (op: Two, from: Kind<Numbers>, out: Kind, limit: (v: number) => number) =>
  vector<Numbers>(both(op), from, (i, a, b) => limit(i < a.length ? a[i]! : b[i - a.length]!), out);
const widened = (op: One, from: Kind<Numbers>, out: Kind, start: number) =>
  vector<Numbers>(op(x), from, (i, a) => a[i + start]!, out);

const f32x4Checks: Table = {
  const: vector(f32x4.const(0.1), F32, () => 0.1),
  splat: vector(f32x4.splat(P), F32, (_, a) => a[0]!),
  lane: vector(f32x4.splat(f32x4.lane(x, 2)), F32, (_, a) => a[2]!),
  abs: f32s.one(f32x4.abs, Math.abs),
  neg: f32s.one(f32x4.neg, (a) => -a),
  sqrt: f32s.one(f32x4.sqrt, Math.sqrt),
  add: f32s.two(f32x4.add, (a, b) => a + b),
  sub: f32s.two(f32x4.sub, (a, b) => a - b),
  mul: f32s.two(f32x4.mul, (a, b) => a * b),
  div: f32s.two(f32x4.div, (a, b) => a / b),
  min: f32s.two(f32x4.min, least),
  max: f32s.two(f32x4.max, greatest),
  pmin: f32s.two(f32x4.pmin, (a, b) => (b < a ? b : a)),
  pmax: f32s.two(f32x4.pmax, (a, b) => (a < b ? b : a)),
  ceil: f32s.one(f32x4.ceil, Math.ceil),
  floor: f32s.one(f32x4.floor, Math.floor),
  trunc: f32s.one(f32x4.trunc, Math.trunc),
  nearest: f32s.one(f32x4.nearest, nearest),
  eq: f32s.two(f32x4.eq, (a, b) => mask(a === b), I32),
  ne: f32s.two(f32x4.ne, (a, b) => mask(a !== b), I32),
  lt: f32s.two(f32x4.lt, (a, b) => mask(a < b), I32),
  gt: f32s.two(f32x4.gt, (a, b) => mask(a > b), I32),
  le: f32s.two(f32x4.le, (a, b) => mask(a <= b), I32),
  ge: f32s.two(f32x4.ge, (a, b) => mask(a >= b), I32),
  convertI32: i32s.one(f32x4.convertI32, (a) => a, F32),
  convertI32U: numbers(U32).one(f32x4.convertI32U, (a) => a, F32),
  demoteF64: vector(f32x4.demoteF64(x), Float64Array, (i, a) => a[i] ?? 0, F32),
};

const f64x2Checks: Table = {
  const: vector(f64x2.const(0.1), Float64Array, () => 0.1),
  abs: f64s.one(f64x2.abs, Math.abs),
  sqrt: f64s.one(f64x2.sqrt, Math.sqrt),
  add: f64s.two(f64x2.add, (a, b) => a + b),
  sub: f64s.two(f64x2.sub, (a, b) => a - b),
  mul: f64s.two(f64x2.mul, (a, b) => a * b),
  div: f64s.two(f64x2.div, (a, b) => a / b),
  pmin: f64s.two(f64x2.pmin, (a, b) => (b < a ? b : a)),
  pmax: f64s.two(f64x2.pmax, (a, b) => (a < b ? b : a)),
  floor: f64s.one(f64x2.floor, Math.floor),
  trunc: f64s.one(f64x2.trunc, Math.trunc),
  nearest: f64s.one(f64x2.nearest, nearest),
  eq: vector(f64x2.eq(x, y), Float64Array, (i, a, b) => mask64(a[i] === b[i]), BigInt64Array),
  ne: vector(f64x2.ne(x, y), Float64Array, (i, a, b) => mask64(a[i] !== b[i]), BigInt64Array),
  lt: vector(f64x2.lt(x, y), Float64Array, (i, a, b) => mask64(a[i]! < b[i]!), BigInt64Array),
  convertLowI32: widened(f64x2.convertLowI32, I32, Float64Array, 0),
  convertLowU32: widened(f64x2.convertLowU32, U32, Float64Array, 0),
  promoteLowF32: widened(f64x2.promoteLowF32, F32, Float64Array, 0),
};

const seven = i32.const(7);
const i32x4Checks: Table = {
  const: vector(i32x4.const(-77), I32, () => -77),
  splat: vector(i32x4.splat(A), I32, (_, a) => a[0]!),
  lane: vector(i32x4.splat(i32x4.lane(x, 3)), I32, (_, a) => a[3]!),
  abs: i32s.one(i32x4.abs, Math.abs),
  neg: i32s.one(i32x4.neg, (a) => -a),
  add: i32s.two(i32x4.add, (a, b) => a + b),
  sub: i32s.two(i32x4.sub, (a, b) => a - b),
  mul: i32s.two(i32x4.mul, Math.imul),
  minS: i32s.two(i32x4.minS, Math.min),
  maxS: i32s.two(i32x4.maxS, Math.max),
  shl: i32s.one(
    (a) => i32x4.shl(a, seven),
    (a) => a << 7,
  ),
  shrS: i32s.one(
    (a) => i32x4.shrS(a, seven),
    (a) => a >> 7,
  ),
  shrU: i32s.one(
    (a) => i32x4.shrU(a, seven),
    (a) => a >>> 7,
  ),
  eq: i32s.two(i32x4.eq, (a, b) => mask(a === b)),
  ne: i32s.two(i32x4.ne, (a, b) => mask(a !== b)),
  ltS: i32s.two(i32x4.ltS, (a, b) => mask(a < b)),
  gtS: i32s.two(i32x4.gtS, (a, b) => mask(a > b)),
  leS: i32s.two(i32x4.leS, (a, b) => mask(a <= b)),
  geS: i32s.two(i32x4.geS, (a, b) => mask(a >= b)),
  dotI16: vector(both(i32x4.dotI16), Int16Array, (i, a, b) => a[2 * i]! * b[2 * i]! + a[2 * i + 1]! * b[2 * i + 1]!, I32), // biome-ignore format: one row
  truncSatF32: f32s.one(i32x4.truncSatF32, toI32, I32),
  truncSatF32U: f32s.one(i32x4.truncSatF32U, truncated(0, 2 ** 32 - 1), U32),
  truncSatF64: vector(i32x4.truncSatF64(x), Float64Array, (i, a) => toI32(a[i] ?? 0), I32),
  extendLowI16: widened(i32x4.extendLowI16, Int16Array, I32, 0),
  extendHighI16: widened(i32x4.extendHighI16, Int16Array, I32, 4),
  extendLowU16: widened(i32x4.extendLowU16, Uint16Array, I32, 0),
  extendHighU16: widened(i32x4.extendHighU16, Uint16Array, I32, 4),
  extaddPairwiseI16: vector(i32x4.extaddPairwiseI16(x), Int16Array, (i, a) => a[2 * i]! + a[2 * i + 1]!, I32),
  extmulLowI16: vector(both(i32x4.extmulLowI16), Int16Array, (i, a, b) => a[i]! * b[i]!, I32),
  extmulHighI16: vector(both(i32x4.extmulHighI16), Int16Array, (i, a, b) => a[i + 4]! * b[i + 4]!, I32),
  allTrue: vector(i32x4.splat(i32x4.allTrue(x)), I32, (_, a) => +a.every((v) => v !== 0)),
};

const i16x8Checks: Table = {
  const: vector(i16x8.const(-77), Int16Array, () => -77),
  splat: vector(i16x8.splat(A), Int16Array, (_, a) => a[0]!),
  laneS: vector(i32x4.splat(i16x8.laneS(x, 5)), Int16Array, (_, a) => a[5]!, I32),
  add: i16s.two(i16x8.add, (a, b) => a + b),
  addSatS: i16s.two(i16x8.addSatS, (a, b) => toI16(a + b)),
  sub: i16s.two(i16x8.sub, (a, b) => a - b),
  mul: i16s.two(i16x8.mul, (a, b) => a * b),
  minS: i16s.two(i16x8.minS, Math.min),
  maxS: i16s.two(i16x8.maxS, Math.max),
  shl: i16s.one(
    (a) => i16x8.shl(a, seven),
    (a) => a << 7,
  ),
  shrS: i16s.one(
    (a) => i16x8.shrS(a, seven),
    (a) => a >> 7,
  ),
  shrU: u16s.one(
    (a) => i16x8.shrU(a, seven),
    (a) => a >> 7,
  ),
  narrowI32: joined(i16x8.narrowI32, I32, Int16Array, toI16),
  extendLowI8: widened(i16x8.extendLowI8, Int8Array, Int16Array, 0),
  extendHighI8: widened(i16x8.extendHighI8, Int8Array, Int16Array, 8),
  extendLowU8: widened(i16x8.extendLowU8, Uint8Array, Int16Array, 0),
  extendHighU8: widened(i16x8.extendHighU8, Uint8Array, Int16Array, 8),
  q15mulrSatS: i16s.two(i16x8.q15mulrSatS, (a, b) => toI16((a * b + 0x4000) >> 15)),
  eq: i16s.two(i16x8.eq, (a, b) => mask(a === b)),
  ne: i16s.two(i16x8.ne, (a, b) => mask(a !== b)),
  ltS: i16s.two(i16x8.ltS, (a, b) => mask(a < b)),
  gtS: i16s.two(i16x8.gtS, (a, b) => mask(a > b)),
  leS: i16s.two(i16x8.leS, (a, b) => mask(a <= b)),
  geS: i16s.two(i16x8.geS, (a, b) => mask(a >= b)),
};

const i8x16Checks: Table = {
  const: vector(i8x16.const(-77), Int8Array, () => -77),
  splat: vector(i8x16.splat(A), Int8Array, (_, a) => a[0]!),
  laneS: vector(i32x4.splat(i8x16.laneS(x, 11)), Int8Array, (_, a) => a[11]!, I32),
  laneU: vector(i32x4.splat(i8x16.laneU(x, 11)), Uint8Array, (_, a) => a[11]!, I32),
  add: i8s.two(i8x16.add, (a, b) => a + b),
  sub: i8s.two(i8x16.sub, (a, b) => a - b),
  minS: i8s.two(i8x16.minS, Math.min),
  minU: u8s.two(i8x16.minU, Math.min),
  maxS: i8s.two(i8x16.maxS, Math.max),
  maxU: u8s.two(i8x16.maxU, Math.max),
  avgrU: u8s.two(i8x16.avgrU, (a, b) => (a + b + 1) >> 1),
  narrowI16: joined(i8x16.narrowI16, Int16Array, Int8Array, toI8),
  narrowI16U: joined(i8x16.narrowI16U, Int16Array, Uint8Array, toU8),
  swizzle: vector(both(i8x16.swizzle), Uint8Array, (i, a, b) => a[b[i]!] ?? 0),
  eq: i8s.two(i8x16.eq, (a, b) => mask(a === b)),
  ne: i8s.two(i8x16.ne, (a, b) => mask(a !== b)),
  ltS: i8s.two(i8x16.ltS, (a, b) => mask(a < b)),
  gtS: i8s.two(i8x16.gtS, (a, b) => mask(a > b)),
};

const i64x2Checks: Table = {
  add: wide.two(i64x2.add, (a, b) => a + b),
  sub: wide.two(i64x2.sub, (a, b) => a - b),
  shl: wide.one(
    (a) => i64x2.shl(a, seven),
    (a) => a << 7n,
  ),
  shrS: wide.one(
    (a) => i64x2.shrS(a, seven),
    (a) => a >> 7n,
  ),
  shrU: wide.one(
    (a) => i64x2.shrU(a, seven),
    (a) => BigInt.asUintN(64, a) >> 7n,
  ),
  extmulLowI32: vector(both(i64x2.extmulLowI32), I32, (i, a, b) => BigInt(a[i]!) * BigInt(b[i]!), BigInt64Array),
  extmulHighI32: vector(both(i64x2.extmulHighI32), I32, (i, a, b) => BigInt(a[i + 2]!) * BigInt(b[i + 2]!), BigInt64Array), // biome-ignore format: one row
  const: vector(i64x2.const(-77n), BigInt64Array, () => -77n),
  abs: wide.one(i64x2.abs, (a) => (a < 0n ? -a : a)),
  neg: wide.one(i64x2.neg, (a) => -a),
  mul: wide.two(i64x2.mul, (a, b) => a * b),
  eq: wide.two(i64x2.eq, (a, b) => mask64(a === b)),
  ne: wide.two(i64x2.ne, (a, b) => mask64(a !== b)),
  ltS: wide.two(i64x2.ltS, (a, b) => mask64(a < b)),
  gtS: wide.two(i64x2.gtS, (a, b) => mask64(a > b)),
  leS: wide.two(i64x2.leS, (a, b) => mask64(a <= b)),
  geS: wide.two(i64x2.geS, (a, b) => mask64(a >= b)),
  extendLowI32: vector(i64x2.extendLowI32(x), I32, (i, a) => BigInt(a[i]!), BigInt64Array),
  extendLowU32: vector(i64x2.extendLowU32(x), U32, (i, a) => BigInt(a[i]!), BigInt64Array),
};

const bytesAt = (op: (address: Expr<'i32'>, offset?: number) => Expr<'v128'>, from: Kind<Numbers>, out: Kind) => {
  // From byte 3 on: loads need no alignment.
  const seen = (a: Numbers) => new Uint8Array(a.buffer).subarray(3).slice();
  return vector<Numbers>(op(i32.const(1), 2), from, (i, a) => {
    const bytes = seen(a);
    const end = bytes.length - (bytes.length % from.BYTES_PER_ELEMENT);
    return new from(bytes.slice(0, end).buffer)[i] ?? 0;
  }, out); // biome-ignore format: one call
};
const splatAt = (op: (address: Expr<'i32'>, offset?: number) => Expr<'v128'>, bytes: number) =>
  vector(op(i32.const(1), 2), Uint8Array, (i, a) => a[3 + (i % bytes)]!);
const zeroAbove = (op: (address: Expr<'i32'>, offset?: number) => Expr<'v128'>, bytes: number) =>
  vector(op(i32.const(1), 2), Uint8Array, (i, a) => (i < bytes ? a[3 + i]! : 0));
type LoadLane = (address: Expr<'i32'>, value: Expr<'v128'>, index: number, offset?: number) => Expr<'v128'>;
const intoLane = (op: LoadLane, bytes: number) =>
  vector(op(i32.const(1), y, 1, 2), Uint8Array, (i, a, b) => (i >= bytes && i < 2 * bytes ? a[3 + i - bytes]! : b[i]!));
type StoreLane = (address: Expr<'i32'>, value: Expr<'v128'>, index: number, offset?: number) => Code;
const outOfLane = (op: StoreLane, bytes: number): Check => ({
  ...vector(y, Uint8Array, (i, a, b) => (i >= 3 && i < 3 + bytes ? a[bytes + i - 3]! : b[i]!)),
  code: [v128.store(i32.const(32), y), op(i32.const(33), x, 1, 2)],
});
const odd = [1, 31, 3, 29, 5, 27, 7, 25, 9, 23, 11, 21, 13, 19, 15, 17];

const v128Checks: Table = {
  const: vector(v128.const(odd), Uint8Array, (i) => odd[i]!),
  load: vector(v128.load(i32.const(8), 8), Uint8Array, (i, _, b) => b[i]!),
  load8x8S: bytesAt(v128.load8x8S, Int8Array, Int16Array),
  load8x8U: bytesAt(v128.load8x8U, Uint8Array, Int16Array),
  load16x4S: bytesAt(v128.load16x4S, Int16Array, I32),
  load16x4U: bytesAt(v128.load16x4U, Uint16Array, I32),
  load8Splat: splatAt(v128.load8Splat, 1),
  load16Splat: splatAt(v128.load16Splat, 2),
  load32Splat: splatAt(v128.load32Splat, 4),
  load64Splat: splatAt(v128.load64Splat, 8),
  load32Zero: zeroAbove(v128.load32Zero, 4),
  load64Zero: zeroAbove(v128.load64Zero, 8),
  store: { ...vector(x, Uint8Array, (i, a) => a[i]!), code: v128.store(i32.const(30), x, 2) },
  load8Lane: intoLane(v128.load8Lane, 1),
  load16Lane: intoLane(v128.load16Lane, 2),
  load32Lane: intoLane(v128.load32Lane, 4),
  load64Lane: intoLane(v128.load64Lane, 8),
  store8Lane: outOfLane(v128.store8Lane, 1),
  store16Lane: outOfLane(v128.store16Lane, 2),
  store32Lane: outOfLane(v128.store32Lane, 4),
  store64Lane: outOfLane(v128.store64Lane, 8),
  shuffle: vector(v128.shuffle(x, y, odd), Uint8Array, (i, a, b) => (odd[i]! < 16 ? a[odd[i]!]! : b[odd[i]! - 16]!)),
  not: u8s.one(v128.not, (a) => ~a),
  and: u8s.two(v128.and, (a, b) => a & b),
  andNot: u8s.two(v128.andNot, (a, b) => a & ~b),
  or: u8s.two(v128.or, (a, b) => a | b),
  xor: u8s.two(v128.xor, (a, b) => a ^ b),
  bitselect: u8s.two(
    (a, b) => v128.bitselect(a, b, i8x16.const(0x35)),
    (a, b) => (a & 0x35) | (b & ~0x35),
  ),
  anyTrue: vector(i32x4.splat(v128.anyTrue(x)), I32, (_, a) => +a.some((v) => v !== 0)),
};

const tables = { i32: i32Checks, f32: f32Checks, v128: v128Checks, f32x4: f32x4Checks, f64x2: f64x2Checks, i32x4: i32x4Checks, i16x8: i16x8Checks, i8x16: i8x16Checks, i64x2: i64x2Checks }; // biome-ignore format: one list
/** Those that have tests of their own below. */
const ELSEWHERE = ['store', 'store8', 'store16', 'relaxedMadd', 'relaxedDotAdd'];

describe.each(Object.entries(tables))('%s', (name, checks) => {
  it.each(Object.keys(checks))('%s gives what its name says', (instruction) => {
    const check = checks[instruction] as Check;
    const module = new WasmModule();
    module.export(
      'f',
      module.func('f', 0, () => check.code),
    );
    const { run, memory } = instantiate(module);
    for (const [a, b] of pairs) {
      memory.set([...a, ...b]);
      run();
      const result = new check.out(copied(memory.subarray(32, 48)));
      expect(result, `of ${a} and ${b}`).toEqual(check.expected(a, b));
    }
  });

  it('every instruction has a row', () => {
    const known = Object.keys((all as unknown as Record<string, object>)[name]!);
    expect(known.filter((k) => !(k in checks) && !ELSEWHERE.includes(k))).toEqual([]);
  });
});

describe('instructions that store', () => {
  const value = i32.const(0x12345678);
  it.each([
    ['i32.store', i32.store(i32.const(1), value, 2), [0, 0, 0, 0x78, 0x56, 0x34, 0x12, 0]],
    ['i32.store8', i32.store8(i32.const(1), value, 2), [0, 0, 0, 0x78, 0, 0, 0, 0]],
    ['i32.store16', i32.store16(i32.const(1), value, 2), [0, 0, 0, 0x78, 0x56, 0, 0, 0]],
    ['f32.store', f32.store(i32.const(1), f32.const(1), 2), [0, 0, 0, 0, 0, 0x80, 0x3f, 0]],
    ['memoryFill', memoryFill(i32.const(2), i32.const(0x1ff), i32.const(3)), [0, 0, 255, 255, 255, 0, 0, 0]],
  ] as const)('%s writes its bytes and no others', (_, code, bytes) => {
    expect([...runCode([], () => code).subarray(0, 8)]).toEqual(bytes);
  });

  it('i64 moves eight bytes', () => {
    const memory = runCode([1, 2, 3, 4, 5, 6, 7, 8], () => i64.store(i32.const(8), i64.load(i32.const(1)), 1));
    expect([...memory.subarray(0, 18)]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 0, 2, 3, 4, 5, 6, 7, 8, 0, 0]);
  });

  it('memoryCopy copies ranges that overlap', () => {
    const memory = runCode([1, 2, 3, 4, 5], () => memoryCopy(i32.const(1), i32.const(0), i32.const(4)));
    expect([...memory.subarray(0, 6)]).toEqual([1, 1, 2, 3, 4, 0]);
  });
});

askForRelaxedSimd();

describe.runIf(detectFeatures().relaxed)('relaxed SIMD', () => {
  it('relaxedMadd is a product and a sum, rounded once or twice', () => {
    const code = v128.store(i32.const(32), f32x4.relaxedMadd(x, y, f32x4.const(0.1)));
    const [a, b] = [Float32Array.of(1, 0.1, -3, 7), Float32Array.of(2, 0.3, 0.7, 1e-3)];
    const bytes = [a, b].flatMap((v) => [...new Uint8Array(v.buffer)]);
    const result = new Float32Array(runCode(bytes, () => code).buffer, 32, 4);
    for (const [i, r] of result.entries()) {
      const product = a[i]! * b[i]!;
      expect([f(product + f(0.1)), f(f(product) + f(0.1))]).toContain(r);
    }
  });

  it.runIf(detectFeatures().byteDot)('relaxedDotAdd adds the products of four bytes', () => {
    const bytes = Array.from({ length: 48 }, (_, i) => (i < 16 ? i * 13 - 100 : i < 32 ? (i * 29) % 128 : i));
    const sums = v128.load(i32.const(32));
    const result = runCode(bytes, () => v128.store(i32.const(48), i32x4.relaxedDotAdd(x, y, sums)));
    const before = [...new Int32Array(Uint8Array.from(bytes).buffer, 32, 4)];
    const expected = before.map((sum, lane) =>
      [0, 1, 2, 3].reduce((s, k) => s + bytes[4 * lane + k]! * bytes[16 + 4 * lane + k]!, sum),
    );
    expect([...new Int32Array(result.buffer, 48, 4)]).toEqual(expected);
  });
});
