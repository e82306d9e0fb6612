import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nodeVersion } from '../formats/tflite/index.js';
import type { Graph, Model, Node, Value } from '../ir/graph.js';
import { seededData } from '../ir/seeded.js';
import { elementCount, type Tensor } from '../ir/tensor.js';
import { evaluateGraph } from '../ops/evaluate.js';
import { parseGraph, printGraph } from '../ops/text.js';
import { verifyOps } from '../ops/verify.js';
import { quantizeModel, resolveRecipe } from './index.js';

// Operators of the same models, quantized by the reference converter: scripts/fixtures/make_quantize_fixtures.py.
const expected = JSON.parse(
  readFileSync(new URL('../../test/fixtures/quantize/graphs.json', import.meta.url), 'utf8'),
) as Record<string, string[]>;

/** The float graphs behind the lines of the fixture, as the passes leave them. */
const graphs: Readonly<Record<string, string>> = {
  gather: `(%i: i32[1,4]) {
    @e = const f32[200,16]
    %y = GATHER(@e, %i) : f32[1,4,16]
    return %y`,
  'gather of more rows than the table has': `(%i: i32[1,400]) {
    @e = const f32[200,16]
    %y = GATHER(@e, %i) : f32[1,400,16]
    return %y`,
  'gather of a free number of rows': `(%i: i32[?,4]) {
    @e = const f32[200,16]
    %y = GATHER(@e, %i) : f32[?,4,16]
    return %y`,
  'gather and slice': `(%i: i32[1,4]) {
    @e = const f32[200,16]
    %rows = GATHER(@e, %i) : f32[1,4,16]
    @begin = const i32[3] [0, 0, 0]
    @end = const i32[3] [0, 1, 0]
    @strides = const i32[3] [1, 1, 1]
    %y = STRIDED_SLICE(%rows, @begin, @end, @strides) {beginMask: 5, endMask: 5} : f32[1,1,16]
    return %y`,
  'gather and reshape': `(%i: i32[4]) {
    @e = const f32[200,16]
    %rows = GATHER(@e, %i) : f32[4,16]
    @shape = const i32[2] [2, 32]
    %y = RESHAPE(%rows, @shape) : f32[2,32]
    return %y`,
  'gather and maximum': `(%i: i32[1,4]) {
    @e = const f32[200,16]
    %rows = GATHER(@e, %i) : f32[1,4,16]
    @axis = const i32[] [1]
    %y = REDUCE_MAX(%rows, @axis) : f32[1,16]
    return %y`,
  'gather and sum': `(%i: i32[1,4]) {
    @e = const f32[200,16]
    %rows = GATHER(@e, %i) : f32[1,4,16]
    @axis = const i32[] [1]
    %y = SUM(%rows, @axis) : f32[1,16]
    return %y`,
  'gather and pool': `(%i: i32[4]) {
    @e = const f32[200,4,4,2]
    %rows = GATHER(@e, %i) : f32[4,4,4,2]
    %y = MAX_POOL_2D(%rows) {padding: VALID, strideW: 2, strideH: 2, filterWidth: 2, filterHeight: 2} : f32[4,2,2,2]
    return %y`,
  'two gathers of one table': `(%i: i32[1,4], %j: i32[2,3]) {
    @e = const f32[200,16]
    %y = GATHER(@e, %i) : f32[1,4,16]
    %z = GATHER(@e, %j) : f32[2,3,16]
    return %y, %z`,
  'gather and add of one table': `(%i: i32[1,4], %x: f32[200,16]) {
    @e = const f32[200,16]
    %y = GATHER(@e, %i) : f32[1,4,16]
    %z = ADD(%x, @e) : f32[200,16]
    return %y, %z`,
  'gather of a table that is an output': `(%i: i32[2]) {
    @e = const f32[200,16]
    %y = GATHER(@e, %i) : f32[2,16]
    return %y, @e`,
  'embedding lookup': `(%i: i32[3]) {
    @e = const f32[200,16]
    %y = EMBEDDING_LOOKUP(%i, @e) : f32[3,16]
    return %y`,
  add: `(%x: f32[64,64]) {
    @a = const f32[64,64]
    %y = ADD(%x, @a) : f32[64,64]
    return %y`,
  'left operand of batch matmul': `(%x: f32[2,32,4]) {
    @a = const f32[2,32,32]
    %y = BATCH_MATMUL(@a, %x) : f32[2,32,4]
    return %y`,
  'batch matmul': `(%x: f32[2,4,32]) {
    @a = const f32[2,32,32]
    %y = BATCH_MATMUL(%x, @a) : f32[2,4,32]
    return %y`,
  'dense of 1023 elements': `(%x: f32[1,31]) {
    @w = const f32[33,31]
    %y = FULLY_CONNECTED(%x, @w, _) : f32[1,33]
    return %y`,
  'dense of 1024 elements': `(%x: f32[1,32]) {
    @w = const f32[32,32]
    %y = FULLY_CONNECTED(%x, @w, _) : f32[1,32]
    return %y`,
  convolution: `(%x: f32[1,5,5,16]) {
    @w = const f32[8,3,3,16]
    @b = const f32[8]
    %y = CONV_2D(%x, @w, @b) {padding: SAME} : f32[1,5,5,8]
    return %y`,
  'depthwise convolution': `(%x: f32[1,5,5,128]) {
    @w = const f32[1,3,3,128]
    @b = const f32[128]
    %y = DEPTHWISE_CONV_2D(%x, @w, @b) {padding: SAME} : f32[1,5,5,128]
    return %y`,
  'transposed convolution': `(%x: f32[1,5,5,8]) {
    @shape = const i32[4] [1, 10, 10, 16]
    @w = const f32[16,3,3,8]
    %y = TRANSPOSE_CONV(@shape, @w, %x) {padding: SAME, strideW: 2, strideH: 2} : f32[1,10,10,16]
    return %y`,
  '3-D convolution': `(%x: f32[1,4,4,4,8]) {
    @w = const f32[3,3,3,8,8]
    %y = CONV_3D(%x, @w, _) {padding: SAME} : f32[1,4,4,4,8]
    return %y`,
  'float16: gather, dense, add': `(%i: i32[1,4], %x: f32[3,200]) {
    @e = const f32[200,16]
    @w = const f32[16,200]
    @b = const f32[16]
    @range = const f32[200]
    %y = GATHER(@e, %i) : f32[1,4,16]
    %z = FULLY_CONNECTED(%x, @w, @b) : f32[3,16]
    %s = ADD(%x, @range) : f32[3,200]
    return %y, %z, %s`,
  'float16: output': `(%i: i32[1,4], %x: f32[3,200]) {
    @e = const f32[200,16]
    @factor = const f32[] [3.5]
    %y = GATHER(@e, %i) : f32[1,4,16]
    %z = MUL(%x, @factor) : f32[3,200]
    return %y, @e, %z`,
};

