import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import type { LayerCall, Lower } from './context.js';

/**
 * Categories `[.., n]` as they are, or as rows of `depth`: one for each, which of them there are, or how many of each, each
 * of which may have a weight.
 */
export function encoded(c: LayerCall, x: Value, depth: number, mode: string, weights?: Value): Value {
  if (mode === 'int') return x;
  const rank = c.shapeOf(x).length;
  const last = c.shapeOf(x)[rank - 1];
  const rows = c.emit('ONE_HOT', [c.cast(x, 'i32'), c.i32(depth), c.f32(1), c.f32(0)], { axis: -1 });
  if (mode === 'one_hot') return last === 1 && rank > 1 ? c.emit('SQUEEZE', [rows], { squeezeDims: [rank - 1] }) : rows;
  const ops: Readonly<Record<string, string>> = { count: 'SUM', multi_hot: 'REDUCE_MAX' };
  const op = Object.hasOwn(ops, mode) ? ops[mode] : undefined;
  if (!op) throw new ModelError('unsupported', `gives '${mode}'; int, one_hot, multi_hot and count are known here.`);
  if (rank < 2) return rows;
  const weighed = weights ? c.emit('MUL', [rows, c.emit('EXPAND_DIMS', [c.float(weights), c.i32(rank)])]) : rows;
  return c.emit(op, [weighed, c.i32([rank - 1])], { keepDims: false });
}

const categoryEncoding: Lower = (c) => {
  const mode = c.config.string('output_mode', 'multi_hot');
  return encoded(c, c.input(), c.config.integer('num_tokens', undefined, 1), mode, c.named('count_weights'));
};

/** The number of the bin: how many boundaries are not above. */
const discretization: Lower = (c) => {
  const boundaries = c.config.numbers('bin_boundaries');
  if (!boundaries) throw new ModelError('unsupported', 'has learned its bins, which the configuration does not have.');
  const rank = c.shapeOf(c.input()).length;
  const x = c.emit('EXPAND_DIMS', [c.float(c.input()), c.i32(rank)]);
  const isAbove = c.cast(c.emit('GREATER_EQUAL', [x, c.f32(boundaries)]), 'i32');
  const bins = c.emit('SUM', [isAbove, c.i32([rank])], { keepDims: false });
  const mode = c.config.string('output_mode', 'int');
  return encoded(c, mode === 'int' ? c.cast(bins, 'i64') : bins, boundaries.length + 1, mode);
};

/** Layers that make categories and rows of them. */
export const encodings: Readonly<Record<string, Lower>> = {
  CategoryEncoding: categoryEncoding,
  Discretization: discretization,
};
