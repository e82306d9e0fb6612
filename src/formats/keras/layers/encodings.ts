import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import type { LayerCall, Lower } from './context.js';

/** Categories `[.., n]` as they are, or as rows of `depth`: one for each, which of them there are, or how many of each. */
function encoded(c: LayerCall, x: Value, depth: number, mode: string): Value {
  if (mode === 'int') return x;
  const rank = c.shapeOf(x).length;
  const last = c.shapeOf(x)[rank - 1];
  const rows = c.emit('ONE_HOT', [c.cast(x, 'i32'), c.i32(depth), c.f32(1), c.f32(0)], { axis: -1 });
  if (mode === 'one_hot') return last === 1 && rank > 1 ? c.emit('SQUEEZE', [rows], { squeezeDims: [rank - 1] }) : rows;
  const ops: Readonly<Record<string, string>> = { count: 'SUM', multi_hot: 'REDUCE_MAX' };
  const op = Object.hasOwn(ops, mode) ? ops[mode] : undefined;
  if (!op) throw new ModelError('unsupported', `gives '${mode}'; int, one_hot, multi_hot and count are known here.`);
  return rank < 2 ? rows : c.emit(op, [rows, c.i32([rank - 1])], { keepDims: false });
}

const categoryEncoding: Lower = (c) => {
  if (c.named('count_weights')) throw new ModelError('unsupported', 'has weights for its counts.');
  return encoded(
    c,
    c.input(),
    c.config.integer('num_tokens', undefined, 1),
    c.config.string('output_mode', 'multi_hot'),
  );
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

/** The place of each number in the vocabulary, behind those of the mask and of numbers that are not in it. */
const integerLookup: Lower = (c) => {
  const vocabulary = c.config.numbers('vocabulary');
  if (!vocabulary) throw new ModelError('unsupported', 'has learned its vocabulary, which the configuration does not have.'); // biome-ignore format: long
  if (c.config.get('invert') === true || c.config.integer('num_oov_indices', 1, 0) !== 1)
    throw new ModelError('unsupported', 'gives numbers for places, or several places to numbers it does not know.');
  const mode = c.config.string('output_mode', 'int');
  const mask = c.config.get('mask_token');
  const masks = mode === 'int' && typeof mask === 'number' ? [mask] : [];
  const unknown = masks.length; // the place of numbers that are not there; those of the others are counted from it
  const keys = [...masks, ...vocabulary];
  const places = keys.map((_, i) => (i < unknown ? i - unknown : i + 1 - unknown));
  const rank = c.shapeOf(c.input()).length;
  const x = c.emit('EXPAND_DIMS', [c.cast(c.input(), 'i64'), c.i32(rank)]);
  const chosen = c.emit('SELECT_V2', [c.emit('EQUAL', [x, c.make('i64', keys)]), c.make('i64', places), c.make('i64', 0)]); // biome-ignore format: long
  const found = c.emit('SUM', [chosen, c.i32([rank])], { keepDims: false });
  const place = unknown === 0 ? found : c.emit('ADD', [found, c.make('i64', unknown)]);
  return encoded(c, place, keys.length + 1, mode);
};

/** Layers that make categories and rows of them. */
export const encodings: Readonly<Record<string, Lower>> = {
  CategoryEncoding: categoryEncoding,
  Discretization: discretization,
  IntegerLookup: integerLookup,
};
