import { defineOp, type Op } from './define.js';

/**
 * Tables of a running model that map keys to values (64-bit integers to strings or back), filled once by an
 * initialization graph.
 *
 * - HASHTABLE: a handle; FIND: keys of any shape to values, `defaultValue` for those missing; IMPORT: keys and values into
 *   the table; SIZE: how many entries, `[1]`
 *
 * Source: TFLite operators HASHTABLE, HASHTABLE_FIND, HASHTABLE_IMPORT, HASHTABLE_SIZE.
 */
export const hashtables: readonly Op[] = [
  defineOp({
    name: 'HASHTABLE',
    inputs: [],
    outputs: ['table'],
    impure: true,
    infer: () => [{ dtype: 'resource', shape: [1] }],
  }),
  defineOp({
    name: 'HASHTABLE_FIND',
    inputs: ['table', 'keys', 'defaultValue'],
    outputs: ['values'],
    impure: true,
    infer: ({ keys, defaultValue }) => [{ dtype: defaultValue.dtype, shape: keys.shape }],
  }),
  defineOp({
    name: 'HASHTABLE_IMPORT',
    inputs: ['table', 'keys', 'values'],
    outputs: [],
    impure: true,
    infer: () => [],
  }),
  defineOp({
    name: 'HASHTABLE_SIZE',
    inputs: ['table'],
    outputs: ['size'],
    impure: true,
    infer: () => [{ dtype: 'i64', shape: [1] }],
  }),
];
