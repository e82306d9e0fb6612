import { ModelError } from '../errors.js';
import { didYouMean } from '../ir/nearest-name.js';

/** The signature of that key; the first one when none is named. @throws {ModelError} `not-found` */
export function pickSignature<S extends { readonly key: string }>(
  signatures: readonly S[],
  key: string | undefined,
  where?: string,
): S {
  const found = key === undefined ? signatures[0] : signatures.find((s) => s.key === key);
  if (found) return found;
  const keys = signatures.map((s) => s.key);
  const wanted = key === undefined ? 'a signature' : `signature '${key}'`;
  const remedy = key === undefined ? '' : didYouMean(key, keys);
  throw new ModelError('not-found', `${wanted} expected, it has ${keys.join(', ') || 'none'}.${remedy}`, {
    ...(where !== undefined && { where }),
  });
}
