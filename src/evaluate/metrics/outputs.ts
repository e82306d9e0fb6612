import { ModelError } from '../../errors.js';
import type { Tensor } from '../../ir/tensor.js';
import { numbersOf } from '../numbers.js';
import type { Label } from './types.js';

/** The numbers of the output that a task looks at: the named one, or the only one of numbers. */
export function mainOutput(outputs: Readonly<Record<string, Tensor>>, name?: string): Tensor {
  const found = name === undefined ? Object.values(outputs).find((t) => t.dtype !== 'string') : outputs[name];
  if (found) return found;
  throw new ModelError(
    'invalid-data',
    `an output '${name ?? ''}' of numbers expected, got ${Object.keys(outputs).join(', ')}`,
  );
}

/** A label that is a class number, or a row of zeros with a one in the place of the class. */
export function classOf(label: Label): number {
  const value = typeof label === 'object' && 'data' in label ? classOfRow(numbersOf(label)) : label;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
  const got = typeof label === 'object' && 'data' in label ? `an array [${label.shape}]` : JSON.stringify(label);
  throw new ModelError('invalid-data', `a class number expected as label, got ${got?.slice(0, 60)}`);
}

function classOfRow(row: Float32Array): number {
  if (row.length === 1) return row[0] as number;
  const place = row.indexOf(1);
  return row.every((x, i) => x === Number(i === place)) ? place : -1;
}

/** A label that is an array of numbers; a number is one of length 1. */
export function arrayOf(label: Label): Float32Array {
  if (typeof label === 'number') return Float32Array.of(label);
  if (typeof label === 'object' && 'data' in label) return numbersOf(label);
  throw new ModelError('invalid-data', 'an array of numbers expected as label. Give it as .npy.');
}
