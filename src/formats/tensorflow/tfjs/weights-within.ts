import { type ByteSource, bytesSource } from '../../../bytes/source.js';
import { isObject, type ModelJson } from './model-json.js';

/** The entries of weights, and the bytes that they divide. */
export interface WeightGroup {
  readonly weights: readonly unknown[];
  readonly shards: readonly ByteSource[];
}

/**
 * Weights in the `model.json` itself: a model as TensorFlow.js hands it to a program that stores it in its own way, with
 * `weightSpecs` in the place of a manifest and `weightData` as text (Base64) or as a list of bytes. Undefined where the file
 * has none.
 */
export function weightsWithin({ weightSpecs, weightData }: ModelJson, where: string): WeightGroup | undefined {
  const bytes = bytesOf(weightData);
  if (!Array.isArray(weightSpecs) || !bytes) return undefined;
  return { weights: weightSpecs, shards: [bytesSource(bytes, where)] };
}

function bytesOf(data: unknown): Uint8Array | undefined {
  if (typeof data === 'string') return fromBase64(data);
  const list = Array.isArray(data) ? data : isObject(data) ? Object.values(data) : undefined;
  return list?.every((n) => Number.isInteger(n) && n >= 0 && n < 256) ? Uint8Array.from(list as number[]) : undefined;
}

function fromBase64(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  } catch {
    return undefined;
  }
}
