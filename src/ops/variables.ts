import { defineOp, type Op } from './define.js';

/**
 * Variables of a running model: a handle by name, reading and writing. The type that READ_VARIABLE gives is that of the
 * last write, which only the file states.
 *
 * Source: TFLite operators VAR_HANDLE, READ_VARIABLE, ASSIGN_VARIABLE.
 */
export const variables: readonly Op[] = [
  defineOp({
    name: 'VAR_HANDLE',
    inputs: [],
    outputs: ['handle'],
    impure: true,
    infer: () => [{ dtype: 'resource', shape: undefined }],
  }),
  defineOp({ name: 'READ_VARIABLE', inputs: ['handle'], outputs: ['value'], impure: true, infer: () => [] }),
  defineOp({ name: 'ASSIGN_VARIABLE', inputs: ['handle', 'value'], outputs: [], impure: true, infer: () => [] }),
];
