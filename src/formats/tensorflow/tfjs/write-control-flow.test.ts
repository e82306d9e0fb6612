import { expect, it } from 'vitest';
import { memoryTree } from '../../../bytes/source.js';
import { convert } from '../../../convert/convert.js';
import type { Model } from '../../../ir/graph.js';
import type { Tensor } from '../../../ir/tensor.js';
import { runnable } from '../../../node/runtime.js';
import { parseGraph } from '../../../ops/text.js';
import { seededInputs } from '../../../passes/numerics.js';
import { quantizeModel, recipeForTfjs, recipeWith, resolveRecipe } from '../../../quantize/index.js';
import { tfjsFiles } from './write.js';

const modelOf = (texts: readonly string[]): Model => ({
  graphs: texts.map((text) => parseGraph(`graph ${text}\n}`)),
  signatures: [],
  description: '',
  metadata: [],
});
const filesOf = (model: Model) => Object.fromEntries([...tfjsFiles(model)].map((f) => [f.path, f.bytes]));
const run = (model: Model, inputs: readonly Tensor[]): number[] =>
  Object.values(runnable(model).run(inputs)).flatMap((t) => [...(t.data as Float32Array)]);

/** What a model gives before it is written, and after it is read again. */
function bothWays(model: Model): readonly [before: number[], after: number[]] {
  const inputs = seededInputs(model.graphs[0]!);
  const back = convert(memoryTree(filesOf(model))).model;
  return [run(model, inputs), run(back, inputs)];
}

const sequence = (steps: string, more: string) => `main(%x: f32[${steps}]) {
  @i = const f32[4,3]
  @r = const f32[4,4]
  @v = const f32[4] [0.1, -0.2, 0.3, 0.4]
  %h = variable f32[2,4]
  %c = variable f32[2,4]
  ${more}
  return %y`;
const lstm = (operands: string, options: string) =>
  `%y = UNIDIRECTIONAL_SEQUENCE_LSTM(%x, ${operands}, _, _, %h, %c, _, _, _, _) {${options}} : f32[2,5,4]`;

it.each([
  [
    'a long short-term memory',
    '2,5,3',
    lstm('@i, @i, @i, @i, @r, @r, @r, @r, _, _, _, @v, @v, @v, @v', 'timeMajor: false'),
  ],
  [
    'one with peepholes, whose input gate is the rest of the forget gate',
    '2,5,3',
    lstm('_, @i, @i, @i, _, @r, @r, @r, _, @v, @v, _, @v, @v, @v', 'timeMajor: false'),
  ],
  [
    'a plain cell whose time comes first',
    '5,2,3',
    '%y = UNIDIRECTIONAL_SEQUENCE_RNN(%x, @i, @r, @v, %h) {timeMajor: true, fusedActivationFunction: RELU} : f32[5,2,4]',
  ],
])('%s over a whole sequence becomes a loop over its steps', (_, steps, node) => {
  const [before, after] = bothWays(modelOf([sequence(steps, node)]));
  expect(before).toHaveLength(40);
  for (const [i, number] of before.entries()) expect(after[i]).toBeCloseTo(number, 6);
});

it('the loop of a recurrent layer holds its quantized weights', () => {
  const text = sequence('2,5,3', lstm('@i, @i, @i, @i, @r, @r, @r, @r, _, _, _, @v, @v, @v, @v', 'timeMajor: false'));
  const model = modelOf([text]);
  quantizeModel(model, recipeForTfjs(recipeWith(resolveRecipe('dynamic'), { minElements: 1 })));
  const [{ weights }] = JSON.parse(new TextDecoder().decode(filesOf(model)['model.json'])).weightsManifest;
  expect(weights.filter((w: { quantization?: object }) => w.quantization)).not.toHaveLength(0);
  const [before, after] = bothWays(model);
  for (const [i, number] of before.entries()) expect(after[i]).toBeCloseTo(number, 6);
});

