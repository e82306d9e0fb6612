import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import type { LayerCall, Lower } from './context.js';
import { numbersOf, operandAt } from './operands.js';

/** An operand that must be there. */
function given(c: LayerCall, index: number, key: string, dtype?: 'i32'): Value {
  const value = operandAt(c, index, key, dtype);
  if (value) return value;
  throw new ModelError('unsupported', `has no '${key}' that is a tensor or a list of numbers.`);
}

/** A tensor with a block of it replaced. */
const sliceUpdate: Lower = (c) => {
  const x = c.input();
  const update = c.cast(given(c, 2, 'updates'), x.dtype);
  return c.emit('DYNAMIC_UPDATE_SLICE', [x, update, given(c, 1, 'start_indices', 'i32')]);
};

/** Elements at places `[K, rank]` replaced, the last of equal places counting; or added. */
const scatterUpdate: Lower = (c) => {
  const x = c.input();
  const [places, updates] = [given(c, 1, 'indices', 'i32'), c.cast(given(c, 2, 'updates'), x.dtype)];
  const reduction = c.plain(99, 'reduction') ?? null;
  const shape = c.emit('SHAPE', [x], { outType: 'INT32' });
  const scattered = c.emit('SCATTER_ND', [places, updates, shape]);
  if (reduction === 'add') return c.emit('ADD', [x, scattered]);
  const rank = places.shape?.at(-1) ?? 1;
  const numbers = places.constant?.numbers();
  const rows = numbers && Array.from({ length: numbers.length / rank }, (_, i) => numbers.slice(i * rank, (i + 1) * rank)); // biome-ignore format: long
  if (reduction !== null || !rows || new Set(rows.map(String)).size !== rows.length)
    throw new ModelError('unsupported', 'replaces elements at places that are computed or equal.');
  const ones = c.emit('FILL', [c.emit('SHAPE', [updates], { outType: 'INT32' }), c.i32(1)]);
  const isReplaced = c.emit('NOT_EQUAL', [c.emit('SCATTER_ND', [places, ones, shape]), c.i32(0)]);
  return c.emit('SELECT_V2', [isReplaced, scattered, x]);
};

/** Zeros with elements at places `[K, rank]`. */
const scatter: Lower = (c) => {
  const shape = numbersOf(c.plain(2, 'shape'));
  if (!shape) throw new ModelError('malformed-file', 'shape: numbers expected');
  return c.emit('SCATTER_ND', [given(c, 0, 'indices', 'i32'), given(c, 1, 'values'), c.i32(shape)]);
};

const segment =
  (op: string): Lower =>
  (c) => {
    const ids = given(c, 1, 'segment_ids', 'i32');
    const numbers = ids.constant?.numbers().map(Number);
    const count = numbersOf(c.plain(2, 'num_segments'))?.[0] ?? (numbers && Math.max(-1, ...numbers) + 1);
    if (count === undefined) throw new ModelError('unsupported', 'does not say how many segments there are.');
    return c.emit(op, [operandAt(c, 0, 'data') ?? c.input(), ids, c.i32(count)]);
  };

/** Which numbers of a list are there: `[.., classes]` of 0 and 1. */
const multiHot: Lower = (c) => {
  const axis = numbersOf(c.plain(2, 'axis'))?.[0] ?? -1;
  if (axis !== -1) throw new ModelError('unsupported', `has axis ${axis}; the last one is known here.`);
  const x = c.cast(c.input(), 'i32');
  const [classes = 1] = numbersOf(c.plain(1, 'num_classes')) ?? numbersOf(c.plain(1, 'num_tokens')) ?? [];
  const hot = c.emit('ONE_HOT', [x, c.i32(classes), c.f32(1), c.f32(0)], { axis: -1 });
  const rank = c.shapeOf(x).length;
  return rank > 1 ? c.emit('REDUCE_MAX', [hot, c.i32([rank - 1])], { keepDims: false }) : hot;
};

/** Functions of `keras.ops` that write elements of tensors, by class. */
export const updates: Readonly<Record<string, Lower>> = {
  MultiHot: multiHot,
  Scatter: scatter,
  ScatterUpdate: scatterUpdate,
  SegmentMax: segment('UNSORTED_SEGMENT_MAX'),
  SegmentSum: segment('UNSORTED_SEGMENT_SUM'),
  SliceUpdate: sliceUpdate,
};
