import { parsePythonJson } from '../../bytes/python-json.js';
import { ModelError } from '../../errors.js';

/** What JSON holds. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/** Deeper nesting than any model has. */
const DEEPEST = 200;

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Own property of an object; undefined when absent. */
export const entry = (object: JsonObject, key: string): Json | undefined =>
  Object.hasOwn(object, key) ? object[key] : undefined;

/**
 * JSON text with Keras's wrappers taken off: tuples become lists, tensors and NumPy values plain ones.
 * @throws {ModelError} `malformed-file` when it is no JSON object.
 */
export function parseKerasJson(text: string, where: string): JsonObject {
  let value: unknown;
  try {
    value = parsePythonJson(text);
  } catch (error) {
    throw new ModelError('malformed-file', `JSON expected: ${(error as Error).message}.`, { where, cause: error });
  }
  return plainObject(value as Json, where);
}

/** Parsed JSON with Keras's wrappers taken off. @throws {ModelError} `malformed-file` when it is no object. */
export function plainObject(value: Json, where: string): JsonObject {
  const plain = unwrapped(value, where, 0);
  if (isObject(plain)) return plain;
  throw new ModelError('malformed-file', 'a JSON object expected', { where });
}

function unwrapped(value: Json, where: string, depth: number): Json {
  if (depth > DEEPEST) throw new ModelError('malformed-file', `nested deeper than ${DEEPEST}`, { where });
  if (Array.isArray(value)) return value.map((v) => unwrapped(v, where, depth + 1));
  if (!isObject(value)) return value;
  if (value.class_name === '__tuple__' && Array.isArray(value.items))
    return value.items.map((v: Json) => unwrapped(v, where, depth + 1));
  if ((value.class_name === '__numpy__' || value.class_name === '__tensor__') && isObject(value.config))
    return unwrapped(value.config.value ?? null, where, depth + 1);
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, unwrapped(v, where, depth + 1)]));
}
