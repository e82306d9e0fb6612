import { expect, it } from 'vitest';
import { timeInterleaved, timeOnce } from './time-interleaved.js';

it('entrants take turns, and each round begins with the next one', async () => {
  const order: string[] = [];
  const entrant = (name: string) => ({ run: () => order.push(name) });
  const times = await timeInterleaved([entrant('a'), entrant('b'), entrant('c')], { runs: 3, warmupMs: 0 });
  expect(order.join('')).toBe('abcbcacab');
  expect(times.map((t) => t.length)).toEqual([3, 3, 3]);
});

it('what gives a promise is timed until that is kept', async () => {
  const wait = () => new Promise((done) => setTimeout(done, 20));
  expect(await timeOnce({ run: wait })).toBeGreaterThan(15);
});

it('everything warms up before anything is measured', async () => {
  const order: string[] = [];
  const entrant = (name: string) => ({ run: () => new Promise((done) => setTimeout(() => done(order.push(name)), 2)) });
  await timeInterleaved([entrant('a'), entrant('b')], { runs: 1, warmupMs: 5, onRound: () => order.push('end') });
  expect(order.join('')).toMatch(/^a+b+abend$/);
});
