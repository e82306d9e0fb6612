import { ModelError } from '../../../errors.js';
import { Constant } from '../../../ir/constant.js';
import { Value } from '../../../ir/graph.js';
import type { LayerCall, Lower, Operand } from './context.js';
import { projected } from './dense.js';
import { numbersOf, operandAt } from './operands.js';

/** A position that no argument has: it is given by name. */
const NAMED_ONLY = 99;
/** Added to the scores of what must not be seen. */
const UNSEEN = -1e9;

/** Tensors of a call: `[query, value, key]`, by position or name; the key is the value when absent. */
function threeInputs(c: LayerCall): { query: Value; value: Value; key: Value } {
  const [first, second, third] = c.inputs;
  const query = c.named('query') ?? first ?? c.input();
  const value = c.named('value') ?? second ?? query;
  const key = c.named('key') ?? third ?? value;
  return { query: c.float(query), value: c.float(value), key: c.float(key) };
}

/** Scores `[..., Tq, Tk]` with what is not seen pushed far down. `seen` broadcasts against them. */
const withSeen = (c: LayerCall, scores: Value, seen: Value): Value => {
  const unseen = c.emit('SUB', [c.f32(1), c.cast(seen, 'f32')]);
  return c.emit('ADD', [scores, c.emit('MUL', [unseen, c.f32(UNSEEN)])]);
};

/** Which steps of the keys a step of the query may see, by their places. */
interface Places {
  readonly isCausal: boolean;
  /** Places of distance 0 to `width - 1` see one another; 0: all. */
  readonly width: number;
}

const placesOf = (c: LayerCall): Places | undefined => {
  const isCausal = c.plain(NAMED_ONLY, 'use_causal_mask') === true || c.config.bool('causal', false);
  const width = c.config.get('sliding_window') === undefined ? 0 : c.config.integer('sliding_window', undefined, 1);
  return isCausal || width > 0 ? { isCausal, width } : undefined;
};

/** `[Tq, Tk]` bool; computed where a number of steps is unknown. */
function seenByPlace(c: LayerCall, scores: Value, { isCausal, width }: Places): Value {
  const [queries = -1, keys = -1] = c.shapeOf(scores).slice(-2);
  if (queries >= 0 && keys >= 0) {
    const sees = (q: number, k: number): boolean => (!isCausal || k <= q) && (width === 0 || Math.abs(q - k) < width);
    const data = Uint8Array.from({ length: queries * keys }, (_, i) => Number(sees(Math.floor(i / keys), i % keys)));
    return Value.constant(c.unique('places'), Constant.of('bool', [queries, keys], data));
  }
  const shape = c.emit('SHAPE', [scores], { outType: 'INT32' });
  const rank = c.shapeOf(scores).length;
  const [q, k] = [rank - 2, rank - 1].map((axis) => c.emit('RANGE', [c.i32(0), c.sizeAt(shape, axis), c.i32(1)])) as [Value, Value]; // biome-ignore format: long
  const [row, column] = [c.emit('EXPAND_DIMS', [q, c.i32(1)]), c.emit('EXPAND_DIMS', [k, c.i32(0)])];
  const before = isCausal ? c.emit('LESS_EQUAL', [column, row]) : undefined;
  const distance = () => c.emit('ABS', [c.emit('SUB', [row, column])]);
  const near = width > 0 ? c.emit('LESS', [distance(), c.i32(width)]) : undefined;
  return both(c, before, near) as Value;
}

/** What both let through. */
const both = (c: LayerCall, a: Value | undefined, b: Value | undefined): Value | undefined =>
  a && b ? c.emit('LOGICAL_AND', [a, b]) : (a ?? b);

/** The call's tensors before they were cast: what says which steps count is kept by them. */
interface Steps {
  readonly query: Value | undefined;
  readonly value: Value | undefined;
  readonly key: Value | undefined;
}

/** Which steps `[N, T]` of query, value and key count. */
function stepsOf(c: LayerCall): Steps {
  const [query = c.named('query'), second, third] = c.inputs;
  const value = c.named('value') ?? second ?? query;
  const key = c.named('key') ?? third;
  const given = c.facts.kwargs.mask;
  const listed = given && 'list' in given ? given.list : [];
  const at = (i: number): Value | undefined => {
    const operand = listed[i];
    return operand && 'tensor' in operand ? operand.tensor : undefined;
  };
  return {
    query: c.named('query_mask') ?? at(0) ?? (query && c.maskOf(query)),
    value: c.named('value_mask') ?? at(1) ?? (value && c.maskOf(value)),
    key: key && key !== value ? (c.named('key_mask') ?? c.maskOf(key)) : undefined,
  };
}

const expand = (c: LayerCall, x: Value, axis: number): Value => c.emit('EXPAND_DIMS', [x, c.i32(axis)]);

