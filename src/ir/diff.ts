/** Lines of context around a change. */
const CONTEXT = 2;
/** Texts that differ in more lines than this are not aligned. */
const MAX_EDITS = 1000;

/**
 * What changes between two texts, line by line: `- ` removed, `+ ` added, and a few lines of context; distant changes are
 * separated by `...`. Empty when they are equal.
 */
export function diffLines(before: string, after: string): string {
  if (before === after) return '';
  const edits = align(before.split('\n'), after.split('\n'));
  const near = edits.map(() => false);
  for (const [i, edit] of edits.entries())
    if (edit[0] !== ' ') near.fill(true, Math.max(0, i - CONTEXT), i + CONTEXT + 1);
  const lines: string[] = [];
  for (const [i, edit] of edits.entries()) {
    if (near[i]) lines.push(edit.trimEnd());
    else if (near[i - 1] || (i === 0 && near.length > 0)) lines.push('...');
  }
  return `${lines.join('\n')}\n`;
}

/** All lines of both texts, marked; the common beginning and end need no search. */
function align(a: readonly string[], b: readonly string[]): string[] {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const same = (lines: readonly string[]) => lines.map((line) => `  ${line}`);
  return [
    ...same(a.slice(0, start)),
    ...shortestEdits(a.slice(start, a.length - end), b.slice(start, b.length - end)),
    ...same(a.slice(a.length - end)),
  ];
}

/**
 * The edits with the fewest changed lines, by greedy search along diagonals.
 * Source: Myers, "An O(ND) Difference Algorithm and Its Variations" (1986).
 */
function shortestEdits(a: readonly string[], b: readonly string[]): string[] {
  const max = a.length + b.length;
  let furthest = new Map<number, number>([[1, 0]]);
  const trail: Map<number, number>[] = [];
  for (let d = 0; d <= Math.min(max, MAX_EDITS); d++) {
    trail.push(furthest);
    const next = new Map(furthest);
    for (let k = -d; k <= d; k += 2) {
      let x = fromAbove(furthest, k, d) ? at(furthest, k + 1) : at(furthest, k - 1) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      next.set(k, x);
      if (x >= a.length && x - k >= b.length) return backtrack(a, b, trail);
    }
    furthest = next;
  }
  return [...a.map((line) => `- ${line}`), ...b.map((line) => `+ ${line}`)];
}

const at = (furthest: ReadonlyMap<number, number>, k: number): number => furthest.get(k) ?? -1;

/** True when the best path onto diagonal `k` takes a line of the second text, not of the first. */
function fromAbove(furthest: ReadonlyMap<number, number>, k: number, d: number): boolean {
  return k === -d || (k !== d && at(furthest, k - 1) < at(furthest, k + 1));
}

function backtrack(
  a: readonly string[],
  b: readonly string[],
  trail: readonly ReadonlyMap<number, number>[],
): string[] {
  const edits: string[] = [];
  let x = a.length;
  let y = b.length;
  for (let d = trail.length - 1; d >= 0; d--) {
    const furthest = trail[d] as ReadonlyMap<number, number>;
    const k = x - y;
    const above = fromAbove(furthest, k, d);
    const previousX = at(furthest, above ? k + 1 : k - 1);
    const startX = d === 0 ? 0 : above ? previousX : previousX + 1;
    while (x > startX) {
      edits.push(`  ${a[--x]}`);
      y--;
    }
    if (d === 0) break;
    if (above) edits.push(`+ ${b[--y]}`);
    else edits.push(`- ${a[--x]}`);
  }
  return edits.reverse();
}
