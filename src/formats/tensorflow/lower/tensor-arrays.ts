import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import type { Lower, Lowering } from './context.js';
import { readItem, reservedList, writeItem } from './lists.js';
import { entryOf, int32Input, knownNumbers } from './shapes.js';

/**
 * Arrays of tensors of TensorFlow 1. What the model passes around as their `flow` is the list itself, one tensor
 * `[T, …]`; their handle stands for nothing.
 */
const tensorArray: Lower = (c) => {
  const shape = c.attrs.has('element_shape') ? c.attrs.shape('element_shape') : undefined;
  const sizes = shape?.every((d) => d >= 0) ? shape : (c.elementShape ?? shape);
  return [c.i32(0), reservedList(c, c.type('dtype'), sizes, int32Input(c, 0))];
};

/** True for the numbers from 0 on; of a range that is computed, its end counts as that of the list. */
function isEveryIndex(indices: Value): boolean {
  const known = knownNumbers(indices);
  if (known) return known.every((n, i) => n === i);
  const [start, , step] = indices.producer?.op === 'RANGE' ? indices.producer.inputs : [];
  return start?.constant?.numbers()[0] === 0 && step?.constant?.numbers()[0] === 1;
}

const scatter: Lower = (c) => {
  if (isEveryIndex(c.input(1))) return [c.input(2)];
  throw new ModelError('unsupported', 'writes elements in another order than that of their numbers.');
};

const made = (c: Lowering, list: Value): Value => {
  if (!c.openLists.has(list)) return list;
  throw new ModelError('unsupported', 'reads an array before anything is written to it.');
};

const gather: Lower = (c) => {
  const list = made(c, c.input(2));
  if (isEveryIndex(c.input(1))) return [list];
  return [c.emit('GATHER', [list, int32Input(c, 1)], { axis: 0, batchDims: 0 })];
};

const size: Lower = (c) => {
  const list = c.input(1);
  const open = c.openLists.get(list);
  return [open ? open.count : entryOf(c, c.emit('SHAPE', [list], { outType: 'INT32' }), 0)];
};

/** Arrays of tensors as tensors with one more axis. */
export const tensorArrays: Readonly<Record<string, Lower>> = {
  TensorArrayGatherV3: gather,
  TensorArrayReadV3: (c) => [readItem(c, made(c, c.input(2)), int32Input(c, 1))],
  TensorArrayScatterV3: scatter,
  TensorArraySizeV3: size,
  TensorArrayV3: tensorArray,
  TensorArrayWriteV3: (c) => [writeItem(c, c.input(3), int32Input(c, 1), c.input(2))],
};
