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

/** A label that is a class number. */
export function classOf(label: Label): number {
  const value = typeof label === 'object' && 'data' in label ? Number(label.data[0]) : label;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
  throw new ModelError('invalid-data', `a class number expected as label, got ${JSON.stringify(label)?.slice(0, 60)}`);
}

/** A label that is an array of numbers; a number is one of length 1. */
export function arrayOf(label: Label): Float32Array {
  if (typeof label === 'number') return Float32Array.of(label);
  if (typeof label === 'object' && 'data' in label) return numbersOf(label);
  throw new ModelError('invalid-data', 'an array of numbers expected as label. Give it as .npy.');
}
