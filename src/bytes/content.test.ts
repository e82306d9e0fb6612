import { describe, expect, it } from 'vitest';
import { ContentIndex } from './content.js';

describe('the index of contents', () => {
  const thing = (...bytes: number[]) => ({ bytes: Uint8Array.from(bytes) });
  const index = () => new ContentIndex<{ readonly bytes: Uint8Array }>(({ bytes }) => bytes);

  it('finds the first thing of a group with the same bytes', () => {
    const [a, same, other, last] = [
      thing(1, 2, 3, 4, 5),
      thing(1, 2, 3, 4, 5),
      thing(1, 2, 3, 4, 6),
      thing(1, 2, 3, 4, 6),
    ];
    const known = index();
    expect([a, same, other, last, a].map((t) => known.firstEqual('g', t))).toEqual([a, a, other, other, a]);
    expect(known.firstEqual('g', last)).toBe(other);
    expect(known.firstEqual('another', same)).toBe(same);
  });

  it('tells things apart whose sampled words are the same', () => {
    const [a, b] = [new Uint8Array(40_000), new Uint8Array(40_000)];
    b[4 * 1001] = 1;
    const known = index();
    expect(known.firstEqual('g', { bytes: a }).bytes).toBe(a);
    expect(known.firstEqual('g', { bytes: b }).bytes).toBe(b);
  });

  it('reads nothing of what is alone', () => {
    const known = new ContentIndex<object>(() => {
      throw new Error('read');
    });
    const alone = {};
    expect(known.firstEqual('g', alone)).toBe(alone);
    expect(known.firstEqual('g', alone)).toBe(alone);
    expect(() => known.firstEqual('g', {})).toThrow('read');
  });
});
