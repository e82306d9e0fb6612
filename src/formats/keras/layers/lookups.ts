import { ModelError } from '../../../errors.js';
import { Constant } from '../../../ir/constant.js';
import { Value } from '../../../ir/graph.js';
import type { Json } from '../json.js';
import type { LayerCall, Lower } from './context.js';
import { encoded } from './encodings.js';

/** Integers or texts as a constant. */
function tokensOf(c: LayerCall, tokens: readonly Json[]): Value {
  if (tokens.every((t) => typeof t === 'number')) return c.make('i64', tokens);
  const texts = tokens.map((t) => new TextEncoder().encode(String(t)));
  return Value.constant(c.unique('vocabulary'), Constant.of('string', [texts.length], texts));
}

/** The tokens that are looked up, without those for what is masked and unknown that may stand in front of them. */
function vocabularyOf(c: LayerCall, special: readonly Json[]): readonly Json[] {
  const vocabulary = c.config.get('vocabulary');
  if (!Array.isArray(vocabulary) || vocabulary.length === 0)
    throw new ModelError(
      'unsupported',
      'has learned its vocabulary (`adapt`), which the configuration does not have. Give the vocabulary to the layer ' +
        '(`vocabulary=layer.get_vocabulary()`), or export the model as a SavedModel (model.export) and convert that.',
    );
  const isInFront = special.length > 0 && special.every((token, i) => vocabulary[i] === token);
  return isInFront ? vocabulary.slice(special.length) : vocabulary;
}

/**
 * Each input is compared with all tokens; the number of the one that is equal is its place behind those of what is masked
 * (the first one, where there is a token for it) and of what is unknown.
 */
const lookup: Lower = (c) => {
  const unknown = c.config.integer('num_oov_indices', 1);
  const mask = c.config.get('mask_token') ?? null;
  const oov = c.config.get('oov_token') ?? -1;
  const masked = mask === null ? [] : [mask];
  const tokens = vocabularyOf(c, [...masked, ...new Array<Json>(unknown).fill(oov)]);
  const front = masked.length + unknown;
  if (c.config.bool('invert', false))
    return inverted(c, [...masked, ...new Array<Json>(unknown).fill(oov), ...tokens], oov);
  const x = c.input();
  const all = tokensOf(c, [...masked, ...tokens]);
  const places = [...masked.map(() => 0), ...tokens.map((_, i) => front + i)];
  const isToken = c.emit('EQUAL', [c.emit('EXPAND_DIMS', [c.cast(x, all.dtype), c.i32(-1)]), all]);
  // One more than the place, so that nothing is left where no token is equal.
  const found = c.emit('SELECT_V2', [isToken, c.i32(places.map((p) => p + 1)), c.i32(0)]);
  const place = c.emit('SUM', [found, c.i32([-1])], { keepDims: false });
  const isKnown = c.emit('GREATER', [place, c.i32(0)]);
  const index = c.emit('SELECT_V2', [
    isKnown,
    c.emit('SUB', [place, c.i32(1)]),
    unknownPlace(c, x, masked.length, unknown),
  ]);
  const mode = c.config.string('output_mode', 'int');
  const most = c.config.get('max_tokens');
  const depth = c.config.bool('pad_to_max_tokens', false) && typeof most === 'number' ? most : front + tokens.length;
  return encoded(c, mode === 'int' ? c.cast(index, 'i64') : index, depth, mode);
};

/** Where what is no token goes: to one place, or by its remainder to one of several. */
function unknownPlace(c: LayerCall, x: Value, first: number, count: number): Value {
  if (count === 0) return c.i32(-1);
  if (count === 1) return c.i32(first);
  return c.emit('ADD', [c.cast(c.emit('FLOOR_MOD', [c.cast(x, 'i64'), c.make('i64', count)]), 'i32'), c.i32(first)]);
}

/** The token at each place. */
function inverted(c: LayerCall, tokens: readonly Json[], oov: Json): Value {
  const place = c.cast(c.input(), 'i32');
  const isPlace = c.emit('LOGICAL_AND', [
    c.emit('GREATER_EQUAL', [place, c.i32(0)]),
    c.emit('LESS', [place, c.i32(tokens.length)]),
  ]);
  // The last one stands for what is no place.
  const at = c.emit('SELECT_V2', [isPlace, place, c.i32(tokens.length)]);
  return c.emit('GATHER', [tokensOf(c, [...tokens, oov]), at], { axis: 0, batchDims: 0 });
}

const hashing: Lower = () => {
  throw new ModelError(
    'unsupported',
    'hashes texts, for which TFLite has no operator. Hash in front of the model, and give it the numbers of the bins.',
  );
};

/** Layers that look categories up. */
export const lookups: Readonly<Record<string, Lower>> = {
  HashedCrossing: hashing,
  Hashing: hashing,
  IntegerLookup: lookup,
  StringLookup: lookup,
};
