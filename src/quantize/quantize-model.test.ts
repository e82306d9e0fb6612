import { describe, expect, it } from 'vitest';
import { bytesSource } from '../bytes/source.js';
import { predictTfliteWeightBytes, readTflite, writeTflite } from '../formats/tflite/index.js';
import { Constant } from '../ir/constant.js';
import type { Graph, Model, Signature } from '../ir/graph.js';
import { parseGraph, parseGraphs, printGraph } from '../ops/text.js';
import { verifyOps } from '../ops/verify.js';
import { type Decision, quantizeModel, type Recipe, recipeWith, resolveRecipe } from './index.js';

const modelOf = (...graphs: Graph[]): Model => ({
  graphs,
  signatures: [] as Signature[],
  description: '',
  metadata: [],
});
const textOf = (body: string): Graph => parseGraph(`graph main${body}\n}`);

function run(graph: Graph, recipe: string | Recipe) {
  const model = modelOf(graph);
  const report = quantizeModel(model, resolveRecipe(recipe));
  verifyOps(graph);
  const of = (value: string): Decision[] => report.decisions.filter((d) => d.value === value);
  return { model, report, of };
}

const dense = `(%x: f32[1,64]) {
  @w = const f32[64,64]
  @b = const f32[64]
  %y = FULLY_CONNECTED(%x, @w, @b) : f32[1,64]
  return %y`;

