import { type Code, type Expr, signed, unsigned, type ValueType } from './code.js';

/** A constant number of bytes that an instruction adds to an address. */
type Offset = number;
type Address = Expr<'i32'>;

const SIMD = 0xfd;

const unary =
  <A extends ValueType, R extends ValueType>(opcode: number) =>
  (a: Expr<A>): Expr<R> => [a, opcode];
const binary =
  <A extends ValueType, R extends ValueType>(opcode: number) =>
  (a: Expr<A>, b: Expr<A>): Expr<R> => [a, b, opcode];
const load =
  <R extends ValueType>(opcode: number) =>
  (address: Address, offset: Offset = 0): Expr<R> => [address, opcode, 0, unsigned(offset)];
const store =
  <A extends ValueType>(opcode: number) =>
  (address: Address, value: Expr<A>, offset: Offset = 0): Code => [address, value, opcode, 0, unsigned(offset)];

const simd1 =
  (opcode: number) =>
  (a: Expr<'v128'>): Expr<'v128'> => [a, SIMD, unsigned(opcode)];
const simd2 =
  (opcode: number) =>
  (a: Expr<'v128'>, b: Expr<'v128'>): Expr<'v128'> => [a, b, SIMD, unsigned(opcode)];
const simd3 =
  (opcode: number) =>
  (a: Expr<'v128'>, b: Expr<'v128'>, c: Expr<'v128'>): Expr<'v128'> => [a, b, c, SIMD, unsigned(opcode)];
const splat =
  <A extends ValueType>(opcode: number) =>
  (a: Expr<A>): Expr<'v128'> => [a, SIMD, unsigned(opcode)];
const test =
  (opcode: number) =>
  (a: Expr<'v128'>): Expr<'i32'> => [a, SIMD, unsigned(opcode)];
const shift =
  (opcode: number) =>
  (a: Expr<'v128'>, bits: Expr<'i32'>): Expr<'v128'> => [a, bits, SIMD, unsigned(opcode)];
const lane =
  <R extends ValueType>(opcode: number) =>
  (a: Expr<'v128'>, index: number): Expr<R> => [a, SIMD, opcode, index];
const simdLoad =
  (opcode: number) =>
  (address: Address, offset: Offset = 0): Expr<'v128'> => [address, SIMD, unsigned(opcode), 0, unsigned(offset)];
const storeLane =
  (opcode: number) =>
  (address: Address, value: Expr<'v128'>, index: number, offset: Offset = 0): Code => [
    address, value, SIMD, opcode, 0, unsigned(offset), index,
  ]; // biome-ignore format: one instruction
const loadLane =
  (opcode: number) =>
  (address: Address, value: Expr<'v128'>, index: number, offset: Offset = 0): Expr<'v128'> => [
    address, value, SIMD, opcode, 0, unsigned(offset), index,
  ]; // biome-ignore format: one instruction

/** Copies `bytes` bytes; the ranges may overlap. */
export const memoryCopy = (to: Address, from: Address, bytes: Expr<'i32'>): Code => [to, from, bytes, 0xfc, 0x0a, 0, 0];
/** Sets `bytes` bytes to the low byte of `value`. */
export const memoryFill = (to: Address, value: Expr<'i32'>, bytes: Expr<'i32'>): Code => [
  to,
  value,
  bytes,
  0xfc,
  0x0b,
  0,
];

const bytesOf = (array: Float32Array | Int32Array | Int16Array | Int8Array): number[] => [
  ...new Uint8Array(array.buffer),
];

