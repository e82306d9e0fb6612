import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import { type DType, isFloat } from '../../../ir/tensor.js';
import type { Lower, Lowering } from './context.js';
import { castTo } from './operands.js';
import { packSizes, product, reshape, type Size, sizesOf, toInt32 } from './shapes.js';

const scalarOf = (c: Lowering, size: Size): Value => (typeof size === 'number' ? c.i32(size) : size);

const tail = (c: Lowering, x: Value, begin: number, end: number): Value => {
  const options = { beginMask: begin === 0 ? 1 : 0, endMask: end === 0 ? 1 : 0 };
  return c.emit('STRIDED_SLICE', [x, c.i32([begin]), c.i32([end]), c.i32([1])], options);
};

/** Rows of given lengths `[N]` behind one another: where they begin, and where the last one ends, `[N + 1]`. */
const splitsOfLengths = (c: Lowering, lengths: Value): Value =>
  c.emit('CUMSUM', [c.emit('PAD', [lengths, c.i32([1, 0], [1, 2])]), c.i32(0)], {});

/** The same of rows of which each value says the number of its row. */
function splitsOfRows(c: Lowering, rows: Value, count: Value): Value {
  const ones = c.emit('FILL', [packSizes(c, sizesOf(c, rows)), c.i32(1)]);
  return splitsOfLengths(c, c.emit('UNSORTED_SEGMENT_SUM', [ones, rows, reshape(c, count, [])]));
}

/** The rows of every level, from the outermost on: where each begins, and where the last one ends, `[N + 1]`. */
function levelsOf(c: Lowering): readonly Value[] {
  const kinds = c.attrs.strings('row_partition_types');
  let count: Value | undefined;
  return kinds.flatMap((kind, i) => {
    const partition = toInt32(c, c.input(3 + i));
    const rows = count;
    if (kind === 'FIRST_DIM_SIZE') count = partition;
    else if (kind === 'ROW_SPLITS') return [partition];
    else if (kind === 'VALUE_ROWIDS' && rows) {
      if (i + 1 < kinds.length) count = scalarOf(c, sizesOf(c, partition)[0] as Size);
      return [splitsOfRows(c, partition, rows)];
    } else
      throw new ModelError(
        'unsupported',
        `has rows in the form ${kinds.join(', ')}; ROW_SPLITS, or FIRST_DIM_SIZE and VALUE_ROWIDS, can be filled up.`,
      );
    return [];
  });
}

/**
 * Rows of different lengths, one behind the other, as a rectangle `[N, T, ..]`: places behind the end of a row look up the
 * default value, which stands behind all others. `width` is T, the length of the longest row when it is not known.
 */
function rectangle(c: Lowering, values: Value, splits: Value, width: number): Value {
  const first = c.emit('EXPAND_DIMS', [tail(c, splits, 0, -1), c.i32(1)]);
  const lengths = c.emit('SUB', [c.emit('EXPAND_DIMS', [tail(c, splits, 1, 0), c.i32(1)]), first]);
  const size = width >= 0 ? c.i32(width) : c.emit('REDUCE_MAX', [lengths, c.i32([0, 1])], { keepDims: false });
  const columns = c.emit('RANGE', [c.i32(0), size, c.i32(1)]);
  const [count = 0, ...inner] = sizesOf(c, values);
  const isValue = c.emit('LESS', [columns, lengths]);
  const at = c.emit('SELECT_V2', [isValue, c.emit('ADD', [first, columns]), scalarOf(c, count)]);
  const last = c.emit('BROADCAST_TO', [c.input(2), packSizes(c, [1, ...inner])]);
  return c.emit('GATHER', [c.emit('CONCATENATION', [values, last], { axis: 0 }), at], { axis: 0 });
}

/** Rows within rows become rectangles from the innermost on. */
const raggedToTensor: Lower = (c) => {
  const levels = levelsOf(c);
  const sizes = c.input(0).constant && c.input(0).shape?.length === 1 ? c.numbers(0, 'shape') : [];
  return [levels.reduceRight((values, splits, i) => rectangle(c, values, splits, sizes[i + 1] ?? -1), c.input(1))];
};

/** Places in rows of given lengths `[N]` that are behind one another. */
interface Places {
  /** `[N + 1]` */
  readonly splits: Value;
  /** The row of each place, and its number in it: `[P]`. */
  readonly row: Value;
  readonly column: Value;
}

