import { ModelError } from '../../../errors.js';
import { Constant } from '../../../ir/constant.js';
import { Value } from '../../../ir/graph.js';
import type { LayerCall, Lower } from './context.js';
import { projected } from './dense.js';

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

/** Whether step q of the query sees step k of the key. */
type Sees = (q: number, k: number) => boolean;

/** Scores `[..., Tq, Tk]` of which only some are seen, by their places. */
function withPlaces(c: LayerCall, scores: Value, what: string, sees: Sees): Value {
  const [queries = -1, keys = -1] = c.shapeOf(scores).slice(-2);
  if (queries < 0 || keys < 0)
    throw new ModelError(
      'unsupported',
      `is ${what} over an unknown number of steps. Give the inputs fixed shapes (--input-shape).`,
    );
  const unseen = (i: number): number => (sees(Math.floor(i / keys), i % keys) ? 0 : UNSEEN);
  const data = Float32Array.from({ length: queries * keys }, (_, i) => unseen(i));
  const constant = Constant.of('f32', [queries, keys], data);
  return c.emit('ADD', [scores, Value.constant(c.unique('places'), constant)]);
}

/** The call's tensors before they were cast: what says which steps count is kept by them. */
interface Steps {
  readonly query: Value | undefined;
  readonly value: Value | undefined;
}

/** Which steps `[N, T]` of query and value count. */
function stepsOf(c: LayerCall): Steps {
  const [query = c.named('query'), second] = c.inputs;
  const value = c.named('value') ?? second ?? query;
  const given = c.facts.kwargs.mask;
  const listed = given && 'list' in given ? given.list : [];
  const at = (i: number): Value | undefined => {
    const operand = listed[i];
    return operand && 'tensor' in operand ? operand.tensor : undefined;
  };
  return {
    query: c.named('query_mask') ?? at(0) ?? (query && c.maskOf(query)),
    value: c.named('value_mask') ?? at(1) ?? (value && c.maskOf(value)),
  };
}

/** Scores where only what counts is seen. Layers with heads also leave out the queries that do not count. */
function masked(c: LayerCall, scores: Value, hasHeads: boolean): Value {
  const expand = (x: Value, axis: number): Value => c.emit('EXPAND_DIMS', [x, c.i32(axis)]);
  const given = c.named('attention_mask');
  const { query, value } = stepsOf(c);
  let result = scores;
  if (given) {
    const isWhole = c.shapeOf(given).length === c.shapeOf(scores).length;
    result = withSeen(c, result, hasHeads && !isWhole ? expand(given, -3) : given);
  }
  const rows = hasHeads && query ? expand(query, 2) : undefined;
  const columns = value && expand(value, 1);
  const seen = rows && columns ? c.emit('LOGICAL_AND', [rows, columns]) : (rows ?? columns);
  if (seen) result = withSeen(c, result, hasHeads ? expand(seen, 1) : seen);
  const isCausal = c.plain(99, 'use_causal_mask') === true || c.config.bool('causal', false);
  const before = isCausal ? withPlaces(c, result, 'causal', (q, k) => k <= q) : result;
  const width = c.config.get('sliding_window') === undefined ? 0 : c.config.integer('sliding_window', undefined, 1);
  return width > 0 ? withPlaces(c, before, 'in a window', (q, k) => Math.abs(q - k) < width) : before;
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
    if (c.shapeOf(query).length !== 3 || c.shapeOf(value).length !== 3)
      throw new ModelError('unsupported', 'attends over more than one axis.');
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
    const share = c.emit('SOFTMAX', [masked(c, scores, true)], { beta: 1 });
    const context = c.transpose(c.emit('BATCH_MATMUL', [share, v], { adjX: false, adjY: false }), HEADS_FIRST);
    const passed = gate ? c.emit('MUL', [context, gate]) : context;
    const result = projected(c, passed, ...weights('attention_output'), 2);
    return c.plain(99, 'return_attention_scores') === true ? [result, share] : result;
  };

/** Inputs as one list: query, value and perhaps key. Scores are products, or weighed sums. */
const attention =
  (scoresOf: (c: LayerCall, query: Value, key: Value) => Value): Lower =>
  (c) => {
    const { query, value, key } = threeInputs(c);
    const scores = masked(c, scoresOf(c, query, key), false);
    const share = c.emit('SOFTMAX', [scores], { beta: 1 });
    const result = c.emit('BATCH_MATMUL', [share, value], { adjX: false, adjY: false });
    return c.plain(99, 'return_attention_scores') === true ? [result, share] : result;
  };

function products(c: LayerCall, query: Value, key: Value): Value {
  if (c.config.string('score_mode', 'dot') !== 'dot')
    throw new ModelError('unsupported', `has scores by '${c.config.string('score_mode')}'.`);
  const scores = c.emit('BATCH_MATMUL', [query, key], { adjX: false, adjY: true });
  return c.config.bool('use_scale', false) ? c.emit('MUL', [scores, c.weight(0, 'scale')]) : scores;
}

/** `sum scale tanh(query + key)` over the features. */
function sums(c: LayerCall, query: Value, key: Value): Value {
  const [q, k] = [c.emit('EXPAND_DIMS', [query, c.i32(2)]), c.emit('EXPAND_DIMS', [key, c.i32(1)])];
  const both = c.emit('TANH', [c.emit('ADD', [q, k])]);
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
