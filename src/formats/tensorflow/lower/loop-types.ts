import { ModelError } from '../../../errors.js';
import { Value, type ValueType } from '../../../ir/graph.js';
import type { Shape } from '../../../ir/tensor.js';

/** True for two shapes with one unknown size each whose other sizes have one product. */
export function sameSizes(a: Shape, b: Shape): boolean {
  const known = (shape: Shape) => shape.filter((d) => d >= 0).reduce((x, y) => x * y, 1);
  const unknown = (shape: Shape) => shape.filter((d) => d < 0).length;
  return unknown(a) === 1 && unknown(b) === 1 && known(a) === known(b);
}

/**
 * The shape of a loop variable that begins with one shape and is given another by the body. The file may say (`hint`)
 * that sizes do not change.
 */
export function joinedShape(begin: Shape | undefined, next: Shape | undefined, hint: Shape | undefined) {
  if (!begin || !next || begin.length !== next.length) return undefined;
  return begin.map((d, i) => {
    if (d === next[i]) return d;
    const said = hint?.length === begin.length ? (hint[i] as number) : -1;
    return said >= 0 ? said : -1;
  });
}

export const sameType = (a: ValueType, b: ValueType): boolean =>
  a.dtype === b.dtype && String(a.shape) === String(b.shape) && (a.shape === undefined) === (b.shape === undefined);

/** A new value of a type: an argument of a function. */
export function argument(name: string, { dtype, shape }: ValueType): Value {
  return new Value(name, dtype, shape);
}

/** @throws {ModelError} `invalid-graph` when a function gives another element type than the loop needs. */
export function checkTypes(results: readonly ValueType[], wanted: readonly ValueType[], what: string): void {
  for (const [i, { dtype }] of wanted.entries())
    if (results[i]?.dtype !== dtype)
      throw new ModelError('invalid-graph', `${what} ${i} should be ${dtype}, is ${results[i]?.dtype ?? 'missing'}`);
}
