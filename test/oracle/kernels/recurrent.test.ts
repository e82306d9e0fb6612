import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../../src/bytes/source.js';
import { seededData } from '../../../src/ir/seeded.js';
import { load } from '../../../src/node/runtime.js';
import { modelBytes, testKernels } from '../kernel-case.js';
import { loadLiteRt } from '../litert.js';

interface Layer {
  readonly batch: number;
  /** Absent: one step, without an axis of time. */
  readonly steps?: number;
  readonly size: number;
  readonly cells: number;
  readonly isHybrid?: boolean;
  readonly timeMajor?: boolean;
  readonly options?: string;
  readonly hasInputGate?: boolean;
  readonly hasPeephole?: boolean;
  /** Outputs of a projection. */
  readonly projection?: number;
  readonly mergeOutputs?: boolean;
  /** Features of an auxiliary input; with weights of its own, or as what the backward direction reads. */
  readonly aux?: { readonly size: number; readonly hasWeights: boolean };
}

/** The lines of a graph: weights small enough that sequences do not blow differences of rounding up. */
class Lines {
  readonly lines: string[] = [];

  vector(name: string, count: number): string {
    const values = Array.from(seededData('f32', count, name) as Float32Array, (x) => (x / 2).toFixed(5));
    this.lines.push(`@${name} = const f32[${count}] [${values}]`);
    return `@${name}`;
  }

  matrix(name: string, rows: number, columns: number, isHybrid = false): string {
    const scale = 1 / Math.sqrt(columns);
    if (isHybrid) this.lines.push(`@${name} = const i8[${rows},${columns}] q(${(scale / 127).toFixed(7)}, 0)`);
    else {
      const data = seededData('f32', rows * columns, name) as Float32Array;
      this.lines.push(`@${name} = const f32[${rows},${columns}] [${Array.from(data, (x) => (x * scale).toFixed(5))}]`);
    }
    return `@${name}`;
  }

  state(name: string, rows: number, columns: number): string {
    this.lines.push(`%${name} = variable f32[${rows},${columns}]`);
    return `%${name}`;
  }
}

const sequenceShape = ({ batch, steps, timeMajor }: Layer, size: number): string =>
  (steps === undefined ? [batch, size] : timeMajor ? [steps, batch, size] : [batch, steps, size]).join();

/** Weights, peepholes, biases and projection of one direction, in the order of the operators. */
function cellOperands(lines: Lines, layer: Layer, side: string): string[] {
  const { size, cells, isHybrid, hasInputGate = true, hasPeephole, projection } = layer;
  const gates = ['i', 'f', 'g', 'o'];
  const has = (gate: string) => gate !== 'i' || hasInputGate;
  const matrix = (kind: string, columns: number) =>
    gates.map((gate) => (has(gate) ? lines.matrix(`${side}${kind}_${gate}`, cells, columns, isHybrid) : '_'));
  const peepholes = ['i', 'f', 'o'].map((g) => (hasPeephole && has(g) ? lines.vector(`${side}p_${g}`, cells) : '_'));
  return [
    ...matrix('w', size),
    ...matrix('r', projection ?? cells),
    ...peepholes,
    ...gates.map((gate) => (has(gate) ? lines.vector(`${side}b_${gate}`, cells) : '_')),
    projection ? lines.matrix(`${side}proj`, projection, cells, isHybrid) : '_',
    projection ? lines.vector(`${side}projb`, projection) : '_',
  ];
}

const states = (lines: Lines, { batch, cells, projection }: Layer, side: string): string[] => [
  lines.state(`${side}h`, batch, projection ?? cells),
  lines.state(`${side}c`, batch, cells),
];

const graph = (inputs: string, lines: Lines, results: string): string =>
  `graph main(${inputs}) {\n${lines.lines.join('\n')}\nreturn ${results}\n}`;

function optionsOf(
  { steps, timeMajor = false, isHybrid, options, mergeOutputs }: Layer,
  others: readonly string[] = [],
): string {
  const all = [
    ...others,
    ...(steps !== undefined ? [`timeMajor: ${timeMajor}`] : []),
    ...(isHybrid ? ['asymmetricQuantizeInputs: true'] : []),
    ...(mergeOutputs ? ['mergeOutputs: true'] : []),
    ...(options ? [options] : []),
  ];
  return `{${all.join(', ')}}`;
}

