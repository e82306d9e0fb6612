import { expect, it } from 'vitest';
import type { Working } from '../protocol.js';
import { untilAnswered } from './until-answered.js';

it('progress that arrives after the answer is not shown: it would stay there', async () => {
  const shown: Working[] = [];
  const told: ((working: Working) => void)[] = [];
  const ask = async (tell: (working: Working) => void) => {
    told.push(tell);
    tell({ step: 'run', done: 1, total: 2 });
    return 'answer';
  };
  expect(await untilAnswered(ask, (working) => shown.push(working))).toBe('answer');
  told[0]?.({ step: 'run', done: 2, total: 2 });
  expect(shown).toEqual([{ step: 'run', done: 1, total: 2 }]);
});
