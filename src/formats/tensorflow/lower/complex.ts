import type { Value } from '../../../ir/graph.js';
import { isComplex } from '../../../ir/tensor.js';
import { bilinear, complexOf, imaginary, type Parts, partsOf, partwise } from './complex-values.js';
import type { Lower, Lowering } from './context.js';

/** Operations whose complex form is the real one on each part. */
const PARTWISE: ReadonlySet<string> = new Set([
  ...['EnsureShape', 'Identity', 'IdentityN', 'PlaceholderWithDefault', 'PreventGradient', 'Snapshot', 'StopGradient'],
  ...['BatchToSpaceND', 'BroadcastTo', 'Concat', 'ConcatV2', 'ExpandDims', 'Fill', 'Gather', 'GatherNd', 'GatherV2'],
  ...['MatrixDiagPartV3', 'MatrixDiagV3', 'MirrorPad', 'Pack', 'Pad', 'PadV2', 'Reshape', 'ReverseSequence'],
  ...['ReverseV2', 'Roll', 'ScatterNd', 'Select', 'SelectV2', 'Slice', 'SpaceToBatchND', 'Split', 'SplitV', 'Squeeze'],
  ...['StridedSlice', 'TensorScatterAdd', 'TensorScatterUpdate', 'Tile', 'Transpose', 'Unpack', 'ZerosLike'],
  ...['Add', 'AddN', 'AddV2', 'Cumsum', 'Mean', 'Neg', 'SegmentSum', 'Sub', 'Sum', 'UnsortedSegmentSum'],
]);
/** Operations that look at the shape alone. */
const SHAPES: ReadonlySet<string> = new Set(['Rank', 'Shape', 'ShapeN', 'Size']);
/** Operations whose operators take complex numbers as they are. */
const WHOLE: ReadonlySet<string> = new Set(['ComplexAbs', 'ExpandDims', 'Imag', 'Mul', 'Real', 'Reshape', 'Squeeze']);

/** `f` over the parts of the only operand. */
const ofParts =
  (f: (c: Lowering, parts: Parts) => Parts): Lower =>
  (c) => [complexOf(c, f(c, partsOf(c, c.input(0))))];

/** A real tensor made of the parts of the only operand. */
const realOf =
  (f: (c: Lowering, parts: Parts) => Value): Lower =>
  (c) => [f(c, partsOf(c, c.input(0)))];

/** The square of the magnitude. */
const power = (c: Lowering, { re, im }: Parts): Value => {
  const square = c.emit('SQUARE', [re]);
  return im ? c.emit('ADD', [square, c.emit('SQUARE', [im])]) : square;
};
const magnitude = (c: Lowering, z: Parts): Value => (z.im ? c.emit('SQRT', [power(c, z)]) : c.emit('ABS', [z.re]));
const angle = (c: Lowering, z: Parts): Value => c.emit('ATAN2', [imaginary(c, z), z.re]);

/** The same number mirrored at the real axis. */
export const conjugate = (c: Lowering, { re, im }: Parts): Parts => ({ re, im: im && c.emit('NEG', [im]) });

const multiply = bilinear((c) => [c.emit('MUL', [c.input(0), c.input(1)])]);

/** Each part divided by a real tensor. */
const dividedBy = (c: Lowering, { re, im }: Parts, by: Value): Parts => ({
  re: c.emit('DIV', [re, by]),
  im: im && c.emit('DIV', [im, by]),
});

/** `a / b = a * conj(b) / |b|²`. */
const divide: Lower = (c) => {
  const [a, b] = [c.input(0), partsOf(c, c.input(1))];
  if (!b.im) return [complexOf(c, dividedBy(c, partsOf(c, a), b.re))];
  const [product] = multiply(c.with([a, complexOf(c, conjugate(c, b))]));
  return [complexOf(c, dividedBy(c, partsOf(c, product as Value), power(c, b)))];
};

const reciprocal = ofParts((c, z) => dividedBy(c, conjugate(c, z), power(c, z)));

/** A matrix that is taken adjoint is conjugated besides. */
const batchProduct = (row: Lower): Lower => {
  return (c) => {
    const operand = (index: number, flag: string): Value => {
      const value = c.input(index);
      const isAdjoint = c.attrs.bool(flag, false) && isComplex(value.dtype);
      return isAdjoint ? complexOf(c, conjugate(c, partsOf(c, value))) : value;
    };
    return bilinear(row)(c.with([operand(0, 'adj_x'), operand(1, 'adj_y')]));
  };
};

const exp = ofParts((c, { re, im }) => {
  const size = c.emit('EXP', [re]);
  const at = (op: string): Value | undefined => im && c.emit('MUL', [size, c.emit(op, [im])]);
  return { re: at('COS') ?? size, im: at('SIN') };
});

/** The root whose real part is not negative. */
const sqrt = ofParts((c, z) => {
  const { re } = z;
  const size = magnitude(c, z);
  const root = (op: string): Value => c.emit('SQRT', [c.emit('MUL', [c.emit(op, [size, re]), c.scalar(re, 0.5)])]);
  const isAbove = c.emit('GREATER_EQUAL', [imaginary(c, z), c.scalar(re, 0)]);
  const im = root('SUB');
  return { re: root('ADD'), im: c.emit('SELECT_V2', [isAbove, im, c.emit('NEG', [im])]) };
});

/** The complex forms of operations, given the real ones. */
const FORMS: Readonly<Record<string, (row: Lower) => Lower>> = {
  BatchMatMul: batchProduct,
  BatchMatMulV2: batchProduct,
  BatchMatMulV3: batchProduct,
  Cast: (row) => (c) => (isComplex(c.type('DstT')) ? row(c) : row(c.with([partsOf(c, c.input(0)).re]))),
  Div: () => divide,
  Einsum: (row) => (c) => (c.inputs.length === 2 ? bilinear : partwise)(row)(c),
  Exp: () => exp,
  Inv: () => reciprocal,
  Log: () => ofParts((c, z) => ({ re: c.emit('LOG', [magnitude(c, z)]), im: angle(c, z) })),
  MatMul: bilinear,
  Mul: bilinear,
  RealDiv: () => divide,
  Reciprocal: () => reciprocal,
  Sqrt: () => sqrt,
  Square: () => (c) => multiply(c.with([c.input(0), c.input(0)])),
};

/** How an operation is lowered over complex operands; undefined where its own row takes them as they are. */
export function complexForm(c: Lowering, row: Lower): Lower | undefined {
  const { op } = c.node;
  const isWhole = !c.inputs.some((v) => c.complexParts.has(v));
  if (isWhole && WHOLE.has(op)) return undefined;
  if (SHAPES.has(op)) return (real) => row(real.with(real.inputs.map((v) => partsOf(real, v).re)));
  return PARTWISE.has(op) ? partwise(row) : FORMS[op]?.(row);
}

/** Operations that make complex numbers or take them apart. */
export const complexes: Readonly<Record<string, Lower>> = {
  Angle: realOf(angle),
  Complex: (c) => [complexOf(c, { re: c.input(0), im: c.input(1) })],
  ComplexAbs: (c) => (c.complexParts.has(c.input(0)) ? realOf(magnitude)(c) : [c.emit('COMPLEX_ABS', [c.input(0)])]),
  Conj: ofParts(conjugate),
  Imag: realOf(imaginary),
  Real: realOf((_, { re }) => re),
};
