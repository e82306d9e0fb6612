import { expect, it } from 'vitest';
import { fuzzIterations, mutations } from '../../../../test/fuzz/mutate.js';
import { memoryTree } from '../../../bytes/source.js';
import { ModelError } from '../../../errors.js';
import { readModel } from '../../index.js';
import { constant, float, floats, modelFiles, node, placeholder, strings } from './testing.js';

const files = modelFiles(
  [
    placeholder('x', [1, 2]),
    constant('k'),
    constant('b'),
    node('y', '_FusedMatMul', ['x', 'k', 'b'], { ...float, fused_ops: strings('BiasAdd'), num_args: { i: '1' } }),
    constant('s', 'DT_STRING'),
  ],
  [
    { name: 's', shape: [2], dtype: 'string', bytes: Uint8Array.of(1, 0, 0, 0, 65, 2, 0, 0, 0, 66, 67) },
    { name: 'k', shape: [2, 2], dtype: 'float32', bytes: floats(1, 2, 3, 4) },
    {
      name: 'b',
      shape: [2],
      dtype: 'float32',
      bytes: Uint8Array.of(1, 2),
      quantization: { dtype: 'uint8', scale: 1, min: 0 },
    },
  ],
  {},
  16,
);

it.each(Object.keys(files))('a damaged %s is read, or is a ModelError', (path) => {
  for (const bytes of mutations(files[path] as Uint8Array, fuzzIterations(300), 5)) {
    const start = performance.now();
    try {
      for (const graph of readModel(memoryTree({ ...files, [path]: bytes })).graphs)
        for (const { inputs } of graph.nodes()) for (const value of inputs) value?.constant?.data();
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
    }
    expect(performance.now() - start).toBeLessThan(2000);
  }
});
