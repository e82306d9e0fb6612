import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import type { Lower, Lowering } from './context.js';
import { packSizes, reshape, type Size, sizesOf, toInt32 } from './shapes.js';

const scalarOf = (c: Lowering, size: Size): Value => (typeof size === 'number' ? c.i32(size) : size);

/** Where the rows begin, and where the last one ends: `[N + 1]`. */
function splitsOf(c: Lowering): Value {
  const kinds = c.attrs.strings('row_partition_types');
  const partition = (kind: string): Value | undefined =>
    kinds.includes(kind) ? toInt32(c, c.input(3 + kinds.indexOf(kind))) : undefined;
  const splits = partition('ROW_SPLITS');
  if (splits && kinds.length === 1) return splits;
  const [rows, count] = [partition('VALUE_ROWIDS'), partition('FIRST_DIM_SIZE')];
  if (!rows || !count || kinds.length !== 2)
    throw new ModelError(
      'unsupported',
      `has rows within rows (${kinds.join(', ')}); rows of values alone can be filled up.`,
    );
  const ones = c.emit('FILL', [packSizes(c, sizesOf(c, rows)), c.i32(1)]);
  const lengths = c.emit('UNSORTED_SEGMENT_SUM', [ones, rows, reshape(c, count, [])]);
  return c.emit('CUMSUM', [c.emit('PAD', [lengths, c.i32([1, 0], [1, 2])]), c.i32(0)], {});
}

/**
 * Rows of different lengths, one behind the other, as a rectangle `[N, T, ..]`: places behind the end of a row look up the
 * default value, which stands behind all others.
 */
const raggedToTensor: Lower = (c) => {
  const [values, fallback] = [c.input(1), c.input(2)];
  const splits = splitsOf(c);
  const part = (begin: number, end: number): Value => {
    const options = { beginMask: begin === 0 ? 1 : 0, endMask: end === 0 ? 1 : 0 };
    return c.emit('STRIDED_SLICE', [splits, c.i32([begin]), c.i32([end]), c.i32([1])], options);
  };
  const first = c.emit('EXPAND_DIMS', [part(0, -1), c.i32(1)]);
  const lengths = c.emit('SUB', [c.emit('EXPAND_DIMS', [part(1, 0), c.i32(1)]), first]);
  const [, width = -1] = c.input(0).constant && c.input(0).shape?.length === 1 ? c.numbers(0, 'shape') : [];
  const size = width >= 0 ? c.i32(width) : c.emit('REDUCE_MAX', [lengths, c.i32([0, 1])], { keepDims: false });
  const columns = c.emit('RANGE', [c.i32(0), size, c.i32(1)]);
  const [count = 0, ...inner] = sizesOf(c, values);
  const isValue = c.emit('LESS', [columns, lengths]);
  const at = c.emit('SELECT_V2', [isValue, c.emit('ADD', [first, columns]), scalarOf(c, count)]);
  const last = c.emit('BROADCAST_TO', [fallback, packSizes(c, [1, ...inner])]);
  return [c.emit('GATHER', [c.emit('CONCATENATION', [values, last], { axis: 0 }), at], { axis: 0 })];
};

/** Rows of different lengths. */
export const raggeds: Readonly<Record<string, Lower>> = { RaggedTensorToTensor: raggedToTensor };
