import { expect, it } from 'vitest';
import { Philox } from './philox.js';

it('gives the words that the paper lists for the key and counter of zeros', () => {
  expect([...new Philox(0n, 0n).words(4)]).toEqual([0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
});

it('gives whole groups, and goes on with the next one', () => {
  const words = [...new Philox(7n, 5n).words(12)];
  const random = new Philox(7n, 5n);
  expect([...random.words(5), ...random.words(1)]).toEqual(words);
});

it('depends on both halves of both seeds', () => {
  const seeds = [
    [1n, 0n],
    [1n << 32n, 0n],
    [0n, 1n],
    [0n, 1n << 32n],
  ] as const;
  expect(new Set(seeds.map(([a, b]) => new Philox(a, b).words(1)[0])).size).toBe(4);
});