function lstm(layer: Layer): string {
  const lines = new Lines();
  const operands = ['%x', ...cellOperands(lines, layer, ''), ...states(lines, layer, ''), '_', '_', '_', '_'];
  const isStep = layer.steps === undefined;
  const op = isStep ? 'LSTM' : 'UNIDIRECTIONAL_SEQUENCE_LSTM';
  const options = optionsOf(layer, isStep ? ['kernelType: FULL'] : []);
  const out = sequenceShape(layer, layer.projection ?? layer.cells);
  lines.lines.push(`%y = ${op}(${operands}) ${options} : f32[${out}]`);
  return graph(`%x: f32[${sequenceShape(layer, layer.size)}]`, lines, '%y');
}

function bothOutputs(layer: Layer, size: number): { readonly names: string; readonly types: string } {
  const one = (n: number) => `f32[${sequenceShape(layer, n)}]`;
  return layer.mergeOutputs
    ? { names: '%y', types: one(2 * size) }
    : { names: '%y, %z', types: `${one(size)}, ${one(size)}` };
}

function bidirectionalLstm(layer: Layer): string {
  const lines = new Lines();
  const { aux, cells, isHybrid } = layer;
  const auxWeights = ['fa', 'ba'].flatMap((side) =>
    ['i', 'f', 'g', 'o'].map((g) => (aux?.hasWeights ? lines.matrix(`${side}_${g}`, cells, aux.size, isHybrid) : '_')),
  );
  const operands = [
    '%x',
    ...cellOperands(lines, layer, 'f'),
    ...cellOperands(lines, layer, 'b'),
    ...states(lines, layer, 'f'),
    ...states(lines, layer, 'b'),
    aux ? '%aux' : '_',
    ...auxWeights,
  ];
  const { names, types } = bothOutputs(layer, layer.projection ?? cells);
  lines.lines.push(`${names} = BIDIRECTIONAL_SEQUENCE_LSTM(${operands}) ${optionsOf(layer)} : ${types}`);
  const inputs = [`%x: f32[${sequenceShape(layer, layer.size)}]`];
  if (aux) inputs.push(`%aux: f32[${sequenceShape(layer, aux.size)}]`);
  return graph(inputs.join(), lines, names);
}

function rnnOperands(lines: Lines, { batch, size, cells, isHybrid }: Layer, side: string): string[] {
  return [
    lines.matrix(`${side}w`, cells, size, isHybrid),
    lines.matrix(`${side}r`, cells, cells, isHybrid),
    lines.vector(`${side}b`, cells),
    lines.state(`${side}h`, batch, cells),
  ];
}

function rnn(layer: Layer): string {
  const lines = new Lines();
  const operands = ['%x', ...rnnOperands(lines, layer, '')];
  const op = layer.steps === undefined ? 'RNN' : 'UNIDIRECTIONAL_SEQUENCE_RNN';
  lines.lines.push(`%y = ${op}(${operands}) ${optionsOf(layer)} : f32[${sequenceShape(layer, layer.cells)}]`);
  return graph(`%x: f32[${sequenceShape(layer, layer.size)}]`, lines, '%y');
}

function bidirectionalRnn(layer: Layer): string {
  const lines = new Lines();
  const { aux, cells, isHybrid } = layer;
  const operands = [
    '%x',
    ...rnnOperands(lines, layer, 'f'),
    ...rnnOperands(lines, layer, 'b'),
    aux ? '%aux' : '_',
    ...['fa', 'ba'].map((name) => (aux?.hasWeights ? lines.matrix(name, cells, aux.size, isHybrid) : '_')),
  ];
  const { names, types } = bothOutputs(layer, cells);
  lines.lines.push(`${names} = BIDIRECTIONAL_SEQUENCE_RNN(${operands}) ${optionsOf(layer)} : ${types}`);
  const inputs = [`%x: f32[${sequenceShape(layer, layer.size)}]`];
  if (aux) inputs.push(`%aux: f32[${sequenceShape(layer, aux.size)}]`);
  return graph(inputs.join(), lines, names);
}