export const i32 = {
  const: (n: number): Expr<'i32'> => [0x41, signed(n | 0)],
  add: binary<'i32', 'i32'>(0x6a),
  sub: binary<'i32', 'i32'>(0x6b),
  mul: binary<'i32', 'i32'>(0x6c),
  divU: binary<'i32', 'i32'>(0x6e),
  remU: binary<'i32', 'i32'>(0x70),
  divS: binary<'i32', 'i32'>(0x6d),
  and: binary<'i32', 'i32'>(0x71),
  or: binary<'i32', 'i32'>(0x72),
  xor: binary<'i32', 'i32'>(0x73),
  shl: binary<'i32', 'i32'>(0x74),
  shrS: binary<'i32', 'i32'>(0x75),
  shrU: binary<'i32', 'i32'>(0x76),
  eqz: unary<'i32', 'i32'>(0x45),
  eq: binary<'i32', 'i32'>(0x46),
  ne: binary<'i32', 'i32'>(0x47),
  ltS: binary<'i32', 'i32'>(0x48),
  ltU: binary<'i32', 'i32'>(0x49),
  gtS: binary<'i32', 'i32'>(0x4a),
  gtU: binary<'i32', 'i32'>(0x4b),
  leS: binary<'i32', 'i32'>(0x4c),
  leU: binary<'i32', 'i32'>(0x4d),
  geS: binary<'i32', 'i32'>(0x4e),
  geU: binary<'i32', 'i32'>(0x4f),
  load: load<'i32'>(0x28),
  load8S: load<'i32'>(0x2c),
  load8U: load<'i32'>(0x2d),
  load16S: load<'i32'>(0x2e),
  load16U: load<'i32'>(0x2f),
  store: store<'i32'>(0x36),
  store8: store<'i32'>(0x3a),
  store16: store<'i32'>(0x3b),
  select: (condition: Expr<'i32'>, yes: Expr<'i32'>, no: Expr<'i32'>): Expr<'i32'> => [yes, no, condition, 0x1b],
  reinterpretF32: unary<'f32', 'i32'>(0xbc),
  /** Truncation towards zero; out of range gives the nearest bound, NaN gives 0. */
  truncF32: (a: Expr<'f32'>): Expr<'i32'> => [a, 0xfc, 0x00],
  wrapI64: unary<'i64', 'i32'>(0xa7),
};

export const i64 = {
  load: load<'i64'>(0x29),
  store: store<'i64'>(0x37),
};

export const f32 = {
  const: (x: number): Expr<'f32'> => [0x43, bytesOf(new Float32Array([x]))],
  abs: unary<'f32', 'f32'>(0x8b),
  neg: unary<'f32', 'f32'>(0x8c),
  ceil: unary<'f32', 'f32'>(0x8d),
  floor: unary<'f32', 'f32'>(0x8e),
  nearest: unary<'f32', 'f32'>(0x90),
  sqrt: unary<'f32', 'f32'>(0x91),
  add: binary<'f32', 'f32'>(0x92),
  sub: binary<'f32', 'f32'>(0x93),
  mul: binary<'f32', 'f32'>(0x94),
  div: binary<'f32', 'f32'>(0x95),
  min: binary<'f32', 'f32'>(0x96),
  max: binary<'f32', 'f32'>(0x97),
  eq: binary<'f32', 'i32'>(0x5b),
  ne: binary<'f32', 'i32'>(0x5c),
  lt: binary<'f32', 'i32'>(0x5d),
  gt: binary<'f32', 'i32'>(0x5e),
  le: binary<'f32', 'i32'>(0x5f),
  ge: binary<'f32', 'i32'>(0x60),
  load: load<'f32'>(0x2a),
  store: store<'f32'>(0x38),
  convertI32S: unary<'i32', 'f32'>(0xb2),
  reinterpretI32: unary<'i32', 'f32'>(0xbe),
  select: (condition: Expr<'i32'>, yes: Expr<'f32'>, no: Expr<'f32'>): Expr<'f32'> => [yes, no, condition, 0x1b],
};

/**
 * Sixteen bytes. Four that repeat are a splat: V8 from version 13 on takes twice as long for loops with such constants, and
 * no engine takes longer for a splat. (As a float, but for the bits of a NaN, which an engine may change.)
 */
function vectorConst(bytes: readonly number[]): Expr<'v128'> {
  const repeats = bytes.every((byte, i) => byte === bytes[i % 4]);
  if (!repeats || bytes.every((byte) => byte === 0)) return [SIMD, 12, bytes];
  const four = Uint8Array.from(bytes.slice(0, 4)).buffer;
  const mayChange = Number.isNaN(new Float32Array(four)[0]);
  return mayChange ? i32x4.splat(i32.const(new Int32Array(four)[0]!)) : [0x43, [...new Uint8Array(four)], SIMD, 19];
}