function describeValue(value: Value | undefined): string {
  if (!value) return '_';
  const { quantization: q } = value;
  return value.dtype + (q ? ` q${q.scale.length}@${q.axis}` : '');
}

function line(node: Node): string {
  const list = (values: readonly (Value | undefined)[]) => values.map(describeValue).join(', ');
  const asymmetric = node.options.asymmetricQuantizeInputs ? ' asymmetric' : '';
  return `${node.op} v${nodeVersion(node)}(${list(node.inputs)})${asymmetric} -> ${list(node.outputs)}`;
}

const modelOf = (graph: Graph): Model => ({ graphs: [graph], signatures: [], description: '', metadata: [] });

describe('quantizeModel', () => {
  it('has a graph for each that the reference converter quantized', () => {
    expect(Object.keys(graphs)).toEqual(Object.keys(expected));
  });

  for (const [name, text] of Object.entries(graphs))
    it(`gives the operators of the reference converter for ${name}`, () => {
      const graph = parseGraph(`graph main${text}\n}`);
      const recipe = resolveRecipe(name.startsWith('float16') ? 'float16' : 'dynamic');
      const outputs = graph.outputs.map((v) => v.name);
      quantizeModel(modelOf(graph), recipe);
      verifyOps(graph);
      expect([...graph.nodes()].map(line).sort()).toEqual(expected[name]);
      expect(graph.outputs.map((v) => v.name)).toEqual(outputs);
      expect(quantizedAgain(graph, recipe)).toBe(printGraph(graph));
    });
});

/** Graphs that the reference kernels cannot run once quantized. */
const notRun = new Set([
  'gather and pool', // pooling has a float kernel only
]);

describe('the outputs of a quantized graph', () => {
  for (const [name, text] of Object.entries(graphs))
    it.skipIf(notRun.has(name))(`stay close to those of the float graph for ${name}`, () => {
      const source = `graph main${text}\n}`;
      const inputs = parseGraph(source).inputs.map((value): Tensor => {
        const shape = (value.shape ?? []).map((d) => (d < 0 ? 3 : d));
        return { dtype: value.dtype, shape, data: seededData(value.dtype, elementCount(shape), value.name) };
      });
      const expectedOutputs = evaluateGraph(parseGraph(source), inputs);
      for (const recipe of ['dynamic', 'weight-only', 'float16']) {
        const graph = parseGraph(source);
        quantizeModel(modelOf(graph), resolveRecipe(recipe));
        for (const [i, output] of evaluateGraph(graph, inputs).entries()) {
          const [a, e] = [output.data as Float32Array, expectedOutputs[i]?.data as Float32Array];
          const top = e.reduce((m, x) => Math.max(m, Math.abs(x)), 0);
          expect(a.length).toBe(e.length);
          // Half a step of 127 for each of up to 144 products of either sign.
          expect(e.reduce((m, x, j) => Math.max(m, Math.abs(x - (a[j] as number))), 0)).toBeLessThan(0.02 * top);
        }
      }
    });
});

/** The text after quantizing once more: nothing is left to do. */
function quantizedAgain(graph: Graph, recipe: ReturnType<typeof resolveRecipe>): string {
  const copy = parseGraph(printGraph(graph));
  const before = [...copy.nodes()].length;
  quantizeModel(modelOf(copy), recipe);
  expect([...copy.nodes()].length).toBe(before);
  quantizeModel(modelOf(graph), recipe);
  return printGraph(graph);
}
