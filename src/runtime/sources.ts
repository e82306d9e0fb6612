import type { Constant } from '../ir/constant.js';

const sources = new WeakMap<Constant, Constant>();

/** Notes that `constant` is computed from `source` element by element, zeros from zeros. */
export const noteSource = (constant: Constant, source: Constant): void => void sources.set(constant, source);

/** The stored constant that has its zeros where `constant` has them: cheaper to look at than what is computed from it. */
export function sourceOf(constant: Constant): Constant {
  const source = sources.get(constant);
  return source ? sourceOf(source) : constant;
}
