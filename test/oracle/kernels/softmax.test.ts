import { describe } from 'vitest';
import { type KernelCase, testKernels } from '../kernel-case.js';

const rows = (op: string, shape: string, options = ''): KernelCase => ({
  graph: `graph main(%x: f32[${shape}]) {
  %y = ${op}(%x) ${options} : f32[${shape}]
  return %y
}`,
});

const large = Float32Array.from({ length: 3 * 17 }, (_, i) => ((i * 7919) % 2003) - 1000);

describe('normalizations of rows equal the reference kernels', () => {
  for (const shape of ['1,1', '5,2', '7,3', '3,5', '2,3,4', '3,17', '2,33', '1,1000'])
    testKernels({
      [`SOFTMAX of [${shape}]`]: rows('SOFTMAX', shape, '{beta: 1}'),
      [`LOG_SOFTMAX of [${shape}]`]: rows('LOG_SOFTMAX', shape),
      [`L2_NORMALIZATION of [${shape}]`]: rows('L2_NORMALIZATION', shape),
    });
  testKernels({
    'SOFTMAX with beta': rows('SOFTMAX', '3,17', '{beta: 0.3}'),
    'SOFTMAX of large logits': { ...rows('SOFTMAX', '3,17', '{beta: 1}'), inputs: { x: large } },
    'LOG_SOFTMAX of large logits': { ...rows('LOG_SOFTMAX', '3,17'), inputs: { x: large } },
    'SOFTMAX of a masked row': {
      ...rows('SOFTMAX', '1,5', '{beta: 1}'),
      inputs: { x: Float32Array.of(1, -Infinity, 2, -Infinity, 0.5) },
    },
    'L2_NORMALIZATION of zeros': { ...rows('L2_NORMALIZATION', '2,5'), inputs: { x: new Float32Array(10) } },
  });
});
