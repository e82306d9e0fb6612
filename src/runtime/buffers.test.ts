import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ModelError } from '../errors.js';
import { ALIGNMENT, addressOf, at, type Buffer, FIRST_ADDRESS, makeBuffer, ownerOf, placeBuffers, share, touch } from './buffers.js'; // biome-ignore format: one list

/** A buffer of that many bytes that the steps `first` to `last` need. */
function needed(bytes: number, first: number, last: number, isPersistent = false): Buffer {
  const buffer = makeBuffer(bytes, isPersistent);
  touch(buffer, first);
  touch(buffer, last);
  return buffer;
}

const meet = (a: Buffer, b: Buffer): boolean => a.address < b.address + b.bytes && b.address < a.address + a.bytes;

describe('places of buffers', () => {
  const wish = fc.record({
    bytes: fc.integer({ min: 0, max: 5000 }),
    first: fc.integer({ min: -1, max: 20 }),
    length: fc.integer({ min: 0, max: 8 }),
    isPersistent: fc.boolean(),
  });

  it('never overlap at the same time, are aligned, and end where the memory does', () => {
    fc.assert(
      fc.property(fc.array(wish, { maxLength: 40 }), (wishes) => {
        const buffers = wishes.map((w) => needed(w.bytes, w.first, w.first + w.length, w.isPersistent));
        const end = placeBuffers(buffers);
        for (const [i, a] of buffers.entries()) {
          expect(a.address % ALIGNMENT).toBe(0);
          expect(a.address).toBeGreaterThanOrEqual(FIRST_ADDRESS);
          expect(a.bytes).toBeGreaterThanOrEqual(wishes[i]!.bytes);
          expect(a.address + a.bytes).toBeLessThanOrEqual(end);
          for (const b of buffers.slice(0, i)) {
            const isLate = a.first > b.last || b.first > a.last;
            if (a.isPersistent || b.isPersistent || !isLate) expect(meet(a, b)).toBe(false);
          }
        }
      }),
    );
  });

  it('are shared by what is needed at different times', () => {
    const [a, b, c] = [needed(1000, 0, 1), needed(1000, 1, 2), needed(1000, 2, 3)];
    expect(placeBuffers([a, b, c])).toBe(FIRST_ADDRESS + 2 * 1024);
    expect(c.address).toBe(a.address);
  });

  it('are those of their owners where memory is shared', () => {
    const [a, b, c] = [needed(64, 0, 1), needed(64, 1, 5), needed(64, 5, 6)];
    share(b, a);
    share(c, b);
    expect([b, c].map(ownerOf)).toEqual([a, a]);
    expect([a.first, a.last]).toEqual([0, 6]);
    touch(c, 9);
    expect(a.last).toBe(9);
    placeBuffers([a, b, c]);
    expect(addressOf(at(c, 16))).toBe(a.address + 16);
  });

  it('beyond what WebAssembly can address, or what is allowed, are refused', () => {
    const halves = () => [needed(2 ** 31, 0, 1), needed(2 ** 31, 1, 2)];
    expect(() => placeBuffers(halves())).toThrow(ModelError);
    expect(() => placeBuffers([needed(2 ** 80, 0, 1)])).toThrow('Use smaller inputs.');
    expect(() => placeBuffers([needed(Number.NaN, 0, 1)])).toThrow(ModelError);
    expect(() => placeBuffers([needed(2 ** 21, 0, 1)], 2 ** 20)).toThrow('expected at most 1 MB of memory');
    expect(() => placeBuffers([needed(2 ** 19, 0, 1)], 2 ** 20)).not.toThrow();
  });
});
