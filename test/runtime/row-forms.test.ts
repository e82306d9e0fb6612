import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../src/bytes/source.js';
import { readTflite } from '../../src/formats/tflite/index.js';
import type { Graph, Model } from '../../src/ir/graph.js';
import { seededData } from '../../src/ir/seeded.js';
import { elementCount, type Tensor } from '../../src/ir/tensor.js';
import type { ByteDot } from '../../src/wasm/features.js';
import { modelBytes } from '../oracle/kernel-case.js';
import { planFaults } from './check-plan.js';
import { OpenModel } from './compiled.js';

const dense = (m: number, k: number, n: number) => `graph main(%x: f32[${m},${k}]) {
  @w = const i8[${n},${k}] q(${n} scales, axis 0)
  @b = const f32[${n}]
  %y = FULLY_CONNECTED(%x, @w, @b) {asymmetricQuantizeInputs: true} : f32[${m},${n}]
  return %y
}`;

const convolution = (input: string, filter: string, output: string, options: string) => `graph main(%x: f32[${input}]) {
  @w = const i8[${filter}] q(${filter.split(',')[0]} scales, axis 0)
  %y = CONV_2D(%x, @w, _) ${options} : f32[${output}]
  return %y
}`;

const lstm = (batch: number, steps: number, size: number, cells: number) => {
  const matrices = [size, cells].flatMap((k, side) =>
    [0, 1, 2, 3].map((gate) => `@m${side}${gate} = const i8[${cells},${k}] q(0.001, 0)`),
  );
  const biases = [0, 1, 2, 3].map((gate) => `@b${gate} = const f32[${cells}]`);
  const names = [0, 1].flatMap((side) => [0, 1, 2, 3].map((gate) => `@m${side}${gate}`)).join(', ');
  return `graph main(%x: f32[${batch},${steps},${size}]) {
  ${[...matrices, ...biases].join('\n  ')}
  %h = variable f32[${batch},${cells}]
  %c = variable f32[${batch},${cells}]
  %y = UNIDIRECTIONAL_SEQUENCE_LSTM(%x, ${names}, _, _, _, @b0, @b1, @b2, @b3, _, _, %h, %c, _, _, _, _) {fusedActivationFunction: TANH, asymmetricQuantizeInputs: true} : f32[${batch},${steps},${cells}]
  return %y
}`;
};

const bytes = { i8: ['i8', 'q(0.05, 3)', 'q(0.3, -5)'], u8: ['u8', 'q(0.05, 131)', 'q(0.3, 120)'] } as const;

const denseOfBytes = (type: keyof typeof bytes, m: number, k: number, n: number) => {
  const [dtype, from, to] = bytes[type];
  return `graph main(%x: ${dtype}[${m},${k}] ${from}) {
  @w = const ${type === 'u8' ? 'i8' : dtype}[${n},${k}] q(0.02, 0)
  @b = const i32[${n}] [${Array.from({ length: n }, (_, i) => ((i * 7919) % 4001) - 2000)}]
  %y = FULLY_CONNECTED(%x, @w, @b) : ${dtype}[${m},${n}] ${to}
  return %y
}`;
};

const convolutionOfBytes = (input: string, filter: string, output: string, options: string) => {
  const [dtype, from, to] = bytes.i8;
  return `graph main(%x: ${dtype}[${input}] ${from}) {
  @w = const i8[${filter}] q(${filter.split(',')[0]} scales, axis 0)
  %y = CONV_2D(%x, @w, _) ${options} : ${dtype}[${output}] ${to}
  return %y
}`;
};

const same = '{padding: SAME}';
const strided = '{padding: SAME, strideW: 2, strideH: 2, fusedActivationFunction: RELU}';
const dilated = '{padding: SAME, dilationWFactor: 2, dilationHFactor: 3}';

/** Convolutions by name: input, filter, output, options. */
const convolutions: Readonly<Record<string, readonly [string, string, string, string]>> = {
  '1x1': ['2,5,7,18', '24,1,1,18', '2,5,7,24', same],
  '3x3': ['2,6,7,16', '20,3,3,16', '2,6,7,20', same],
  '3x3 of an odd number of channels': ['2,6,7,5', '17,3,3,5', '2,6,7,17', same],
  '3x3 with stride': ['1,9,10,6', '18,3,3,6', '1,5,5,18', strided],
  '3x3 with dilation': ['1,11,12,7', '16,3,3,7', '1,11,12,16', dilated],
  '3x3 in groups': ['2,6,6,12', '48,3,3,4', '2,6,6,48', same],
  '3x1 in groups of an odd size': ['2,6,6,9', '48,3,2,3', '2,6,6,48', same],
  '5x3 with VALID padding': ['1,9,10,4', '16,5,3,4', '1,5,8,16', '{padding: VALID}'],
};