/**
 * What is seen `[..., Tq, Tk]`, undefined where all is. Layers with heads leave out the queries that do not count too, so
 * that all that leaves out must be one mask: where nothing is seen, all is seen alike.
 */
function seenBy(c: LayerCall, scores: Value, hasHeads: boolean): Value | undefined {
  const given = operandAt(c, NAMED_ONLY, 'attention_mask');
  const steps = stepsOf(c);
  const places = placesOf(c);
  const rows = hasHeads && steps.query ? expand(c, c.cast(steps.query, 'bool'), 2) : undefined;
  const columns = [steps.value, hasHeads ? steps.key : undefined].map((x) => x && expand(c, c.cast(x, 'bool'), 1));
  const counts = columns.reduce((a, b) => both(c, a, b), rows);
  const seen = both(c, counts && hasHeads ? expand(c, counts, 1) : counts, places && seenByPlace(c, scores, places));
  if (!given) return seen;
  const isWhole = c.shapeOf(given).length === c.shapeOf(scores).length;
  const all = hasHeads && !isWhole ? expand(c, given, -3) : given;
  return seen ? both(c, c.cast(all, 'bool'), seen) : all;
}

/** Shares of what is seen. Keras 3 gives zeros where nothing is, on the way that it takes in these cases. */
function sharesOf(c: LayerCall, scores: Value, hasHeads: boolean): Value {
  const seen = seenBy(c, scores, hasHeads);
  const shares = c.emit('SOFTMAX', [seen ? withSeen(c, scores, seen) : scores], { beta: 1 });
  const isPlain = c.config.number('dropout', 0) === 0 && c.plain(NAMED_ONLY, 'return_attention_scores') !== true;
  if (!seen || seen.constant || !hasHeads || isPlain || c.state.version < 3) return shares;
  return c.emit('MUL', [shares, c.cast(seen, 'f32')]);
}

/** `[N, T, H, D]` of every head, for each of the heads: `[N, H, T, D]`. */
const HEADS_FIRST = [0, 2, 1, 3];

/** How many heads of the query share one of key and value. @throws {ModelError} `malformed-file` */
function headsPerKey(c: LayerCall): number {
  const [queries, keys] = ['num_query_heads', 'num_key_value_heads'].map((k) => c.config.integer(k, undefined, 1)) as [number, number]; // biome-ignore format: long
  if (queries % keys === 0) return queries / keys;
  throw new ModelError('malformed-file', `${queries} query heads expected to be a multiple of ${keys} key heads`);
}

/** Heads `[N, H, T, D]`, each so many times in a row. */
function repeated(c: LayerCall, x: Value, times: number): Value {
  const count = c.shapeOf(x)[1] ?? 0;
  if (times === 1) return x;
  const indices = Array.from({ length: count * times }, (_, i) => Math.floor(i / times));
  return c.emit('GATHER', [x, c.i32(indices)], { axis: 1, batchDims: 0 });
}

/** Attention of heads, whose width is an entry of the configuration; those of the query may share keys and values. */
const headed =
  (width: 'key_dim' | 'head_dim'): Lower =>
  (c) => {
    const { query, value, key } = threeInputs(c);
    if (c.shapeOf(query).length !== 3) return overAxes(c, headed(width));
    const hasBias = c.config.bool('use_bias', true);
    let used = 0;
    const weights = (what: string): [Value, Value | undefined] => {
      const kernel = c.weight(used++, `${what}/kernel`);
      return [kernel, hasBias ? c.weight(used++, `${what}/bias`) : undefined];
    };
    const heads = (x: Value, what: string): Value => projected(c, x, ...weights(what), 1);
    const times = width === 'head_dim' ? headsPerKey(c) : 1;
    const scale = c.f32(1 / Math.sqrt(c.config.integer(width, undefined, 1)));
    // In the order of the weights in the file.
    const q = c.transpose(c.emit('MUL', [heads(query, 'query'), scale]), HEADS_FIRST);
    const k = repeated(c, c.transpose(heads(key, 'key'), HEADS_FIRST), times);
    const gate = c.config.bool('use_gate', false) ? c.emit('LOGISTIC', [heads(query, 'gate')]) : undefined;
    const v = repeated(c, c.transpose(heads(value, 'value'), HEADS_FIRST), times);
    const scores = c.emit('BATCH_MATMUL', [q, k], { adjX: false, adjY: true });
    const share = sharesOf(c, scores, true);
    const context = c.transpose(c.emit('BATCH_MATMUL', [share, v], { adjX: false, adjY: false }), HEADS_FIRST);
    const passed = gate ? c.emit('MUL', [context, gate]) : context;
    const result = projected(c, passed, ...weights('attention_output'), 2);
    return c.plain(NAMED_ONLY, 'return_attention_scores') === true ? [result, share] : result;
  };

