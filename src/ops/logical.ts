import { defineOp, type Op } from './define.js';
import { computedElements } from './elements.js';
import { binaryKernel, broadcastType, unaryKernel } from './elementwise.js';
import { invalid } from './shapes.js';

/** A function of two truth values, with broadcasting. */
const logical = (name: 'LOGICAL_AND' | 'LOGICAL_OR', compute: (a: number, b: number) => number): Op =>
  defineOp({
    name,
    inputs: ['a', 'b'],
    outputs: ['output'],
    infer({ a, b }) {
      if (a.dtype !== 'bool' || b.dtype !== 'bool') throw invalid(`expected bool, got ${a.dtype} and ${b.dtype}`);
      return [broadcastType('bool', [a, b])];
    },
    elements: ({ a, b }) => computedElements([a, b], 'bool', compute),
    reference: ({ inputs: { a, b } }) => [
      binaryKernel({ numbers: compute, bigints: (x) => x }, a, b, { dtype: 'bool', shape: undefined }),
    ],
  });

/** The opposite of a truth value. */
export const logicalNot = defineOp({
  name: 'LOGICAL_NOT',
  inputs: ['input'],
  outputs: ['output'],
  infer: ({ input: { dtype, shape } }) => {
    if (dtype !== 'bool') throw invalid(`expected bool, got ${dtype}`);
    return [{ dtype, shape }];
  },
  elements: ({ input }) => computedElements([input], 'bool', (x) => (x ? 0 : 1)),
  reference: ({ inputs: { input } }) => [unaryKernel(input, input, (x) => (x ? 0 : 1))],
});

export const logicalOps: readonly Op[] = [
  logical('LOGICAL_AND', (a, b) => (a && b ? 1 : 0)),
  logical('LOGICAL_OR', (a, b) => (a || b ? 1 : 0)),
];
