import { ModelError } from '../errors.js';

/** What integer kernels throw where a function has no value. */
export const divideError = (message: string): ModelError => new ModelError('invalid-data', message);

/** A divisor that integers accept. @throws {ModelError} `invalid-data` for zero. */
export function divisor<T extends number | bigint>(x: T): T {
  if (Number(x) === 0) throw divideError('an integer is divided by zero');
  return x;
}
