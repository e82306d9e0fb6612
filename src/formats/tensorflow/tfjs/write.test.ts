import { describe, expect, it } from 'vitest';
import { memoryTree } from '../../../bytes/source.js';
import { convert } from '../../../convert/convert.js';
import type { Graph, Model } from '../../../ir/graph.js';
import { evaluateGraph } from '../../../ops/evaluate.js';
import { parseGraph } from '../../../ops/text.js';
import { seededInputs } from '../../../passes/numerics.js';
import { quantizeModel, recipeForTfjs, recipeWith, resolveRecipe } from '../../../quantize/index.js';
import { findOp } from '../read/op-registry.js';
import { tfjsFiles } from './write.js';

const modelOf = (text: string): Model => ({
  graphs: [parseGraph(`graph main${text}\n}`)],
  signatures: [],
  description: '',
  metadata: [],
});
const filesOf = (model: Model) => Object.fromEntries([...tfjsFiles(model)].map((f) => [f.path, f.bytes]));
const jsonOf = (files: Record<string, Uint8Array>) => JSON.parse(new TextDecoder().decode(files['model.json']));

function outputs(graph: Graph | undefined): number[][] {
  if (!graph) throw new Error('no graph');
  return evaluateGraph(graph, seededInputs(graph)).map((t) => Array.from(t.data as ArrayLike<number>, Number));
}

/** Elements may differ by this much of the largest. */
function expectClose(actual: number[][], expected: number[][], tolerance: number): void {
  expect(actual.map((a) => a.length)).toEqual(expected.map((e) => e.length));
  for (const [k, list] of expected.entries()) {
    const most = Math.max(1e-6, ...list.map(Math.abs));
    const worst = Math.max(...list.map((e, i) => Math.abs(e - (actual[k]?.[i] ?? Number.NaN))));
    expect(worst / most).toBeLessThanOrEqual(tolerance);
  }
}

const image = '(%x: f32[1,5,6,3]) {';
const unary = (op: string, options = '') => `(%x: f32[2,3]) {\n %y = ${op}(%x)${options} : f32[2,3]\n return %y`;
const graphs: Readonly<Record<string, string>> = {
  convolution: `${image}
    @w = const f32[4,3,3,3]
    @b = const f32[4]
    %y = CONV_2D(%x, @w, @b) {padding: SAME, strideH: 2, strideW: 1, fusedActivationFunction: RELU6} : f32[1,3,6,4]
    return %y`,
  'convolution that is dilated, with an activation of its own': `${image}
    @w = const f32[4,2,2,3]
    @b = const f32[4]
    %y = CONV_2D(%x, @w, @b) {padding: VALID, dilationHFactor: 2, fusedActivationFunction: RELU_N1_TO_1} : f32[1,3,5,4]
    return %y`,
  'depthwise convolution with a multiplier': `${image}
    @w = const f32[1,3,3,6]
    @b = const f32[6]
    %y = DEPTHWISE_CONV_2D(%x, @w, @b) {padding: SAME, depthMultiplier: 2, fusedActivationFunction: RELU} : f32[1,5,6,6]
    return %y`,
  'transposed convolution': `${image}
    @size = const i32[4] [1, 10, 12, 2]
    @w = const f32[2,3,3,3]
    @b = const f32[2]
    %y = TRANSPOSE_CONV(@size, @w, %x, @b) {padding: SAME, strideH: 2, strideW: 2} : f32[1,10,12,2]
    return %y`,
  'dense layer over several axes': `(%x: f32[2,3,4]) {
    @w = const f32[5,4]
    @b = const f32[5]
    %y = FULLY_CONNECTED(%x, @w, @b) {keepNumDims: true, fusedActivationFunction: RELU_N1_TO_1} : f32[2,3,5]
    return %y`,
  pools: `${image}
    %a = AVERAGE_POOL_2D(%x) {padding: VALID, filterHeight: 2, filterWidth: 2, strideH: 2, strideW: 2} : f32[1,2,3,3]
    %y = MAX_POOL_2D(%a) {padding: SAME, filterHeight: 2, filterWidth: 2, fusedActivationFunction: RELU} : f32[1,2,3,3]
    return %y`,
  'parts and joins': `(%x: f32[2,6]) {
    @axis = const i32[] [1]
    %a, %b = SPLIT(@axis, %x) {numSplits: 2} : f32[2,3], f32[2,3]
    %c = CONCATENATION(%b, %a) {axis: -1} : f32[2,6]
    @perm = const i32[2] [1, 0]
    %t = TRANSPOSE(%c, @perm) : f32[6,2]
    %p = PACK(%t, %t) {axis: 1, valuesCount: 2} : f32[6,2,2]
    return %a, %p`,
  'slices and reductions': `(%x: f32[4,6]) {
    @begin = const i32[2] [1, 0]
    @end = const i32[2] [3, 6]
    @step = const i32[2] [1, 2]
    %s = STRIDED_SLICE(%x, @begin, @end, @step) {beginMask: 2} : f32[2,3]
    @axes = const i32[1] [1]
    %m = MEAN(%s, @axes) {keepDims: true} : f32[2,1]
    %q = SUB(%s, %m) : f32[2,3]
    %y = SOFTMAX(%q) {beta: 2} : f32[2,3]
    return %y`,
  'rows of a table': `(%i: i32[3]) {
    @t = const f32[200,16]
    %y = EMBEDDING_LOOKUP(%i, @t) : f32[3,16]
    return %y`,
  'a resized, padded image': `${image}
    @size = const i32[2] [10, 12]
    %r = RESIZE_BILINEAR(%x, @size) {halfPixelCenters: true} : f32[1,10,12,3]
    @pads = const i32[4,2] [0, 0, 1, 1, 2, 0, 0, 0]
    %y = PAD(%r, @pads) : f32[1,12,14,3]
    return %y`,
  'a spectrum': `(%x: f32[2,1,8]) {
    @size = const i32[2] [1, 8]
    %z = RFFT2D(%x, @size) : c64[2,1,5]
    %a = REAL(%z) : f32[2,1,5]
    %b = IMAG(%z) : f32[2,1,5]
    return %a, %b`,
  'boxes that do not overlap': `(%b: f32[5,4], %s: f32[5]) {
    @most = const i32[] [4]
    @overlap = const f32[] [0.5]
    @least = const f32[] [-1]
    %i, %n = NON_MAX_SUPPRESSION_V4(%b, %s, @most, @overlap, @least) : i32[4], i32[]
    return %i, %n`,
  'a dense layer that keeps several free axes': `(%x: f32[-1,-1,4]) {
    @w = const f32[5,4]
    %y = FULLY_CONNECTED(%x, @w, _) {keepNumDims: true} : f32[-1,-1,5]
    return %y`,
  'hard swish': unary('HARD_SWISH'),
  'the exact GELU': unary('GELU', ' {approximate: false}'),
  'the approximate GELU': unary('GELU', ' {approximate: true}'),
  'leaky RELU': unary('LEAKY_RELU', ' {alpha: 0.3}'),
  'L2 normalization': unary('L2_NORMALIZATION'),
  'an input that is an output': '(%x: f32[2,3]) {\n return %x',
};

