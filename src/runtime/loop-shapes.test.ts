import { expect, it } from 'vitest';
import { loopShapes } from './loop-shapes.js';

it('a size that the body changes is unknown, and so is what depends on it', () => {
  const next = ([list]: readonly (readonly number[] | undefined)[]) => {
    const length = list?.[1] ?? -1;
    return [[2, length < 0 ? -1 : length + 1], [length, 7], [3]];
  };
  expect(loopShapes([[2, 1], [1, 7], [3]], next)).toEqual([[2, -1], [-1, 7], [3]]);
});

it('what the body cannot tell counts as kept, and another rank as unknown', () => {
  expect(
    loopShapes([[2, 3], [4]], () => [
      [-1, 3],
      [4, 1],
    ]),
  ).toEqual([[2, 3], undefined]);
  expect(loopShapes([[2], undefined], () => [undefined, [5]])).toEqual([[2], undefined]);
});