/** Every place counts the rows that have ended before it. */
function placesOf(c: Lowering, lengths: Value): Places {
  const splits = splitsOfLengths(c, lengths);
  const ends = tail(c, splits, 1, 0);
  const total = c.emit('SUM', [lengths, c.i32([0])], {});
  const ones = c.emit('FILL', [packSizes(c, sizesOf(c, ends)), c.i32(1)]);
  const ended = c.emit('UNSORTED_SEGMENT_SUM', [ones, ends, c.emit('ADD', [total, c.i32(1)])]);
  const row = tail(c, c.emit('CUMSUM', [ended, c.i32(0)], {}), 0, -1);
  const numbers = c.emit('RANGE', [c.i32(0), total, c.i32(1)]);
  const column = c.emit('SUB', [numbers, c.emit('GATHER', [splits, row], { axis: 0 })]);
  return { splits, row, column };
}

const inType = (c: Lowering, x: Value, dtype: DType): Value =>
  castTo(x, dtype, (n) => c.emitAll(n.op, n.inputs, n.options));

/** Numbers from a start up to a limit, by steps, in rows: the three of each row, or one for all. */
const raggedRange: Lower = (c) => {
  const rows = [0, 1, 2].find((i) => c.input(i).shape?.length === 1);
  const whole = (x: Value): Value =>
    c.emit('BROADCAST_TO', [x, packSizes(c, rows === undefined ? [1] : sizesOf(c, c.input(rows)))]);
  const [start, limit, step] = [c.input(0), c.input(1), c.input(2)].map(whole) as [Value, Value, Value];
  const { dtype } = start;
  const distance = c.emit('SUB', [limit, start]);
  const zero = c.scalar(start, 0);
  // The remainder has the sign of the step: what it takes to the next whole number of steps.
  const up = isFloat(dtype)
    ? c.emit('CEIL', [c.emit('DIV', [distance, step])])
    : c.emit('NEG', [c.emit('FLOOR_DIV', [c.emit('NEG', [distance]), step])]);
  const lengths = inType(c, c.emit('MAXIMUM', [up, zero]), 'i32');
  const { splits, row, column } = placesOf(c, lengths);
  const of = (x: Value): Value => c.emit('GATHER', [x, row], { axis: 0 });
  const values = c.emit('ADD', [of(start), c.emit('MUL', [of(step), inType(c, column, dtype)])]);
  return [inType(c, splits, c.type('Tsplits', 'i64')), values];
};

/** Some rows, each with all that is in it, of rows within rows. */
const raggedGather: Lower = (c) => {
  const levels = c.attrs.int('PARAMS_RAGGED_RANK');
  const given = c.inputs.slice(0, levels);
  const indices = toInt32(c, c.input(levels + 1));
  let chosen = c.rank(indices, 'the indices') === 1 ? indices : reshape(c, indices, [-1]);
  const splits = given.map((value) => {
    const all = toInt32(c, value);
    const [begins, ends] = [tail(c, all, 0, -1), tail(c, all, 1, 0)].map((x) =>
      c.emit('GATHER', [x, chosen], { axis: 0 }),
    ) as [Value, Value];
    const places = placesOf(c, c.emit('SUB', [ends, begins]));
    chosen = c.emit('ADD', [c.emit('GATHER', [begins, places.row], { axis: 0 }), places.column]);
    return inType(c, places.splits, value.dtype);
  });
  // Indices of several axes are rows of their own, all of one length.
  const outer = (indices.shape ?? []).slice(0, -1).map((_, axis) => {
    const sizes = sizesOf(c, indices);
    const rows = product(c, sizes.slice(0, axis + 1));
    const counts = c.emit('FILL', [packSizes(c, [rows]), scalarOf(c, sizes[axis + 1] as Size)]);
    return inType(c, splitsOfLengths(c, counts), c.input(0).dtype);
  });
  return [...outer, ...splits, c.emit('GATHER', [c.input(levels), chosen], { axis: 0 })];
};

/** Rows of different lengths. */
export const raggeds: Readonly<Record<string, Lower>> = {
  RaggedGather: raggedGather,
  RaggedRange: raggedRange,
  RaggedTensorToTensor: raggedToTensor,
};