describe('a model that was written', () => {
  for (const [name, text] of Object.entries(graphs))
    it(`computes the same: ${name}`, () => {
      const back = convert(memoryTree(filesOf(modelOf(text)))).model.graphs[0];
      expectClose(outputs(back), outputs(modelOf(text).graphs[0]), 1e-6);
    });

  it('has all attributes that TensorFlow asks for', () => {
    for (const text of Object.values(graphs))
      for (const { op, attr } of jsonOf(filesOf(modelOf(text))).modelTopology.node) {
        const needed = [...(findOp(op)?.attrs ?? [])].filter(([, a]) => !a.default).map(([name]) => name);
        expect([op, needed.filter((name) => !(name in attr))]).toEqual([op, []]);
      }
  });

  it('has the same bytes each time', () => {
    const text = graphs.convolution as string;
    expect(filesOf(modelOf(text))).toEqual(filesOf(modelOf(text)));
  });

  it('is cut into shards of 4 MiB', () => {
    const files = filesOf(
      modelOf(
        '(%x: f32[1,1200]) {\n @w = const f32[1000,1200]\n %y = FULLY_CONNECTED(%x, @w) : f32[1,1000]\n return %y',
      ),
    );
    const sizes = Object.entries(files).flatMap(([path, bytes]) =>
      path === 'model.json' ? [] : [[path, bytes.length]],
    );
    expect(sizes).toEqual([
      ['group1-shard1of2.bin', 4 << 20],
      ['group1-shard2of2.bin', 4800000 - (4 << 20)],
    ]);
  });

  it('cannot hold operators without a counterpart: all are named', () => {
    const text = '(%x: f32[1,4]) {\n %a = RANDOM_STUFF(%x) : f32[1,4]\n return %a'.replace(
      'RANDOM_STUFF',
      'REVERSE_SEQUENCE',
    );
    expect(() => filesOf(modelOf(text))).toThrow(/REVERSE_SEQUENCE '.*': has no counterpart/);
  });
});

describe('quantized weights', () => {
  const layers = [
    'convolution',
    'depthwise convolution with a multiplier',
    'transposed convolution',
    'rows of a table',
  ];
  const schemes: readonly (readonly [string, 'per-channel' | 'per-tensor', string, number])[] = [
    ['float16', 'per-tensor', 'float16', 1e-3],
    ['dynamic', 'per-tensor', 'uint8', 0.02],
    ['dynamic', 'per-channel', 'uint8', 0.02],
  ];
  for (const name of [...layers, 'dense layer over several axes'])
    it.each(schemes)(`of a ${name} go in as they are: %s %s`, (technique, granularity, stored, tolerance) => {
      const model = modelOf(graphs[name] as string);
      const recipe = recipeWith(resolveRecipe(technique), { granularity, minElements: 1 });
      quantizeModel(model, recipeForTfjs(recipe));
      const files = filesOf(model);
      const [{ weights }] = jsonOf(files).weightsManifest;
      const large = weights.filter((w: { shape: number[] }) => w.shape.length > 1);
      expect(large.some((w: { quantization?: { dtype: string } }) => w.quantization?.dtype === stored)).toBe(true);
      expectClose(
        outputs(convert(memoryTree(files)).model.graphs[0]),
        outputs(modelOf(graphs[name] as string).graphs[0]),
        tolerance,
      );
    });
});