describe('decisions', () => {
  it('say for every constant what was done, by which rule, and why', () => {
    const { report } = run(textOf(dense), 'dynamic');
    expect(report.decisions).toEqual([
      {
        graph: 'main',
        value: 'w',
        shape: [64, 64],
        dtype: 'f32',
        consumers: [{ node: 'y', op: 'FULLY_CONNECTED', operand: 1, argument: 'filter' }],
        action: 'int8 hybrid',
        code: 'quantized',
        rule: 'FULLY_CONNECTED operand 1: hybrid int8 per-channel axis 0',
        recipeEntry: 'defaults',
        reason: 'FULLY_CONNECTED has a kernel that takes int8 weights',
        elements: 4096,
        bytesBefore: 16384,
        bytesAfter: 4096,
        scales: 64,
        sqnrDb: expect.any(Number),
      },
      {
        graph: 'main',
        value: 'b',
        shape: [64],
        dtype: 'f32',
        consumers: [{ node: 'y', op: 'FULLY_CONNECTED', operand: 2, argument: 'bias' }],
        action: 'kept',
        code: 'not-a-weight',
        rule: 'FULLY_CONNECTED operand 2: float',
        recipeEntry: 'defaults',
        reason: 'kept float: the bias of FULLY_CONNECTED is not a weight',
        elements: 64,
        bytesBefore: 256,
        bytesAfter: 256,
        scales: 0,
        sqnrDb: null,
      },
    ]);
    expect(report.counts).toEqual({ quantized: 1, 'not-a-weight': 1 });
    expect(report.decisions[0]?.sqnrDb).toBeGreaterThan(40);
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  it('name the element count and the minimum of small constants', () => {
    const { of } = run(textOf(dense), recipeWith(resolveRecipe('dynamic'), { minElements: 4097 }));
    expect(of('w')[0]?.reason).toBe('kept float: 4096 elements, fewer than the minimum of 4097');
    expect(of('w')[0]?.code).toBe('too-small');
  });

  it('name the rule of the recipe that excluded a constant, and rules that matched nothing', () => {
    const { of, report } = run(textOf(dense), recipeWith(resolveRecipe('dynamic'), { exclude: ['w', '/nothing/'] }));
    expect(of('w')[0]?.reason).toBe(`kept float: so say the recipe's rule 1 {"name":"w"}`);
    expect(report.unusedRules).toEqual(['rule 2 {"regex":"nothing"}']);
  });

  it('are one for each group of readers that differ', () => {
    const { of } = run(
      textOf(`(%i: i32[4], %x: f32[64,64]) {
        @e = const f32[64,64]
        %y = GATHER(@e, %i) : f32[4,64]
        %z = FULLY_CONNECTED(%x, @e, _) : f32[64,64]
        %s = ADD(%x, @e) : f32[64,64]
        return %y, %z, %s, @e`),
      'dynamic',
    );
    expect(of('e').map((d) => [d.action, d.code, d.consumers.map((c) => c.node)])).toEqual([
      ['int8 + dequantize', 'quantized', ['y']],
      ['int8 hybrid', 'quantized', ['z']],
      ['kept', 'not-a-weight', ['s']],
      ['kept', 'leaves-the-graph', []],
    ]);
  });

  it('leave what is quantized already, and what is no float', () => {
    const { of, report } = run(
      textOf(`(%x: f32[1,64]) {
        @w = const i8[64,64] q(0.5, 0)
        @h = const f16[64]
        %b = DEQUANTIZE(@h) : f32[64]
        %y = FULLY_CONNECTED(%x, @w, %b) {asymmetricQuantizeInputs: true} : f32[1,64]
        @shape = const i32[2] [8, 8]
        %z = RESHAPE(%y, @shape) : f32[8,8]
        return %z`),
      'dynamic',
    );
    expect(of('w')[0]).toMatchObject({ code: 'already-quantized', reason: 'kept: already quantized to i8' });
    expect(of('h')[0]).toMatchObject({ code: 'already-quantized', bytesAfter: 128 });
    expect(of('shape')[0]).toMatchObject({ code: 'not-float32', reason: 'kept: i32 elements are not weights' });
    expect(report.counts.quantized).toBeUndefined();
  });

  it('keep constants with infinite or NaN elements in float', () => {
    const graph = textOf(dense);
    const w = [...graph.nodes()][0]?.inputs[1];
    const data = new Float32Array(4096).fill(1);
    data[7] = Number.NEGATIVE_INFINITY;
    if (w) w.constant = Constant.of('f32', [64, 64], data);
    const { of } = run(graph, 'dynamic');
    expect(of('w')[0]).toMatchObject({ action: 'kept', code: 'not-finite' });
    expect(printGraph(graph)).not.toContain('i8');
  });
});

describe('an operator that takes integers for all its weights or for none', () => {
  const gates = (cells: number, peepholes = '_, _, _') => {
    const matrix = (n: number) => `@w${n} = const f32[${cells},${cells}]`;
    const all = [1, 2, 3, 4, 5, 6, 7, 8];
    return `(%x: f32[1,5,${cells}]) {
      ${all.map(matrix).join('\n')}
      @b = const f32[${cells}]
      @p = const f32[${cells}]
      %h = variable f32[1,${cells}] variable
      %c = variable f32[1,${cells}] variable
      %y = UNIDIRECTIONAL_SEQUENCE_LSTM(%x, ${all.map((n) => `@w${n}`).join(', ')}, ${peepholes}, @b, @b, @b, @b, _, _, %h, %c, _, _, _, _) : f32[1,5,${cells}]
      return %y`;
  };

  it('takes them when all are large enough', () => {
    const graph = textOf(gates(32));
    const { report } = run(graph, 'dynamic');
    expect(report.decisions.filter((d) => d.action === 'int8 hybrid').map((d) => d.value)).toHaveLength(8);
    expect([...graph.nodes()][0]?.options.asymmetricQuantizeInputs).toBe(true);
  });

  it('stays float when one is left in float', () => {
    const { of, report } = run(textOf(gates(32)), recipeWith(resolveRecipe('dynamic'), { exclude: ['w3'] }));
    expect(report.counts.quantized).toBeUndefined();
    expect(of('w1')[0]?.reason).toBe(
      'kept float: UNIDIRECTIONAL_SEQUENCE_LSTM takes integers for all its weights or for none; operand 3: kept float: so say the recipe\'s rule 1 {"name":"w3"}',
    );
  });

  it('takes its vectors too, however short, since the matrices decide', () => {
    const { of, report } = run(textOf(gates(32, '@p, @p, @p')), 'dynamic');
    expect(new Set(report.decisions.filter((d) => d.action === 'int8 hybrid').map((d) => d.value)).size).toBe(9);
    expect(of('p')[0]).toMatchObject({ elements: 32, code: 'quantized' });
    expect(run(textOf(gates(16, '@p, @p, @p')), 'dynamic').report.counts.quantized).toBeUndefined();
  });

  it('may have all of them dequantized', () => {
    const { report } = run(textOf(gates(32)), 'weight-only');
    expect(report.decisions.filter((d) => d.action === 'int8 + dequantize')).toHaveLength(8);
  });
});

describe('recipes', () => {
  it('weight-only puts all integers behind DEQUANTIZE, one for each constant', () => {
    const graph = textOf(`(%x: f32[1,64]) {
      @w = const f32[64,64]
      %a = FULLY_CONNECTED(%x, @w, _) : f32[1,64]
      %b = FULLY_CONNECTED(%a, @w, _) : f32[1,64]
      return %b`);
    run(graph, 'weight-only');
    expect(printGraph(graph)).toBe(`graph main(%x: f32[1,64]) {
  @w = const i8[64,64] q(axis 0, 64 scales)
  %w_dequantize = DEQUANTIZE(@w) : f32[64,64]
  %a = FULLY_CONNECTED(%x, %w_dequantize, _) : f32[1,64]
  %b = FULLY_CONNECTED(%a, %w_dequantize, _) : f32[1,64]
  return %b
}
`);
  });

  it('per-tensor scales are repeated for kernels that read one for each channel', () => {
    const graph = textOf(`(%x: f32[1,5,5,128]) {
      @w = const f32[1,3,3,128]
      %y = DEPTHWISE_CONV_2D(%x, @w, _) {padding: SAME} : f32[1,5,5,128]
      return %y`);
    const { of } = run(graph, recipeWith(resolveRecipe('dynamic'), { granularity: 'per-tensor' }));
    const { scale, axis } = [...graph.nodes()][0]?.inputs[1]?.quantization ?? {};
    expect([new Set(scale).size, scale?.length, axis]).toEqual([1, 128, 3]);
    expect(of('w')[0]?.rule).toBe('DEPTHWISE_CONV_2D operand 1: hybrid int8 per-tensor repeated along axis 3');
  });

  it('can mix techniques', () => {
    const graph = textOf(dense);
    run(graph, { version: 1, defaults: { weights: 'i8' }, rules: [{ name: 'b', weights: 'f16' }] });
    expect(printGraph(graph)).toContain('@b = const f16[64]');
    expect(printGraph(graph)).toContain('@w = const i8[64,64]');
  });

  it('can leave inputs of hybrid kernels symmetric', () => {
    const graph = textOf(dense);
    run(graph, recipeWith(resolveRecipe('dynamic'), { asymmetricInputs: false }));
    expect([...graph.nodes()][0]?.options.asymmetricQuantizeInputs).toBe(false);
  });

  it('none changes nothing', () => {
    const graph = textOf(dense);
    const before = printGraph(graph);
    const { report } = run(graph, 'none');
    expect(printGraph(graph)).toBe(before);
    expect(report.weightBytesAfter).toBe(report.weightBytesBefore);
  });

  it('float16 marks the model as fit for float16 arithmetic, once', () => {
    const model = modelOf(textOf(dense));
    quantizeModel(model, resolveRecipe('float16'));
    quantizeModel(model, resolveRecipe('float16'));
    expect(model.metadata.map(({ name, bytes }) => [name, new TextDecoder().decode(bytes)])).toEqual([
      ['reduced_precision_support', 'fp16accfp32'],
    ]);
  });
});

describe('quantizeModel', () => {
  it('works in all graphs, bodies of control flow too, and makes each shared constant once', () => {
    const graphs = parseGraphs(`graph main(%x: f32[1,64]) {
      @w = const f32[64,64]
      %y = FULLY_CONNECTED(%x, @w, _) : f32[1,64]
      return %y
    }
    graph body(%x: f32[1,64]) {
      @w = const f32[64,64]
      %y = FULLY_CONNECTED(%x, @w, _) : f32[1,64]
      return %y
    }`);
    const weights = graphs.map((g) => [...g.nodes()][0]?.inputs[1]);
    if (weights[1]) weights[1].constant = weights[0]?.constant;
    const calls: number[][] = [];
    const report = quantizeModel(modelOf(...graphs), resolveRecipe('dynamic'), {
      onProgress: (done, total) => calls.push([done, total]),
    });
    const stored = graphs.map((g) => [...g.nodes()][0]?.inputs[1]?.constant);
    expect(stored[0]).toBe(stored[1]);
    expect(stored[0]?.dtype).toBe('i8');
    expect(calls).toEqual([[1, 1]]);
    expect([report.weightBytesBefore, report.weightBytesAfter]).toEqual([16384, 4096]);
  });

  it('predicts the bytes that a reader of the written file counts', () => {
    const graph = textOf(`(%i: i32[4], %x: f32[1,64]) {
      @w = const f32[64,64]
      @same = const f32[64,64]
      @b = const f32[64]
      %y = FULLY_CONNECTED(%x, @w, @b) : f32[1,64]
      %z = FULLY_CONNECTED(%y, @same, @b) : f32[1,64]
      @e = const f32[100,64]
      %r = GATHER(@e, %i) : f32[4,64]
      return %z, %r`);
    const [first, second] = [...graph.nodes()];
    const [w, same] = [first?.inputs[1], second?.inputs[1]];
    if (same)
      same.constant = Constant.of(
        'f32',
        [64, 64],
        Float32Array.from(w?.constant?.data() as Float32Array, (x) => x * 4),
      );
    const { model, report } = run(graph, 'dynamic');
    const back = readTflite(bytesSource(writeTflite(model)));
    expect(report.weightBytesAfter).toBe(predictTfliteWeightBytes(back));
    // One 64 x 64 matrix (the other has the same integers and larger scales), the bias in float, the table.
    expect(report.weightBytesAfter).toBe(64 * 64 + 64 * 4 + 100 * 64);
    expect(report.weightBytesBefore).toBe(2 * 64 * 64 * 4 + 64 * 4 + 100 * 64 * 4);
  });

  it('keeps the name of a constant in float that others read quantized', () => {
    const graph = textOf(`(%x: f32[64,64]) {
      @e = const f32[64,64]
      %z = FULLY_CONNECTED(%x, @e, _) : f32[64,64]
      %s = ADD(%z, @e) : f32[64,64]
      return %s`);
    run(graph, 'dynamic');
    expect(printGraph(graph)).toContain('@e_int8_axis0 = const i8[64,64]');
    expect(printGraph(graph)).toContain('@e = const f32[64,64]');
  });

  it('reads each constant once, to make integers', () => {
    const graph = textOf(`(%x: f32[1,64]) {
      @w = const f32[128,64]
      %y = FULLY_CONNECTED(%x, @w, _) : f32[1,128]
      return %y`);
    const w = [...graph.nodes()][0]?.inputs[1];
    let reads = 0;
    const read = () => {
      reads++;
      return new Float32Array(128 * 64).fill(0.5);
    };
    if (w) w.constant = Constant.lazy('f32', [128, 64], read);
    run(graph, 'dynamic');
    expect(reads).toBe(1);
  });
});
