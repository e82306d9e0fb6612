import type { Op } from './define.js';
import { logicalNot } from './logical.js';
import { findOp } from './registry.js';
import { bool, testOp } from './testing.js';

const find = (name: string) => findOp(name) as Op;

// Expected values: TensorFlow.

testOp(find('LOGICAL_AND'), {
  'both must hold': {
    inputs: { a: bool([2, 1], [1, 0]), b: bool([2], [1, 0]) },
    output: bool([2, 2], [1, 0, 0, 0]),
    elements: [1, 0, 0, 0],
  },
});

testOp(find('LOGICAL_OR'), {
  'one is enough': {
    inputs: { a: bool([2, 1], [1, 0]), b: bool([2], [1, 0]) },
    output: bool([2, 2], [1, 1, 1, 0]),
  },
});

testOp(logicalNot, {
  'the opposite': {
    inputs: { input: bool([2], [1, 0]) },
    output: bool([2], [0, 1]),
  },
});