/**
 * Attention over some of several axes: those become one, and the others a part of the batch. `[N, X, Y, C]` that attends
 * over Y is `[N X, Y, C]`.
 */
function overAxes(c: LayerCall, attend: Lower): Value {
  const { query, value, key } = threeInputs(c);
  const steps = stepsOf(c);
  if (operandAt(c, NAMED_ONLY, 'attention_mask') || placesOf(c) || steps.query || steps.value || steps.key)
    throw new ModelError('unsupported', 'attends over several axes with a mask.');
  if (c.plain(NAMED_ONLY, 'return_attention_scores') === true)
    throw new ModelError('unsupported', 'gives its scores over several axes.');
  const inner = c
    .shapeOf(query)
    .map((_, axis) => axis)
    .slice(1, -1);
  const attended = numbersOf(c.config.get('attention_axes')) ?? inner;
  const last = inner.length + 1;
  const others = [0, ...inner.filter((axis) => !attended.includes(axis))];
  const order = [...others, ...attended, last];
  const sizes = (x: Value): readonly number[] => {
    const shape = c.knownShape(x);
    return order.map((axis) => shape[axis] as number);
  };
  const fold = (x: Value): Operand => {
    const all = sizes(x);
    const steps = all.slice(others.length, -1).reduce((a, b) => a * b, 1);
    return { tensor: c.reshape(c.transpose(x, order), [-1, steps, all.at(-1) as number]) };
  };
  const rest = Object.entries(c.facts.kwargs).filter(([name]) => !/^(query|value|key)$/.test(name));
  const part = c.part({ args: [query, value, key].map(fold), kwargs: Object.fromEntries(rest) });
  const result = attend(part) as Value;
  const features = c.shapeOf(result).slice(2);
  const unfolded = c.reshape(result, [...sizes(query).slice(0, -1), ...features]);
  const axes = [...order.slice(0, -1), ...features.map((_, i) => last + i)];
  return c.transpose(
    unfolded,
    axes.map((_, axis) => axes.indexOf(axis)),
  );
}

/** Inputs as one list: query, value and perhaps key. Scores are products, or weighed sums. */
const attention =
  (scoresOf: (c: LayerCall, query: Value, key: Value) => Value): Lower =>
  (c) => {
    const { query, value, key } = threeInputs(c);
    const share = sharesOf(c, scoresOf(c, query, key), false);
    const all = c.emit('BATCH_MATMUL', [share, value], { adjX: false, adjY: false });
    const counts = stepsOf(c).query;
    const result = counts ? c.emit('MUL', [all, expand(c, c.cast(counts, 'f32'), 2)]) : all;
    return c.plain(NAMED_ONLY, 'return_attention_scores') === true ? [result, share] : result;
  };

function products(c: LayerCall, query: Value, key: Value): Value {
  const mode = c.config.string('score_mode', 'dot');
  if (mode === 'concat') return weighedSums(c, query, key);
  if (mode !== 'dot') throw new ModelError('unsupported', `has scores by '${mode}'.`);
  const scores = c.emit('BATCH_MATMUL', [query, key], { adjX: false, adjY: true });
  return c.config.bool('use_scale', false) ? c.emit('MUL', [scores, c.weight(0, 'scale')]) : scores;
}

/** `weight sum tanh(scale (query + key))` over the features. */
function weighedSums(c: LayerCall, query: Value, key: Value): Value {
  const isScaled = c.config.bool('use_scale', false);
  const sum = tanhOfSums(c, query, key, isScaled ? c.weight(0, 'scale') : undefined);
  const scores = c.emit('SUM', [sum, c.i32([-1])], { keepDims: false });
  return c.emit('MUL', [scores, c.weight(isScaled ? 1 : 0, 'concat_score_weight')]);
}

/** `tanh(query + key)` of every query and key, `[.., Tq, Tk, C]`. */
function tanhOfSums(c: LayerCall, query: Value, key: Value, scale?: Value): Value {
  const sum = c.emit('ADD', [expand(c, query, c.shapeOf(query).length - 1), expand(c, key, c.shapeOf(key).length - 2)]);
  return c.emit('TANH', [scale ? c.emit('MUL', [sum, scale]) : sum]);
}

/** `sum scale tanh(query + key)` over the features. */
function sums(c: LayerCall, query: Value, key: Value): Value {
  const both = tanhOfSums(c, query, key);
  const weighed = c.config.bool('use_scale', true) ? c.emit('MUL', [both, c.weight(0, 'scale')]) : both;
  return c.emit('SUM', [weighed, c.i32([-1])], { keepDims: false });
}

/** Attention. */
export const attentions: Readonly<Record<string, Lower>> = {
  AdditiveAttention: attention(sums),
  Attention: attention(products),
  GroupQueryAttention: headed('head_dim'),
  GroupedQueryAttention: headed('head_dim'),
  MultiHeadAttention: headed('key_dim'),
};
