import { expect, it } from 'vitest';
import { lowerTensorFlow } from './lower.js';
import { buildGraph } from './testing.js';

const FIRST = 'i32[1]=0, i32[1]=1, i32[1]=1) {"shrink_axis_mask": 1}';

/** What the sizes of the outputs are read from. */
function readFrom(inputs: readonly string[], steps: readonly string[]): string[] {
  const [graph] = lowerTensorFlow(buildGraph(inputs, steps)).graphs;
  return Array.from(graph!.nodes(), (n) => n).flatMap((n) => (n.op === 'SHAPE' ? [n.inputs[0]!.name] : []));
}

it('the size of a computed value is read from the input that gives it', () => {
  const steps = ['Tanh($0)', 'Transpose(%0, i32[2]=1 0)', 'Shape(%1)', 'StridedSlice(%2, i32[1]=1, i32[1]=2, i32[1]=1) {"shrink_axis_mask": 1}']; // biome-ignore format: long
  expect(readFrom(['float32[None,3]'], steps)).toEqual(['serving_default_x0:0']);
});

it('a size behind reductions is that of the axis which is kept', () => {
  const steps = ['Sum($0, i32[1]=1) {"keep_dims": false}', 'Max(%0, i32[1]=-1) {"keep_dims": true}', 'Shape(%1)', `StridedSlice(%2, ${FIRST}`]; // biome-ignore format: long
  expect(readFrom(['float32[None,3,4]'], steps)).toEqual(['serving_default_x0:0']);
});

it('an axis that a slice does not name keeps its size', () => {
  const slice = 'StridedSlice($0, $1, $2, i32[1]=1) {"shrink_axis_mask": 1}';
  const inputs = ['float32[3,None,4]', 'int32[1]', 'int32[1]'];
  expect(readFrom(inputs, [slice, 'Shape(%0)', `StridedSlice(%1, ${FIRST}`])).toEqual(['serving_default_x0:0']);
});

it('a size that is known is read from nothing, beside one that is not', () => {
  const steps = ['Reshape($0, i32[3]=-1 1 6)', 'Shape(%0)', 'StridedSlice(%1, i32[1]=1, i32[1]=2, i32[1]=1) {"shrink_axis_mask": 1}']; // biome-ignore format: long
  expect(readFrom(['float32[None,6]'], steps)).toEqual([]);
});

it('the size of what two inputs make is read from it', () => {
  const steps = ['AddV2($0, $1)', 'Shape(%0)', `StridedSlice(%1, ${FIRST}`];
  expect(readFrom(['float32[None,3]', 'float32[None,3]'], steps)).toEqual(['n0']);
});

it('branches that meet again and again are followed once', () => {
  const blocks = Array.from({ length: 30 }, (_, i) => {
    const x = i === 0 ? '$0' : `%${2 * i - 1}`;
    return [`Tanh(${x})`, `AddV2(${x}, %${2 * i})`];
  }).flat();
  const steps = [...blocks, `Shape(%${blocks.length - 1})`, `StridedSlice(%${blocks.length}, ${FIRST}`];
  expect(readFrom(['float32[None,3]'], steps)).toEqual(['serving_default_x0:0']);
});
