import type { DType } from '../ir/tensor.js';
import type { VersionFacts } from './define.js';

/** A version rule that looks at the type of one input (the first unless told) and nothing else; 1 for other types. */
export const versionByType =
  (versions: Partial<Readonly<Record<DType, number>>>, input = 0) =>
  ({ inputs }: VersionFacts): number => {
    const value = inputs[input];
    return (value && versions[value.dtype]) ?? 1;
  };

/** True when two operands have different shapes and the result has more than `rank` axes. */
export function isBroadcastAbove(rank: number, { inputs: [a, b] }: VersionFacts): boolean {
  if (!a?.shape || !b?.shape) return false;
  const isEqual = a.shape.length === b.shape.length && a.shape.every((d, i) => d === b.shape?.[i]);
  return !isEqual && Math.max(a.shape.length, b.shape.length) > rank;
}
