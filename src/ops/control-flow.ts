import { defineOp, type Op } from './define.js';

/**
 * Operators that run other graphs of the model, which their options name by index. The outputs of WHILE have the types of
 * its inputs; those of IF and CALL are the graphs' own, which the inputs do not tell.
 *
 * Source: TFLite operators WHILE, IF, CALL, CALL_ONCE.
 */
export const controlFlow: readonly Op[] = [
  defineOp({
    name: 'WHILE',
    inputs: ['values*'],
    outputs: ['outputs*'],
    impure: true,
    infer: ({ values }) => values.map(({ dtype, shape }) => ({ dtype, shape })),
  }),
  defineOp({ name: 'IF', inputs: ['condition', 'values*'], outputs: ['outputs*'], impure: true, infer: () => [] }),
  defineOp({ name: 'CALL', inputs: ['values*'], outputs: ['outputs*'], impure: true, infer: () => [] }),
  defineOp({ name: 'CALL_ONCE', inputs: [], outputs: [], impure: true, infer: () => [] }),
];
