import type { Value } from '../../../ir/graph.js';
import { isComplex } from '../../../ir/tensor.js';
import { tensorTypeOf } from '../../../ops/tensor-type.js';
import type { Lower, Lowering } from './context.js';
import type { FittedNode } from './operands.js';
import { singleConstant } from './single-precision.js';

/** A complex tensor as two real ones: few operators take complex numbers. */
export interface Parts {
  readonly re: Value;
  /** Absent where all its elements are zero. */
  readonly im: Value | undefined;
}

/** The parts of a value: of one made of parts those, of another complex one what REAL and IMAG give. */
export function partsOf(c: Lowering, value: Value): Parts {
  if (!isComplex(value.dtype)) return { re: value, im: undefined };
  const known = c.complexParts.get(value);
  if (known) return known;
  const part = (op: string): Value => {
    const found = c.emit(op, [value]);
    return found.constant ? c.keep(singleConstant(found.constant)) : found;
  };
  return { re: part('REAL'), im: part('IMAG') };
}

/** A complex value that is held as its parts, until something wants it {@link whole}. */
export const complexOf = (c: Lowering, parts: Parts): Value => c.complexValue(parts);

/** The imaginary part of what may have none. */
export const imaginary = (c: Lowering, { re, im }: Parts): Value => im ?? c.emit('ZEROS_LIKE', [re]);

/** Parts side by side, read as complex numbers. */
export function whole({ re, im }: Parts, emit: (node: FittedNode) => Value[]): Value {
  const first = (node: FittedNode): Value => emit(node)[0] as Value;
  const pair = [re, im ?? first({ op: 'ZEROS_LIKE', inputs: [re] })];
  const axis = re.shape?.length ?? -1;
  const packed = first({ op: 'PACK', inputs: pair, options: { valuesCount: 2, axis } });
  return first({ op: 'BITCAST', inputs: [packed], options: { outDataType: tensorTypeOf('c64') } });
}

/** For operations that do to each part what they do to real numbers: those that move elements, and sums. */
export const partwise =
  (row: Lower): Lower =>
  (c) => {
    const parts = c.inputs.map((v) => (isComplex(v.dtype) ? partsOf(c, v) : undefined));
    const inputs = (part: (p: Parts) => Value) => c.inputs.map((v, i) => (parts[i] ? part(parts[i] as Parts) : v));
    const re = row(c.with(inputs((p) => p.re)));
    const im = parts.some((p) => p?.im) ? row(c.with(inputs((p) => imaginary(c, p)))) : [];
    return re.map((v, i) => complexOf(c, { re: v, im: im[i] }));
  };

/** For products of two operands: each part of one meets each part of the other. */
export const bilinear =
  (row: Lower): Lower =>
  (c) => {
    const [a, b] = [partsOf(c, c.input(0)), partsOf(c, c.input(1))];
    const times = (x: Value | undefined, y: Value | undefined): Value | undefined =>
      x && y ? row(c.with([x, y]))[0] : undefined;
    const re = times(a.re, b.re) as Value;
    const [square, cross, other] = [times(a.im, b.im), times(a.re, b.im), times(a.im, b.re)];
    return [
      complexOf(c, {
        re: square ? c.emit('SUB', [re, square]) : re,
        im: cross && other ? c.emit('ADD', [cross, other]) : (cross ?? other),
      }),
    ];
  };
