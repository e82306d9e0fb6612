import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import type { DType } from '../../../ir/tensor.js';
import type { Lower, Lowering } from './context.js';
import { castTo } from './operands.js';
import { type Size, sizesOf, toInt32, transpose } from './shapes.js';

const cast = (c: Lowering, x: Value, dtype: DType): Value =>
  castTo(x, dtype, (n) => c.emitAll(n.op, n.inputs, n.options));
const scalarOf = (c: Lowering, size: Size): Value => (typeof size === 'number' ? c.i32(size) : size);

/** Which steps `[N, T]` give a class of their own: not the blank, not the class of the step before, within the length. */
function spokenSteps(c: Lowering, best: Value, isWithin: Value, blank: number): Value {
  const both = (a: Value, b: Value): Value => c.emit('LOGICAL_AND', [a, b]);
  const isClass = both(c.emit('NOT_EQUAL', [best, c.i32(blank)]), isWithin);
  if (!c.attrs.bool('merge_repeated', false)) return isClass;
  const strides = [c.i32([0, 0]), c.i32([0, -1]), c.i32([1, 1])];
  const others = c.emit('STRIDED_SLICE', [best, ...strides], { beginMask: 3, endMask: 1 });
  const before = c.emit('PADV2', [others, c.i32([0, 0, 1, 0], [2, 2]), c.i32(-1)]);
  return both(isClass, c.emit('NOT_EQUAL', [best, before]));
}

/** The best class of each step of scores `[T, N, C]`, repeated ones and blanks left out, as a sparse matrix, and its score. */
const greedyDecoder: Lower = (c) => {
  const scores = c.input(0);
  const [steps = 0, batch = 0] = sizesOf(c, scores);
  const [, , classes = -1] = scores.shape ?? [];
  const given = c.attrs.int('blank_index', -1);
  if (given < 0 && classes < 0) throw new ModelError('unsupported', 'needs a known number of classes.');
  const best = transpose(c, cast(c, c.emit('ARG_MAX', [scores, c.i32(2)], { outputType: 'INT32' }), 'i32'), [1, 0]);
  const times = c.emit('RANGE', [c.i32(0), scalarOf(c, steps), c.i32(1)]);
  const isWithin = c.emit('LESS', [times, c.emit('EXPAND_DIMS', [toInt32(c, c.input(1)), c.i32(1)])]);
  const isSpoken = spokenSteps(c, best, isWithin, given < 0 ? classes + given : given);
  const where = c.emit('WHERE', [isSpoken]);
  const counted = cast(c, isSpoken, 'i32');
  const places = c.emit('CUMSUM', [counted, c.i32(1)], { exclusive: true });
  const at = (x: Value): Value => cast(c, c.emit('GATHER_ND', [x, where]), 'i64');
  const rows = c.emit('STRIDED_SLICE', [where, c.i32([0, 0]), c.i32([0, 1]), c.i32([1, 1])], {
    beginMask: 3,
    endMask: 1,
  });
  const indices = c.emit('CONCATENATION', [rows, c.emit('EXPAND_DIMS', [at(places), c.i32(1)])], { axis: 1 });
  const longest = c.emit('REDUCE_MAX', [c.emit('SUM', [counted, c.i32([1])]), c.i32([0])]);
  const shape = c.emit('PACK', [scalarOf(c, batch), longest], { valuesCount: 2, axis: 0 });
  const highest = transpose(c, c.emit('REDUCE_MAX', [scores, c.i32([2])]), [1, 0]);
  const likely = c.emit('SUM', [c.emit('MUL', [highest, cast(c, isWithin, 'f32')]), c.i32([1])], { keepDims: true });
  return [indices, at(best), cast(c, shape, 'i64'), c.emit('NEG', [likely])];
};

/** Decoders of speech. */
export const decoders: Readonly<Record<string, Lower>> = { CTCGreedyDecoder: greedyDecoder };
