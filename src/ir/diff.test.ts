import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffLines } from './diff.js';

describe('diffLines', () => {
  it('is empty for equal texts', () => expect(diffLines('a\nb', 'a\nb')).toBe(''));

  it('shows what changed with two lines around it', () => {
    const before = '1\n2\n3\n4\n5\n6\n7\n8\n9';
    const after = '1\n2\n3\n4\nfive\n6\n7\n8\n9';
    expect(diffLines(before, after)).toBe('...\n  3\n  4\n- 5\n+ five\n  6\n  7\n...\n');
  });

  it('keeps all lines of both texts in order, and no more edits than there are lines', () => {
    const lines = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 5 });
    fc.assert(
      fc.property(lines, lines, (a, b) => {
        const text = diffLines(a.join('\n'), b.join('\n'));
        if (text.includes('...') || text === '') return;
        const edits = text.slice(0, -1).split('\n');
        const side = (mark: string) => edits.filter((e) => e[0] !== mark).map((e) => e.slice(2));
        expect(side('+')).toEqual(a.length > 0 ? a : ['']);
        expect(side('-')).toEqual(b.length > 0 ? b : ['']);
        expect(edits.filter((e) => e[0] === ' ').length).toBe(longestCommon(a, b));
      }),
      { seed: 3, numRuns: 500 },
    );
  });

  it('ends soon for large texts without a common line', () => {
    const text = (mark: string) => Array.from({ length: 5000 }, (_, i) => mark + i).join('\n');
    expect(diffLines(text('a'), text('b')).split('\n').length).toBe(10001);
  });
});

/** Length of the longest common subsequence, by the usual table. */
function longestCommon(a: readonly string[], b: readonly string[]): number {
  const table = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (let i = 1; i <= a.length; i++)
    for (let j = 1; j <= b.length; j++) {
      const row = table[i] as number[];
      const above = table[i - 1] as number[];
      row[j] =
        a[i - 1] === b[j - 1] ? (above[j - 1] as number) + 1 : Math.max(above[j] as number, row[j - 1] as number);
    }
  return table[a.length]?.[b.length] as number;
}
