import type { Value } from '../../../ir/graph.js';
import type { LayerCall, Lower } from './context.js';
import { twoOperands } from './operands.js';

/** A formula over a tensor of floats. */
export type OfFloats = (x: Value, f: Formulas) => Value;

/** Arithmetic of floats; numbers are constants. */
export interface Formulas {
  readonly c: LayerCall;
  readonly op: (op: string, ...operands: readonly (Value | number)[]) => Value;
}

/** Arithmetic in the graph of a call. */
export const formulasOf = (c: LayerCall): Formulas => ({
  c,
  op: (op, ...operands) => c.emit(op, operands.map((x) => (typeof x === 'number' ? c.f32(x) : x))), // biome-ignore format: short
});

/** A function of one tensor of floats, written out. */
export const ofFloats =
  (work: OfFloats): Lower =>
  (c) =>
    work(c.float(c.input()), formulasOf(c));

/** A function of two tensors of floats. */
export const ofTwo =
  (work: (x: Value, y: Value, f: Formulas) => Value): Lower =>
  (c) => {
    const [x, y] = twoOperands(c);
    return work(c.float(x), c.float(y), formulasOf(c));
  };
