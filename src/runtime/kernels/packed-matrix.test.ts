import { expect, it } from 'vitest';
import type { KernelBuilder } from '../kernel.js';
import { repeatedTile, tileFor } from './packed-matrix.js';

it('weights that steps read again and again are stored wide, as long as they fit the second cache', () => {
  const isWide = (isRepeated: boolean, units: number, rows = 1) =>
    repeatedTile(tileFor(rows, 'shorts'), { isRepeated } as KernelBuilder, { n: 4 * units, k: units }).isWide;
  expect([isWide(true, 256), isWide(true, 512), isWide(false, 256)]).toEqual([true, false, false]);
  expect(isWide(false, 512, 16)).toBe(true);
});