export const v128 = {
  const: vectorConst,
  load: simdLoad(0),
  /** Eight signed bytes as eight 16-bit lanes. */
  load8x8S: simdLoad(1),
  load8x8U: simdLoad(2),
  load16x4S: simdLoad(3),
  load16x4U: simdLoad(4),
  load8Splat: simdLoad(7),
  load16Splat: simdLoad(8),
  load32Splat: simdLoad(9),
  load64Splat: simdLoad(10),
  /** Four bytes into lane 0, zeros above. */
  load32Zero: simdLoad(92),
  load64Zero: simdLoad(93),
  store: (address: Address, value: Expr<'v128'>, offset: Offset = 0): Code => [
    address, value, SIMD, 11, 0, unsigned(offset),
  ], // biome-ignore format: one instruction
  load8Lane: loadLane(84),
  load16Lane: loadLane(85),
  load32Lane: loadLane(86),
  load64Lane: loadLane(87),
  store8Lane: storeLane(88),
  store16Lane: storeLane(89),
  store32Lane: storeLane(90),
  store64Lane: storeLane(91),
  /** Bytes of `a` (0..15) and `b` (16..31) by index. */
  shuffle: (a: Expr<'v128'>, b: Expr<'v128'>, lanes: readonly number[]): Expr<'v128'> => [a, b, SIMD, 13, lanes],
  not: simd1(77),
  and: simd2(78),
  andNot: simd2(79),
  or: simd2(80),
  xor: simd2(81),
  /** Bits of `yes` where `mask` has ones, of `no` elsewhere. */
  bitselect: (yes: Expr<'v128'>, no: Expr<'v128'>, mask: Expr<'v128'>): Expr<'v128'> => [yes, no, mask, SIMD, 82],
  anyTrue: test(83),
};

export const f32x4 = {
  const: (x: number): Expr<'v128'> => v128.const(bytesOf(new Float32Array(4).fill(x))),
  splat: splat<'f32'>(19),
  lane: lane<'f32'>(31),
  abs: simd1(0xe0),
  neg: simd1(0xe1),
  sqrt: simd1(0xe3),
  add: simd2(0xe4),
  sub: simd2(0xe5),
  mul: simd2(0xe6),
  div: simd2(0xe7),
  min: simd2(0xe8),
  max: simd2(0xe9),
  /** `b < a ? b : a` */
  pmin: simd2(0xea),
  /** `a < b ? b : a` */
  pmax: simd2(0xeb),
  ceil: simd1(0x67),
  floor: simd1(0x68),
  trunc: simd1(0x69),
  nearest: simd1(0x6a),
  eq: simd2(0x41),
  ne: simd2(0x42),
  lt: simd2(0x43),
  gt: simd2(0x44),
  le: simd2(0x45),
  ge: simd2(0x46),
  convertI32: simd1(0xfa),
  /** `a * b + c`, rounded once or twice: relaxed SIMD. */
  relaxedMadd: simd3(0x105),
  /** The two lanes of doubles as floats, then zeros. */
  demoteF64: simd1(0x5e),
  convertI32U: simd1(0xfb),
};

export const f64x2 = {
  const: (x: number): Expr<'v128'> => v128.const([...new Uint8Array(new Float64Array(2).fill(x).buffer)]),
  abs: simd1(0xec),
  sqrt: simd1(0xef),
  add: simd2(0xf0),
  sub: simd2(0xf1),
  mul: simd2(0xf2),
  div: simd2(0xf3),
  /** `b < a ? b : a` */
  pmin: simd2(0xf6),
  /** `a < b ? b : a` */
  pmax: simd2(0xf7),
  floor: simd1(0x75),
  trunc: simd1(0x7a),
  nearest: simd1(0x94),
  eq: simd2(0x47),
  ne: simd2(0x48),
  lt: simd2(0x49),
  /** The first two lanes of 32-bit integers. */
  convertLowI32: simd1(0xfe),
  convertLowU32: simd1(0xff),
  /** The first two lanes of floats. */
  promoteLowF32: simd1(0x5f),
};