function svdf(layer: Layer & { readonly memory: number; readonly rank: number }): string {
  const { batch, size, cells, memory, rank, isHybrid } = layer;
  const lines = new Lines();
  const operands = [
    '%x',
    lines.matrix('feature', cells * rank, size, isHybrid),
    lines.matrix('time', cells * rank, memory, isHybrid),
    lines.vector('b', cells),
    lines.state('s', batch, cells * rank * memory),
  ];
  lines.lines.push(`%y = SVDF(${operands}) ${optionsOf(layer, [`rank: ${rank}`])} : f32[${batch},${cells}]`);
  return graph(`%x: f32[${batch},${size}]`, lines, '%y');
}

const tanh = { options: 'fusedActivationFunction: TANH' };
const small = { size: 5, cells: 7 };

describe('float recurrent layers equal the reference kernels', () => {
  testKernels({
    'one step of LSTM': { graph: lstm({ batch: 2, ...small }), kernel: 'lstm_f32' },
    'LSTM of one sequence': { graph: lstm({ batch: 1, steps: 50, size: 3, cells: 33 }), kernel: 'lstm_f32' },
    'LSTM of one step': { graph: lstm({ batch: 1, steps: 1, size: 8, cells: 16 }) },
    'LSTM of three sequences': { graph: lstm({ batch: 3, steps: 9, ...small }) },
    'LSTM of five sequences, time first': { graph: lstm({ batch: 5, steps: 9, timeMajor: true, ...small }) },
    'LSTM without input gate': { graph: lstm({ batch: 2, steps: 6, hasInputGate: false, ...small }) },
    'LSTM with peepholes': { graph: lstm({ batch: 2, steps: 6, hasPeephole: true, ...small }) },
    'LSTM with peepholes without input gate': {
      graph: lstm({ batch: 1, steps: 6, hasPeephole: true, hasInputGate: false, ...small }),
    },
    'LSTM with projection': { graph: lstm({ batch: 3, steps: 6, projection: 6, ...small }) },
    'LSTM with bounds': {
      graph: lstm({ batch: 1, steps: 20, projection: 6, options: 'cellClip: 0.5, projClip: 0.3', ...small }),
    },
    'LSTM with RELU': {
      graph: lstm({ batch: 1, steps: 6, options: 'fusedActivationFunction: RELU', ...small }),
    },
    'LSTM in both directions': { graph: bidirectionalLstm({ batch: 3, steps: 7, ...small }), kernel: 'lstm_f32' },
    'LSTM in both directions, side by side, time first': {
      graph: bidirectionalLstm({ batch: 2, steps: 7, timeMajor: true, mergeOutputs: true, ...small }),
    },
    // Of the size of the input: LiteRT steps through it by that.
    'LSTM in both directions with an auxiliary input': {
      graph: bidirectionalLstm({ batch: 2, steps: 7, aux: { size: 5, hasWeights: true }, ...small }),
    },
    'LSTM in both directions of two inputs': {
      graph: bidirectionalLstm({ batch: 2, steps: 7, aux: { size: 5, hasWeights: false }, ...small }),
    },
    'one step of RNN': { graph: rnn({ batch: 2, ...tanh, ...small }), kernel: 'rnn_f32' },
    'RNN of one sequence': { graph: rnn({ batch: 1, steps: 50, ...tanh, size: 9, cells: 35 }) },
    'RNN of three sequences with RELU': {
      graph: rnn({ batch: 3, steps: 4, options: 'fusedActivationFunction: RELU', ...small }),
    },
    'RNN time first': { graph: rnn({ batch: 3, steps: 4, timeMajor: true, ...tanh, ...small }) },
    'RNN in both directions': { graph: bidirectionalRnn({ batch: 2, steps: 5, ...tanh, ...small }) },
    'RNN in both directions, side by side, with an auxiliary input': {
      graph: bidirectionalRnn({
        batch: 2,
        steps: 5,
        mergeOutputs: true,
        aux: { size: 3, hasWeights: true },
        ...tanh,
        ...small,
      }),
    },
    'SVDF of one row': {
      graph: svdf({ batch: 1, memory: 10, rank: 1, size: 16, cells: 13 }),
      kernel: 'svdf_f32',
    },
    'SVDF of rank 2': {
      graph: svdf({ batch: 3, memory: 3, rank: 2, options: 'fusedActivationFunction: RELU', ...small }),
    },
    'SVDF of a memory of one': { graph: svdf({ batch: 2, memory: 1, rank: 1, ...small }) },
  });
});

