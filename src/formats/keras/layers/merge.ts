import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import type { LayerCall, Lower } from './context.js';
import { listedOperands, operandsOf } from './operands.js';

/**
 * Values whose ranks differ are aligned as Keras's merging layers do: axes of size 1 come behind the batch, so that
 * `[N, C]` meets every step of `[N, T, C]`.
 */
function aligned(c: LayerCall, values: readonly Value[]): Value[] {
  const ranks = values.map((v) => v.shape?.length ?? 0);
  const most = Math.max(...ranks);
  return values.map((v, i) => {
    const missing = most - (ranks[i] ?? 0);
    if (missing === 0 || v.constant || (ranks[i] ?? 0) < 2) return v;
    const [n = -1, ...rest] = c.knownShape(v);
    return c.reshape(v, [n, ...new Array<number>(missing).fill(1), ...rest]);
  });
}

/** Folded from left to right. */
const folded =
  (op: string): Lower =>
  (c) => {
    const [first, ...rest] = aligned(c, operandsOf(c));
    if (!first) throw new ModelError('malformed-file', 'expects inputs, has none');
    return rest.reduce((a, b) => c.emit(op, [a, b]), first);
  };

const average: Lower = (c) => {
  const values = aligned(c, operandsOf(c)).map((v) => c.float(v));
  const sum = values.slice(1).reduce((a, b) => c.emit('ADD', [a, b]), values[0] ?? c.float(c.input()));
  return c.emit('MUL', [sum, c.f32(1 / values.length)]);
};

export const concatenate: Lower = (c) => {
  const values = listedOperands(c);
  const rank = c.shapeOf(c.input()).length;
  const given = c.plain(1, 'axis');
  const axis = typeof given === 'number' ? given : -1;
  if (values.length === 1) return c.input();
  return c.emit('CONCATENATION', values, { axis: axis < 0 ? axis + rank : axis });
};

/** `[N, ...]` times `[N, ...]`, summed over one axis of each. */
const dot: Lower = (c) => {
  const [a, b] = [c.float(c.input(0)), c.float(c.input(1))];
  const given = c.config.numbers('axes') ?? [];
  const axis = (x: Value, n: number | undefined): number => {
    const rank = c.shapeOf(x).length;
    const at = (n ?? -1) < 0 ? (n ?? -1) + rank : (n as number);
    if (rank > 3 || at < 1 || at >= rank) throw new ModelError('unsupported', `multiplies along axis ${n} of ${rank}.`);
    return at;
  };
  const [axisA, axisB] = [axis(a, given[0]), axis(b, given[1] ?? given[0])];
  const unit = (x: Value, at: number): Value => {
    if (!c.config.bool('normalize', false)) return x;
    const squares = c.emit('SUM', [c.emit('MUL', [x, x]), c.i32([at])], { keepDims: true });
    return c.emit('MUL', [x, c.emit('RSQRT', [c.emit('MAXIMUM', [squares, c.f32(1e-12)])])]);
  };
  const [x, y] = [unit(a, axisA), unit(b, axisB)];
  if (x.shape?.length === 2 && y.shape?.length === 2)
    return c.emit('SUM', [c.emit('MUL', [x, y]), c.i32([1])], { keepDims: true });
  const left =
    x.shape?.length === 2 ? c.emit('EXPAND_DIMS', [x, c.i32(1)]) : axisA === 2 ? x : c.transpose(x, [0, 2, 1]);
  const right =
    y.shape?.length === 2 ? c.emit('EXPAND_DIMS', [y, c.i32(2)]) : axisB === 1 ? y : c.transpose(y, [0, 2, 1]);
  const product = c.emit('BATCH_MATMUL', [left, right], { adjX: false, adjY: false });
  if (x.shape?.length === 2) return c.emit('SQUEEZE', [product], { squeezeDims: [1] });
  return y.shape?.length === 2 ? c.emit('SQUEEZE', [product], { squeezeDims: [2] }) : product;
};

/** Layers that merge several inputs. */
export const merges: Readonly<Record<string, Lower>> = {
  Add: folded('ADD'),
  Average: average,
  Concatenate: concatenate,
  Dot: dot,
  Maximum: folded('MAXIMUM'),
  Minimum: folded('MINIMUM'),
  Multiply: folded('MUL'),
  Subtract: folded('SUB'),
  Merge: (c) => {
    const mode = c.config.string('mode', 'sum');
    const row = { sum: 'Add', mul: 'Multiply', ave: 'Average', max: 'Maximum', concat: 'Concatenate' }[mode];
    const lower = row === undefined ? undefined : merges[row];
    if (!lower) throw new ModelError('unsupported', `merges by '${mode}'.`);
    return lower(c);
  },
};