it('a loop and the branches in it become functions', () => {
  const model = modelOf([
    `main(%x: f32[2]) {
      @n = const i32[] [0]
      %m, %y = WHILE(@n, %x) {condSubgraphIndex: 1, bodySubgraphIndex: 2} : i32[], f32[2]
      return %y`,
    `condition(%n: i32[], %x: f32[2]) {
      @four = const i32[] [4]
      %less = LESS(%n, @four) : bool[]
      return %less`,
    `body(%n: i32[], %x: f32[2]) {
      @one = const i32[] [1]
      @two = const i32[] [2]
      %next = ADD(%n, @one) : i32[]
      %early = LESS(%n, @two) : bool[]
      %y = IF(%early, %x) {thenSubgraphIndex: 3, elseSubgraphIndex: 4} : f32[2]
      return %next, %y`,
    'double(%x: f32[2]) {\n %y = ADD(%x, %x) : f32[2]\n return %y',
    'square(%x: f32[2]) {\n %y = MUL(%x, %x) : f32[2]\n return %y',
  ]);
  const x: Tensor = { dtype: 'f32', shape: [2], data: Float32Array.of(1, -0.5) };
  expect(run(convert(memoryTree(filesOf(model))).model, [x])).toEqual([256, 16]);
});

it('rows of a list are replaced without a change of the list, and the second output of an operator goes on', () => {
  const model = modelOf([
    `main(%x: f32[-1,3]) {
      @n = const i32[] [0]
      @sizes = const i32[2] [4, 2]
      @zero = const i32[] [0]
      %list = FILL(@sizes, @zero) : i32[4,2]
      %m, %same, %y = WHILE(@n, %x, %list) {condSubgraphIndex: 1, bodySubgraphIndex: 2} : i32[], f32[-1,3], i32[4,2]
      return %y`,
    `condition(%n: i32[], %x: f32[-1,3], %list: i32[4,2]) {
      @four = const i32[] [4]
      %less = LESS(%n, @four) : bool[]
      return %less`,
    `body(%n: i32[], %x: f32[-1,3], %list: i32[4,2]) {
      @one = const i32[] [1]
      @two = const i32[] [2]
      @zero = const i32[] [0]
      %next = ADD(%n, @one) : i32[]
      %row = GATHER(%x, %n) {axis: 0} : f32[3]
      %best, %places = TOPK_V2(%row, @two) : f32[2], i32[2]
      %rows = EXPAND_DIMS(%places, @zero) : i32[1,2]
      %start = PACK(%n, @zero) {valuesCount: 2, axis: 0} : i32[2]
      %y = DYNAMIC_UPDATE_SLICE(%list, %rows, %start) : i32[4,2]
      return %next, %x, %y`,
  ]);
  const data = Float32Array.of(1, 2, 3, 3, 2, 1, 2, 3, 1, 1, 3, 2);
  const x: Tensor = { dtype: 'f32', shape: [4, 3], data };
  const files = filesOf(model);
  expect(run(convert(memoryTree(files)).model, [x])).toEqual([2, 1, 0, 1, 1, 0, 1, 2]);
  const { library } = JSON.parse(new TextDecoder().decode(files['model.json'])).modelTopology;
  const nodes = library.function.flatMap((f: { nodeDef: { op: string; input?: string[] }[] }) => f.nodeDef);
  expect(nodes.map((n: { op: string }) => n.op)).not.toContain('TensorScatterUpdate');
  expect(nodes.some((n: { input?: string[] }) => n.input?.some((text) => /^[^:]*:1$/.test(text)))).toBe(true);
});

it('refuses what no layer of TensorFlow is', () => {
  const text = sequence('2,5,3', lstm('@i, @i, @i, @i, @r, @r, @r, @r, _, _, _, @v, @v, @v, @v', 'cellClip: 3'));
  expect(() => filesOf(modelOf([text]))).toThrow(/UNIDIRECTIONAL_SEQUENCE_LSTM '.*': is clipped/);
});
