import { expect, it } from 'vitest';
import { gopsOf, totalsByOperator } from './profile.js';

const node = (op: string, ms: number, macs = 0) => ({ op, name: op, kernel: 'k', ms, macs, bytes: 10 });

it('nodes of one type are added up, the slowest type first', () => {
  expect(totalsByOperator([node('ADD', 1), node('CONV_2D', 2, 100), node('CONV_2D', 3, 200)])).toEqual([
    { op: 'CONV_2D', nodes: 2, ms: 5, macs: 300, bytes: 20 },
    { op: 'ADD', nodes: 1, ms: 1, macs: 0, bytes: 10 },
  ]);
});

it('a multiplication with an addition counts as two operations', () => {
  expect(gopsOf({ macs: 5e6, ms: 2 })).toBe(5);
  expect(gopsOf({ macs: 0, ms: 2 })).toBeNull();
});
