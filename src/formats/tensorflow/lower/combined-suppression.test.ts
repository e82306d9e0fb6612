import { expect, it } from 'vitest';
import { runnable } from '../../../node/runtime.js';
import { lowerTensorFlow } from './lower.js';
import { buildGraph } from './testing.js';

const first = [0, 0, 0.5, 0.5];
const beside = [0, 0.05, 0.5, 0.55];
const beyond = [0.5, 0.5, 1, 1.25];
const corner = [0.5, 0.5, 1, 1];
const small = [0.125, 0.625, 0.375, 0.875];
const none = [0, 0, 0, 0];
const half = (box: number[]) => box.map((n) => n / 2);
const boxes = [first, beside, beyond, small];
const scores = [0.9, 0.1, 0.8, 0.95, 0.3, 0.7, 0.05, 0.6];

// What TensorFlow chooses among four boxes for two classes. The last row: each class has boxes of its own.
const cases = [
  [3, 5, '', 1, [beside, first, corner, small, corner], [0.95, 0.9, 0.7, 0.6, 0.3], [1, 0, 1, 1, 0], 5],
  [2, 3, '"clip_boxes": false', 1, [beside, first, beyond], [0.95, 0.9, 0.7], [1, 0, 1], 3],
  [2, 9, '"pad_per_class": true', 1, [beside, first, corner, corner], [0.95, 0.9, 0.7, 0.3], [1, 0, 1, 0], 4],
  [1, 4, '', 1, [beside, first, none, none], [0.95, 0.9, 0, 0], [1, 0, 0, 0], 2],
  [1, 3, '', 2, [half(beside), first, none], [0.95, 0.9, 0], [1, 0, 0], 2],
] as const;

it.each(cases.flatMap((row) => ['1', 'None'].map((batch) => [...row, batch] as const)))(
  '%i boxes of a class, %i in all {%s}, boxes of %i',
  async (perClass, total, attributes, shared, chosen, best, classes, count, batch) => {
    const inputs = [`float32[${batch},4,${shared},4]`, `float32[${batch},4,2]`];
    const limits = `i32[]=${perClass}, i32[]=${total}, f32[]=0.5, f32[]=0.2`;
    const graph = buildGraph(inputs, [`CombinedNonMaxSuppression($0, $1, ${limits}) {${attributes}}`]);
    const model = await runnable(lowerTensorFlow(graph));
    const x0 = Float32Array.from(boxes.flatMap((box) => (shared === 1 ? box : [...box, ...half(box)])));
    const { output_0, output_1, output_2, output_3 } = model.run({ x0, x1: Float32Array.from(scores) });
    expect([...(output_0?.data ?? [])]).toEqual([...Float32Array.from(chosen.flat())]);
    expect([...(output_1?.data ?? [])]).toEqual([...Float32Array.from(best)]);
    expect([...(output_2?.data ?? [])]).toEqual(classes);
    expect([...(output_3?.data ?? [])]).toEqual([count]);
  },
);

it('goes through the images of a free batch in turn', () => {
  const limits = 'i32[]=1, i32[]=2, f32[]=0.5, f32[]=0.2';
  const graph = buildGraph(
    ['float32[None,4,1,4]', 'float32[None,4,2]'],
    [`CombinedNonMaxSuppression($0, $1, ${limits})`],
  );
  const model = runnable(lowerTensorFlow(graph));
  const data = Float32Array.from([...boxes, ...boxes.toReversed()].flat());
  const x0 = { dtype: 'f32' as const, shape: [2, 4, 1, 4], data };
  const x1 = { dtype: 'f32' as const, shape: [2, 4, 2], data: Float32Array.from([...scores, ...scores]) };
  const { output_0: y, output_3: counts } = model.run({ x0, x1 });
  expect([...(y?.data ?? [])]).toEqual([...Float32Array.from([beside, first, corner, small].flat())]);
  expect([...(counts?.data ?? [])]).toEqual([2, 2]);
});