export const i32x4 = {
  const: (n: number): Expr<'v128'> => v128.const(bytesOf(new Int32Array(4).fill(n))),
  splat: splat<'i32'>(17),
  lane: lane<'i32'>(27),
  abs: simd1(160),
  neg: simd1(161),
  add: simd2(174),
  sub: simd2(177),
  mul: simd2(181),
  minS: simd2(182),
  maxS: simd2(184),
  shl: shift(171),
  shrS: shift(172),
  shrU: shift(173),
  eq: simd2(55),
  ne: simd2(56),
  ltS: simd2(57),
  gtS: simd2(59),
  leS: simd2(61),
  geS: simd2(63),
  /** Sums of the products of pairs of signed 16-bit lanes. */
  dotI16: simd2(186),
  /** Sums of the products of four bytes, the second ones in 0..127, added to `c`: relaxed SIMD. */
  relaxedDotAdd: simd3(0x113),
  truncSatF32: simd1(0xf8),
  truncSatF32U: simd1(0xf9),
  /** Two doubles as integers, then zeros. */
  truncSatF64: simd1(0xfc),
  extendLowI16: simd1(167),
  extendHighI16: simd1(168),
  extendLowU16: simd1(169),
  extendHighU16: simd1(170),
  extaddPairwiseI16: simd1(126),
  extmulLowI16: simd2(188),
  extmulHighI16: simd2(189),
  allTrue: test(163),
};

export const i16x8 = {
  const: (n: number): Expr<'v128'> => v128.const(bytesOf(new Int16Array(8).fill(n))),
  splat: splat<'i32'>(16),
  laneS: lane<'i32'>(24),
  add: simd2(142),
  addSatS: simd2(143),
  sub: simd2(145),
  mul: simd2(149),
  minS: simd2(150),
  maxS: simd2(152),
  shl: shift(139),
  shrS: shift(140),
  shrU: shift(141),
  /** Two vectors of 32-bit lanes narrowed to signed 16 bits, saturated. */
  narrowI32: simd2(133),
  extendLowI8: simd1(135),
  extendHighI8: simd1(136),
  extendLowU8: simd1(137),
  extendHighU8: simd1(138),
  q15mulrSatS: simd2(130),
  eq: simd2(45),
  ne: simd2(46),
  ltS: simd2(47),
  gtS: simd2(49),
  leS: simd2(51),
  geS: simd2(53),
};

export const i8x16 = {
  const: (n: number): Expr<'v128'> => v128.const(bytesOf(new Int8Array(16).fill(n))),
  splat: splat<'i32'>(15),
  laneS: lane<'i32'>(21),
  laneU: lane<'i32'>(22),
  add: simd2(110),
  sub: simd2(113),
  minS: simd2(118),
  minU: simd2(119),
  maxS: simd2(120),
  maxU: simd2(121),
  avgrU: simd2(123),
  /** Two vectors of 16-bit lanes narrowed to signed bytes, saturated. */
  narrowI16: simd2(101),
  narrowI16U: simd2(102),
  swizzle: simd2(14),
  eq: simd2(35),
  ne: simd2(36),
  ltS: simd2(37),
  gtS: simd2(39),
};

export const i64x2 = {
  add: simd2(206),
  sub: simd2(209),
  shl: shift(203),
  shrS: shift(204),
  shrU: shift(205),
  extmulLowI32: simd2(220),
  extmulHighI32: simd2(221),
  const: (n: bigint): Expr<'v128'> => v128.const([...new Uint8Array(BigInt64Array.of(n, n).buffer)]),
  abs: simd1(192),
  neg: simd1(193),
  mul: simd2(213),
  eq: simd2(214),
  ne: simd2(215),
  ltS: simd2(216),
  gtS: simd2(217),
  leS: simd2(218),
  geS: simd2(219),
  /** The first two 32-bit lanes with their signs. */
  extendLowI32: simd1(199),
  extendLowU32: simd1(201),
};
