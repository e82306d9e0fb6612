import fc from 'fast-check';
import { expect, it } from 'vitest';
import { elementCount } from '../ir/tensor.js';
import {
  broadcastView,
  copyView,
  permutedView,
  readKnown,
  readView,
  type View,
  wholeView,
  windowView,
} from './view.js';

/** The elements of a view one by one, by the definition of its strides. */
function* positions({ shape, offset, strides }: View, axis = 0): Generator<number> {
  if (axis === shape.length) yield offset;
  else
    for (let i = 0; i < (shape[axis] as number); i++)
      yield* positions({ shape, offset: offset + i * (strides[axis] as number), strides }, axis + 1);
}

const shapes = fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 4 });

/** A window of a tensor with steps forward or back, then its axes in another order. */
const views = shapes.chain((shape) =>
  fc
    .record({
      turned: fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length }),
      begin: fc.tuple(...shape.map((d) => fc.integer({ min: 0, max: d - 1 }))),
      steps: fc.tuple(...shape.map(() => fc.integer({ min: 1, max: 3 }))),
      order: fc.shuffledSubarray([...shape.keys()], { minLength: shape.length }),
    })
    .map(({ turned, begin, steps, order }) => {
      const size = (d: number, i: number) =>
        Math.ceil((turned[i] ? (begin[i] as number) + 1 : d - (begin[i] as number)) / (steps[i] as number));
      const signed = steps.map((s, i) => (turned[i] ? -s : s));
      return { shape, view: permutedView(windowView(wholeView(shape), begin, shape.map(size), signed), order) };
    }),
);

it('a view of any order and direction reads its elements one by one', () => {
  fc.assert(
    fc.property(views, ({ shape, view }) => {
      const data = Int32Array.from({ length: elementCount(shape) }, (_, i) => i);
      const expected = [...positions(view)];
      expect([...(readView('i32', data, view) as Int32Array)]).toEqual(expected);
      expect(readView('u8', Uint8Array.from(data), view)).toEqual(Uint8Array.from(expected));
      expect(readView('i64', BigInt64Array.from(data, BigInt), view)).toEqual(BigInt64Array.from(expected, BigInt));
      expect(readKnown([...data], view)).toEqual(expected);
    }),
    { seed: 1, numRuns: 300 },
  );
});

it('a view of any order and direction is written one by one', () => {
  fc.assert(
    fc.property(views, ({ shape, view }) => {
      const data = Int16Array.from({ length: elementCount(view.shape) }, (_, i) => i + 1);
      const out = new Int16Array(elementCount(shape));
      copyView('i16', data, wholeView(view.shape), out, view);
      const expected = new Int16Array(out.length);
      for (const [i, at] of [...positions(view)].entries()) expected[at] = i + 1;
      expect(out).toEqual(expected);
    }),
    { seed: 2, numRuns: 300 },
  );
});

it('axes of size 1 and new leading axes repeat', () => {
  const view = broadcastView(wholeView([2, 1]), [2, 2, 3]);
  expect([...positions(view)]).toEqual([0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1]);
});

it('complex elements move as pairs', () => {
  const data = Float32Array.of(1, 2, 3, 4);
  expect(readView('c64', data, permutedView(wholeView([1, 2]), [1, 0]))).toEqual(data);
  expect(readView('c64', data, { shape: [2], offset: 1, strides: [-1] })).toEqual(Float32Array.of(3, 4, 1, 2));
});

it('a view without elements reads nothing', () => {
  expect(readView('f32', new Float32Array(0), wholeView([3, 0, 2]))).toEqual(new Float32Array(0));
});
