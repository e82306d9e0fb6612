import fc from 'fast-check';
import { expect, it } from 'vitest';
import { elementCount } from '../ir/tensor.js';
import { eachBroadcastRun } from './broadcast.js';
import { stridesOf } from './shapes.js';

/** A shape, and two operands in which some axes have size 1 and leading ones of the second are missing. */
const cases = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.boolean(), fc.boolean()), { maxLength: 4 })
  .chain((axes) =>
    fc.integer({ min: 0, max: axes.length }).map((missing) => ({
      shape: axes.map(([d]) => d),
      a: axes.map(([d, one]) => (one ? 1 : d)),
      b: axes.map(([d, , one]) => (one ? 1 : d)).slice(missing),
    })),
  );

/** Where the element of an operand lies that belongs to an element of the result, index by index. */
function source(at: number, shape: readonly number[], operand: readonly number[]): number {
  const lead = shape.length - operand.length;
  const own = stridesOf(operand);
  return stridesOf(shape).reduce((sum, stride, i) => {
    const index = Math.floor(at / stride) % (shape[i] as number);
    return i < lead || operand[i - lead] === 1 ? sum : sum + index * (own[i - lead] as number);
  }, 0);
}

it('runs visit every element once, in order, with its operands', () => {
  fc.assert(
    fc.property(cases, ({ shape, a, b }) => {
      const visited: number[][] = [];
      eachBroadcastRun(shape, [a, b], (at, [i = 0, j = 0], count, [p = 0, q = 0]) => {
        for (let k = 0; k < count; k++) visited.push([at + k, i + k * p, j + k * q]);
      });
      const expected = Array.from({ length: elementCount(shape) }, (_, at) => [
        at,
        source(at, shape, a),
        source(at, shape, b),
      ]);
      expect(visited).toEqual(expected);
    }),
    { seed: 3, numRuns: 300 },
  );
});

it('an axis of size 0 has no elements to visit', () => {
  eachBroadcastRun([2, 0], [[2, 1], [1]], () => expect.fail('there is nothing to visit'));
});