const channelsOfBytes = (type: keyof typeof bytes, input: string, filter: string, output: string, options: string) => {
  const [dtype, from, to] = bytes[type];
  const channels = filter.split(',')[3];
  return `graph main(%x: ${dtype}[${input}] ${from}) {
  @w = const i8[${filter}] q(${channels} scales, axis 3)
  @b = const i32[${channels}] [${Array.from({ length: Number(channels) }, (_, i) => ((i * 7919) % 801) - 400)}]
  %y = DEPTHWISE_CONV_2D(%x, @w, @b) ${options} : ${dtype}[${output}] ${to}
  return %y
}`;
};

const graphs: Readonly<Record<string, string>> = {
  'bytes of each channel, 3x3': channelsOfBytes('i8', '2,6,7,32', '1,3,3,32', '2,6,7,32', same),
  'bytes of each channel, 3x3 with stride': channelsOfBytes('i8', '1,9,10,21', '1,3,3,21', '1,5,5,21', strided),
  'bytes of each channel, 5x3 with dilation': channelsOfBytes('i8', '1,11,12,24', '1,5,3,24', '1,11,12,24', dilated),
  'unsigned bytes of each channel': channelsOfBytes('u8', '1,5,6,17', '1,2,2,17', '1,4,5,17', '{padding: VALID}'),
  ...Object.fromEntries([1, 2, 3, 4, 37].map((m) => [`rows of floats, ${m}`, dense(m, 71, 75)])),
  'rows of floats that are whole vectors': dense(16, 64, 32),
  ...Object.fromEntries(Object.entries(convolutions).map(([name, c]) => [`floats, ${name}`, convolution(...c)])),
  'LSTM of two sequences': lstm(2, 5, 33, 65),
  ...Object.fromEntries([1, 5].map((m) => [`signed bytes, ${m}`, denseOfBytes('i8', m, 71, 75)])),
  ...Object.fromEntries([1, 5].map((m) => [`unsigned bytes, ${m}`, denseOfBytes('u8', m, 71, 75)])),
  ...Object.fromEntries(Object.entries(convolutions).map(([name, c]) => [`bytes, ${name}`, convolutionOfBytes(...c)])),
};

const inputsOf = (graph: Graph): Tensor[] =>
  graph.inputs.map(({ name, dtype, shape }) => ({
    dtype,
    shape: shape!,
    data: seededData(dtype, elementCount(shape!), name),
  }));

/** Takes the least byte out of all weights: one of the forms is not exact for it. */
function withoutLeast(model: Model): Model {
  for (const { inputs } of model.graphs[0]!.nodes())
    for (const value of inputs) {
      if (value?.dtype !== 'i8' || !value.constant) continue;
      const weights = value.constant.data() as Int8Array;
      for (const [i, w] of weights.entries()) weights[i] = Math.max(w, -127);
    }
  return model;
}

function outputs(text: string, byteDot: ByteDot | undefined, kernels: Set<string>, hasLeast = false) {
  const read = readTflite(bytesSource(modelBytes(text)));
  const model = hasLeast ? read : withoutLeast(read);
  const faults: string[] = [];
  let code = new Uint8Array();
  const open = new OpenModel(
    model,
    ({ executable: { plan } }) => {
      faults.push(...planFaults(plan));
      code = plan.bytes;
    },
    (_, step) => void kernels.add(step.kernel ?? ''),
    { relaxed: false, byteDot },
  );
  const results = open.run(0, inputsOf(model.graphs[0]!)).map((t) => t.data);
  expect(faults).toEqual([]);
  return { results, code };
}

describe.each(Object.entries(graphs))('%s', (name, text) => {
  it.each(['unsigned', 'signed'] as const)('rows of %s bytes give the bits of rows of 16-bit integers', (byteDot) => {
    const kernels = new Set<string>();
    const bytes = outputs(text, byteDot, kernels);
    const shorts = outputs(text, undefined, kernels);
    expect([...kernels].join()).toMatch(/bytes/.test(name) ? /_[iu]8/ : /hybrid/);
    expect(bytes.results).toEqual(shorts.results);
    expect(bytes.code).not.toEqual(shorts.code);
  });
});

it.each(['float input', 'bytes'])(
  'weights with the least byte meet 16-bit integers where bytes are signed: %s',
  (name) => {
    const text = name === 'bytes' ? denseOfBytes('i8', 5, 71, 75) : dense(5, 71, 75);
    const [bytes, shorts] = (['signed', undefined] as const).map((byteDot) => outputs(text, byteDot, new Set(), true));
    expect(bytes!.code).toEqual(shorts!.code);
    expect(outputs(text, 'unsigned', new Set(), true).results).toEqual(shorts!.results);
  },
);