describe('layers of 8-bit weights are close to the reference kernels', () => {
  // The grids of the quantized rows differ: ours are those of XNNPACK, and what is not worth it is not quantized.
  const grids = { tolerance: 2e-2 };
  const large = { isHybrid: true, size: 33, cells: 70 };
  testKernels({
    'one step of hybrid LSTM': { graph: lstm({ batch: 2, ...large }), ...grids, kernel: 'lstm_hybrid' },
    'hybrid LSTM of one sequence': {
      graph: lstm({ batch: 1, steps: 50, ...large }),
      ...grids,
      kernel: 'lstm_hybrid',
    },
    'hybrid LSTM of three sequences, time first': {
      graph: lstm({ batch: 3, steps: 9, timeMajor: true, ...large }),
      ...grids,
    },
    'hybrid LSTM of five sequences': { graph: lstm({ batch: 5, steps: 9, ...large }), ...grids },
    'hybrid LSTM with projection, without input gate': {
      graph: lstm({ batch: 2, steps: 6, projection: 65, hasInputGate: false, ...large }),
      ...grids,
    },
    'hybrid LSTM of few cells': { graph: lstm({ batch: 1, steps: 6, isHybrid: true, ...small }), ...grids },
    'hybrid LSTM in both directions': {
      graph: bidirectionalLstm({ batch: 1, steps: 7, mergeOutputs: true, ...large }),
      ...grids,
      kernel: 'lstm_hybrid',
    },
    'hybrid LSTM in both directions, time first': {
      graph: bidirectionalLstm({ batch: 2, steps: 7, timeMajor: true, ...large }),
      ...grids,
    },
    'hybrid LSTM in both directions of two sequences': {
      graph: bidirectionalLstm({ batch: 2, steps: 7, ...large }),
      ...grids,
    },
    'hybrid RNN': { graph: rnn({ batch: 1, steps: 9, ...tanh, ...large }), ...grids, kernel: 'rnn_hybrid' },
    'hybrid SVDF': {
      graph: svdf({ ...large, batch: 2, memory: 8, rank: 1, cells: 150 }),
      ...grids,
      kernel: 'svdf_hybrid',
    },
    'hybrid RNN in both directions': {
      graph: bidirectionalRnn({ batch: 2, steps: 5, ...tanh, ...large }),
      ...grids,
    },
  });
});

it.each([
  ['LSTM', lstm({ batch: 2, steps: 4, ...small })],
  ['LSTM with projection', lstm({ batch: 1, steps: 3, projection: 4, ...small })],
  ['SVDF', svdf({ batch: 2, memory: 5, rank: 2, ...small })],
  ['RNN', rnn({ batch: 2, steps: 4, ...tanh, ...small })],
])('states of %s stay from run to run, until they are reset', async (_, text) => {
  const bytes = modelBytes(text);
  const ours = await load(bytesSource(bytes));
  const theirs = await (await loadLiteRt()).load(bytes, 'reference');
  const shape = ours.signatures[0]!.inputs[0]!.shape;
  const count = shape.reduce((a, b) => a * b, 1);
  const first: Float32Array[] = [];
  for (const seed of ['a', 'b', 'c']) {
    const x = { data: seededData('f32', count, seed), shape };
    const out = ours.run({ x }).y!.data as Float32Array;
    const expected = (await theirs.run({ x: x as { data: Float32Array; shape: number[] } })).y!.data as Float32Array;
    for (const [i, value] of out.entries()) expect(value).toBeCloseTo(expected[i]!, 5);
    first.push(out);
  }
  expect(first[1]).not.toEqual(first[0]);
  ours.reset();
  expect(ours.run({ x: { data: seededData('f32', count, 'a'), shape } }).y!.data).toEqual(first[0]);
  theirs.delete();
  ours.dispose();
});
