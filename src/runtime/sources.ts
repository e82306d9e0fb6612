import type { Constant } from '../ir/constant.js';

const sources = new WeakMap<Constant, Constant>();

/** Notes that `constant` is computed from `source` element by element. */
export const noteSource = (constant: Constant, source: Constant): void => void sources.set(constant, source);

/** The constant that `constant` is computed from in the end: cheaper to look at. Of floats it has its zeros where that has. */
export function sourceOf(constant: Constant): Constant {
  const source = sources.get(constant);
  return source ? sourceOf(source) : constant;
}
