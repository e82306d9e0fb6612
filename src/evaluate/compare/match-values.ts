import type { Value } from '../../ir/graph.js';

/** Longest lists of nodes that are aligned when names say nothing. */
const MOST_ALIGNED = 3000;

/**
 * Which value of A has the place of a value of B: the one of the same name and shape; what names leave over is aligned in
 * order, by operator and shape.
 */
export function matchValues(a: readonly Value[], b: readonly Value[]): Map<Value, Value> {
  const byName = new Map(a.map((value) => [value.name, value]));
  const found = new Map<Value, Value>();
  for (const value of b) {
    const same = byName.get(value.name);
    if (same && fits(same, value)) found.set(value, same);
  }
  const taken = new Set(found.values());
  const restA = a.filter((v) => !taken.has(v));
  const restB = b.filter((v) => !found.has(v));
  if (restA.length > 0 && restB.length > 0 && restA.length <= MOST_ALIGNED && restB.length <= MOST_ALIGNED)
    for (const [x, y] of align(restA, restB)) found.set(y, x);
  return found;
}

/** Unknown sizes fit any. */
function fits({ shape: a }: Value, { shape: b }: Value): boolean {
  if (!a || !b) return true;
  return a.length === b.length && a.every((d, i) => d === b[i] || d < 0 || (b[i] as number) < 0);
}

const alike = (a: Value, b: Value): boolean => a.producer?.op === b.producer?.op && fits(a, b);

/** Longest common subsequence. */
function align(a: readonly Value[], b: readonly Value[]): [Value, Value][] {
  const width = b.length + 1;
  const lengths = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      lengths[i * width + j] = alike(a[i] as Value, b[j] as Value)
        ? (lengths[(i + 1) * width + j + 1] as number) + 1
        : Math.max(lengths[(i + 1) * width + j] as number, lengths[i * width + j + 1] as number);
  const pairs: [Value, Value][] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (alike(a[i] as Value, b[j] as Value)) pairs.push([a[i++] as Value, b[j++] as Value]);
    else if ((lengths[(i + 1) * width + j] as number) >= (lengths[i * width + j + 1] as number)) i++;
    else j++;
  }
  return pairs;
}
