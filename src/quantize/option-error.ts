import { ModelError } from '../errors.js';

/** An `invalid-option` error: `where: expectation. Remedy`. */
export function optionError(where: string, expectation: string, remedy = ''): ModelError {
  return new ModelError('invalid-option', `${expectation}.${remedy ? ` ${remedy}` : ''}`, { where });
}
