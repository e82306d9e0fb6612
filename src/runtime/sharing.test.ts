import { expect, it } from 'vitest';
import { Sharing } from './sharing.js';

const UNITS = 8;

/** Runs calls that take `alone` ms, or `shared(run, call)` ms with threads; gives the time of all and how many were shared. */
function simulate(runs: number, alone: readonly number[], shared: (run: number, call: number) => number) {
  const sharing = new Sharing();
  let ms = 0;
  let count = 0;
  for (let run = 0; run < runs; run++)
    for (const [call, own] of alone.entries()) {
      const isShared = sharing.shouldShare(call);
      const took = isShared ? shared(run, call) : own;
      sharing.note(call, UNITS, took, isShared);
      ms += took;
      if (isShared) count++;
    }
  const total = runs * alone.length;
  return { ratio: ms / alone.reduce((a, b) => a + b, 0) / runs, share: count / total };
}

const calls = Array.from({ length: 20 }, (_, i) => 0.02 * (i + 1));

it('shares the work where that is faster', () => {
  const { ratio, share } = simulate(1000, calls, (_, call) => calls[call]! * 0.55);
  expect(share).toBeGreaterThan(0.97);
  expect(ratio).toBeLessThan(0.57);
});

it.each([
  ['always', 1],
  ['mostly', 0.5],
])('computes alone on a machine that %s stops a thread for milliseconds', (_, odds) => {
  let seed = 1;
  const random = () => {
    seed = (seed * 48271) % 2147483647;
    return seed / 2147483647;
  };
  const { ratio } = simulate(5000, calls, (_, call) => calls[call]! * 0.6 + (random() < odds ? 4 : 0));
  expect(ratio).toBeLessThan(1.04);
});

it('leaves out the small calls that take longer to hand out', () => {
  const small = Array.from({ length: 20 }, () => 0.002);
  const { ratio } = simulate(5000, small, () => 0.01);
  expect(ratio).toBeLessThan(1.1);
});

it('goes back to sharing when the machine is free again', () => {
  const { share } = simulate(4000, calls, (run, call) => calls[call]! * 0.6 + (run < 500 ? 4 : 0));
  expect(share).toBeGreaterThan(0.6);
});

it('is not misled by a slow first run', () => {
  const sharing = new Sharing();
  sharing.note(0, UNITS, 5, false);
  sharing.note(0, UNITS, 1, false);
  for (let i = 0; i < 50; i++) sharing.note(0, UNITS, 1.5, true);
  expect(sharing.shouldShare(0)).toBe(false);
});
