import { expect, it } from 'vitest';
import { evaluateGraph } from '../../../ops/evaluate.js';
import { f32 } from '../../../ops/testing.js';
import { readModel } from '../../index.js';
import { floats, modelTree, type TestWeight } from './testing.js';

const layer = (class_name: string, config: object) => ({ class_name, config });
const sequential = (name: string, ...layers: readonly object[]) => layer('Sequential', { name, layers });
const weight = (name: string, shape: readonly number[], ...values: number[]): TestWeight => ({
  name,
  shape,
  dtype: 'float32',
  bytes: floats(...values),
});

/** What a model that TensorFlow.js wrote gives for `[1, 2]`. */
const run = (model_config: object, weights: readonly TestWeight[], keras_version = 'tfjs-layers 4.22.0'): number[] =>
  runTopology({ keras_version, model_config }, weights);

function runTopology(modelTopology: object, weights: readonly TestWeight[]): number[] {
  const tree = modelTree([], weights, { format: 'layers-model', modelTopology });
  const { graphs, signatures } = readModel(tree);
  const [graph] = graphs;
  if (!graph) throw new Error('no graph');
  expect(signatures[0]?.inputs).toHaveLength(1);
  return Array.from(evaluateGraph(graph, [f32([1, 2], [1, 2])])[0]?.data as Float32Array);
}

const input = layer('InputLayer', { name: 'x', batch_input_shape: [null, 2], dtype: 'float32' });

it('a version of TensorFlow.js is none of Keras: its hard sigmoid is that of Keras 2', () => {
  const model = sequential('s', input, layer('Activation', { name: 'a', activation: 'hard_sigmoid' }));
  const expected = { 'tfjs-layers 4.22.0': [0.7, 0.9], '2.15.0': [0.7, 0.9], '3.8.0': [4 / 6, 5 / 6] };
  for (const [version, values] of Object.entries(expected))
    for (const [i, y] of run(model, [], version).entries()) expect(y).toBeCloseTo(values[i] as number, 6);
});

it('a chain that starts with a model takes what that model takes', () => {
  const dense = layer('Dense', { name: 'd', units: 1, activation: 'linear', use_bias: false });
  const base = layer('Model', {
    name: 'base',
    layers: [
      { ...input, name: 'x', inbound_nodes: [] },
      { ...dense, name: 'd', inbound_nodes: [[['x', 0, 0, {}]]] },
    ],
    input_layers: [['x', 0, 0]],
    output_layers: [['d', 0, 0]],
  });
  expect(run(sequential('whole', sequential('first', base)), [weight('d/kernel', [2, 1], 3, 4)])).toEqual([11]);
});

it('a null in the shape of a Reshape is the size that is left', () => {
  const model = sequential('s', input, layer('Reshape', { name: 'r', target_shape: [1, null] }));
  expect(run(model, [])).toEqual([1, 2]);
});

it('a name of a layer may hold slashes', () => {
  const dense = (name: string) => layer('Dense', { name, units: 1, use_bias: false });
  const weights = [weight('a/b/kernel', [2, 1], 3, 4), weight('c/kernel', [1, 1], 2)];
  expect(run(sequential('s', input, dense('a/b'), dense('c')), weights)).toEqual([22]);
});

it('layers of one name in a model and in a model within it have their own weights', () => {
  const dense = layer('Dense', { name: 'd', units: 1, use_bias: false });
  const weights = [weight('inner/d/kernel', [2, 1], 3, 4), weight('d/kernel', [1, 1], 2)];
  expect(run(sequential('s', input, sequential('inner', input, dense), dense), weights)).toEqual([22]);
});

it('the topology may be what Keras 3 writes as JSON, which names no version', () => {
  const model = sequential('s', input, layer('Activation', { name: 'a', activation: 'hard_sigmoid' }));
  const [first, second] = runTopology({ module: 'keras', ...model, registered_name: null }, []);
  expect(first).toBeCloseTo(4 / 6, 6);
  expect(second).toBeCloseTo(5 / 6, 6);
});

it('functions of Keras 3 take arrays', () => {
  const x = { class_name: '__keras_tensor__', config: { shape: [null, 2], keras_history: ['x', 0, 0] } };
  const array = { class_name: '__tensor__', config: { value: [[10, 20]], dtype: 'float32' } };
  const model = layer('Functional', {
    name: 'm',
    layers: [
      { ...input, name: 'x', inbound_nodes: [] },
      { ...layer('Add', { name: 'add' }), name: 'add', inbound_nodes: [{ args: [x, array], kwargs: {} }] },
    ],
    input_layers: ['x', 0, 0],
    output_layers: ['add', 0, 0],
  });
  expect(run(model, [], '3.8.0')).toEqual([11, 22]);
});

it('weights of one layer may have one name: they are in the order of the layer', () => {
  const dense = layer('Dense', { name: 'd', units: 1 });
  const weights = [weight('d/variable', [2, 1], 3, 4), weight('d/variable', [1], 100)];
  expect(run(sequential('s', input, dense), weights)).toEqual([111]);
});

it('of two shapes of an input that of Keras 2 counts, as Keras 3 has it too', () => {
  const shapes = { batch_shape: [null, 5], batch_input_shape: [null, 2] };
  const patched = layer('InputLayer', { name: 'x', ...shapes, dtype: 'float32' });
  expect(run(sequential('s', patched), [], '3.10.0')).toEqual([1, 2]);
});

it.each([
  ['layer by layer', ['kernel', 'gamma', 'beta', 'moving_mean', 'moving_variance', 'kernel', 'bias']],
  ['the trained ones first', ['kernel', 'gamma', 'beta', 'kernel_1', 'bias', 'moving_mean', 'moving_variance']],
])('weights whose names tell no layer go to the layers in their order, %s', (_, names) => {
  const values: Readonly<Record<string, readonly number[]>> = {
    gamma: [2],
    beta: [1],
    moving_mean: [5],
    moving_variance: [4],
    bias: [0.5],
    kernel_1: [10],
  };
  const weights = names.map((name, i) => {
    const own = i === 0 ? [3, 4] : (values[name] ?? [10]);
    return weight(name, name.startsWith('kernel') ? [own.length, 1] : [1], ...own);
  });
  const model = sequential(
    's',
    input,
    layer('Dense', { name: 'a', units: 1, use_bias: false }),
    layer('BatchNormalization', { name: 'b', epsilon: 0 }),
    layer('Dropout', { name: 'c', rate: 0.5 }),
    layer('Dense', { name: 'd', units: 1 }),
  );
  // 1 * 3 + 2 * 4 = 11; (11 - 5) / 2 * 2 + 1 = 7; 7 * 10 + 0.5.
  expect(run(model, weights)).toEqual([70.5]);
});
