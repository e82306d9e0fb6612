import type { Value } from '../../../ir/graph.js';
import type { Lower, Lowering } from './context.js';
import { castTo } from './operands.js';

const LOWEST = -3.4028234663852886e38;

/** Boxes of one sample that were chosen for some class, padded: `[K, 4]`, `[K]`. */
interface Chosen {
  readonly boxes: Value;
  readonly scores: Value;
  readonly valid: Value;
}

/**
 * The best boxes of each class, and of those the best of all: `[B, T, 4]`, with scores and classes `[B, T]`, filled up
 * with zeros. Every class of every sample is one suppression.
 */
const combinedSuppression: Lower = (c) => {
  const [batch = 0, , shared = 1] = c.staticShape(c.input(0), 'its boxes');
  const [, , classes = 0] = c.staticShape(c.input(1), 'its scores');
  const perClass = c.number(2, 'number of boxes of a class');
  const all = perClass * classes;
  const wanted = c.number(3, 'number of boxes');
  const total = c.attrs.bool('pad_per_class', false) ? Math.min(wanted, all) : wanted;
  const samples = Array.from({ length: batch }, (_, sample) => {
    const chosen = Array.from({ length: classes }, (_, k) => chooseOf(c, sample, k, shared === 1 ? 0 : k, perClass));
    return best(c, chosen, perClass, total);
  });
  return [0, 1, 2, 3].map((output) => {
    const values = samples.map((s) => s[output] as Value);
    return c.emit('PACK', values, { valuesCount: values.length, axis: 0 });
  });
};

/** One suppression: the boxes of a sample by their scores for a class. */
function chooseOf(c: Lowering, sample: number, kind: number, box: number, perClass: number): Chosen {
  const part = (x: Value, at: number) => {
    const range = [c.i32([sample, 0, at]), c.i32([sample + 1, 0, at + 1]), c.i32([1, 1, 1])];
    return c.emit('STRIDED_SLICE', [x, ...range], { beginMask: 2, endMask: 2, shrinkAxisMask: 5 });
  };
  const [boxes, scores] = [part(c.input(0), box), part(c.input(1), kind)];
  const limits = [c.i32(perClass), c.input(4), c.input(5)];
  const [indices, valid] = c.emitAll('NON_MAX_SUPPRESSION_V4', [boxes, scores, ...limits]) as [Value, Value];
  const places = c.i32([...Array(perClass).keys()]);
  const isChosen = c.emit('LESS', [places, valid]);
  return {
    boxes: c.emit('GATHER', [boxes, indices]),
    scores: c.emit('SELECT_V2', [isChosen, c.emit('GATHER', [scores, indices]), c.make('f32', LOWEST)]),
    valid,
  };
}

/** The best of what was chosen for the classes: boxes, scores, classes, and how many there are. */
function best(c: Lowering, chosen: readonly Chosen[], perClass: number, total: number): Value[] {
  const kept = Math.min(total, perClass * chosen.length);
  const join = (values: readonly Value[]) =>
    values.length === 1 ? (values[0] as Value) : c.emit('CONCATENATION', values, { axis: 0 });
  const [scores, indices] = c.emitAll('TOPK_V2', [join(chosen.map((k) => k.scores)), c.i32(kept)]) as [Value, Value];
  const found = chosen.map((k) => k.valid).reduce((sum, valid) => c.emit('ADD', [sum, valid]));
  const valid = c.emit('MINIMUM', [found, c.i32(kept)]);
  const isFound = c.emit('LESS', [c.i32([...Array(kept).keys()]), valid]);
  const filled = (x: Value, shape: readonly number[]) => {
    const mask = c.emit('RESHAPE', [isFound, c.i32(shape)]);
    const values = c.emit('SELECT_V2', [mask, x, c.make('f32', 0)]);
    const paddings = shape.flatMap((_, axis) => [0, axis === 0 ? total - kept : 0]);
    return kept === total ? values : c.emit('PAD', [values, c.i32(paddings, [shape.length, 2])]);
  };
  const boxes = c.emit('GATHER', [join(chosen.map((k) => k.boxes)), indices]);
  const kinds = c.emit('FLOOR_DIV', [indices, c.i32(perClass)]);
  const classes = castTo(kinds, 'f32', (n) => c.emitAll(n.op, n.inputs, n.options));
  return [filled(clipped(c, boxes), [kept, 1]), filled(scores, [kept]), filled(classes, [kept]), valid];
}

function clipped(c: Lowering, boxes: Value): Value {
  if (!c.attrs.bool('clip_boxes', true)) return boxes;
  return c.emit('MAXIMUM', [c.emit('MINIMUM', [boxes, c.make('f32', 1)]), c.make('f32', 0)]);
}

/** Suppression of the boxes of many classes at once. */
export const combinedSuppressions: Readonly<Record<string, Lower>> = {
  CombinedNonMaxSuppression: combinedSuppression,
};
