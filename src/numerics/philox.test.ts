import { expect, it } from 'vitest';
import { Philox, statelessSeeds } from './philox.js';

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

it("draws what TensorFlow's stateless operations draw, from the seeds made of theirs", () => {
  const draw = (seed: bigint, seed2: bigint) =>
    [...new Philox(...statelessSeeds(seed, seed2)).words(5)].map((word) => (word & 0x7fffff) / 2 ** 23);
  // tf.random.stateless_uniform([5], seed=[-3, 7])
  const wanted = [0.9851840734481812, 0.1729649305343628, 0.30341291427612305, 0.7769861221313477, 0.0477524995803833];
  expect(draw(-3n, 7n).slice(0, 5)).toEqual(wanted);
});
