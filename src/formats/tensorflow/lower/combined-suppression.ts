import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import { impliedCount } from '../../../ops/shapes.js';
import type { Lower, Lowering } from './context.js';
import { countedLoop } from './counted-loop.js';
import { castTo } from './operands.js';
import { packSizes, sizesOf } from './shapes.js';

/** Most operators that choose the boxes of a class, over all images that are not in a loop. */
const MOST = 1000;
/** The score of a place without a box: less than that of any box. */
const LOWEST = -3.4028234663852886e38;

/** What was chosen for one class: boxes `[M, 4]`, scores `[M]` and how many of them count. */
interface Chosen {
  readonly boxes: Value;
  readonly scores: Value;
  readonly count: Value;
}

/** Element `index` of an axis, which goes. */
function slice(c: Lowering, x: Value, axis: number, index: number): Value {
  const at = (n: number): Value => c.i32((x.shape ?? []).map((_, i) => (i === axis ? n : 0)));
  const mask = (x.shape ?? []).reduce((m, _, i) => (i === axis ? m : m | (1 << i)), 0);
  const strides = c.i32((x.shape ?? []).map(() => 1));
  const options = { beginMask: mask, endMask: mask, shrinkAxisMask: 1 << axis };
  return c.emit('STRIDED_SLICE', [x, at(index), at(index + 1), strides], options);
}

/** The best boxes of one class. */
function choose(c: Lowering, boxes: Value, scores: Value, most: number): Chosen {
  const operands = [boxes, scores, c.i32(most), c.input(4), c.input(5)];
  const [indices, count] = c.emitAll('NON_MAX_SUPPRESSION_V4', operands) as [Value, Value];
  const isChosen = c.emit('LESS', [c.i32([...Array(most).keys()]), count]);
  const found = c.emit('GATHER', [scores, indices], { axis: 0 });
  return {
    boxes: c.emit('GATHER', [boxes, indices], { axis: 0 }),
    scores: c.emit('SELECT_V2', [isChosen, found, c.make('f32', LOWEST)]),
    count,
  };
}

/** Boxes `[B, 1 or C, 4]` and scores `[B, C]` of one image: the best of all classes, in order, and how many there are. */
function chooseAll(c: Lowering, boxes: Value, scores: Value, most: number, total: number): Value[] {
  const classes = scores.shape?.[1] ?? 0;
  const isShared = boxes.shape?.[1] === 1;
  const chosen = Array.from({ length: classes }, (_, k) =>
    choose(c, slice(c, boxes, 1, isShared ? 0 : k), slice(c, scores, 1, k), most),
  );
  const padding = Math.max(0, total - classes * most);
  const join = (values: Value[], rest: Value): Value =>
    c.emit('CONCATENATION', padding > 0 ? [...values, rest] : values, { axis: 0 });
  const all = join(
    chosen.map((x) => x.scores),
    c.make('f32', new Array<number>(padding).fill(LOWEST)),
  );
  const places = join(
    chosen.map((x) => x.boxes),
    c.make('f32', new Array<number>(padding * 4).fill(0), [padding, 4]),
  );
  const [best, at] = c.emitAll('TOPK_V2', [all, c.i32(total)]) as [Value, Value];
  const isBox = c.emit('GREATER', [best, c.make('f32', LOWEST)]);
  const zero = c.make('f32', 0);
  const number = castTo(c.emit('FLOOR_DIV', [at, c.i32(most)]), 'f32', (n) => c.emitAll(n.op, n.inputs, n.options));
  const found = c.emit('GATHER', [places, at], { axis: 0 });
  const kept = c.emit('SELECT_V2', [c.emit('RESHAPE', [isBox, c.i32([total, 1])]), found, zero]);
  const [first, ...others] = chosen.map((x) => x.count);
  const sum = others.reduce((a, b) => c.emit('ADD', [a, b]), first as Value);
  return [
    kept,
    c.emit('SELECT_V2', [isBox, best, zero]),
    c.emit('SELECT_V2', [isBox, number, zero]),
    c.emit('MINIMUM', [sum, c.i32(total)]),
  ];
}

/** How many boxes are chosen: of a class, and in all. */
interface Limits {
  readonly most: number;
  readonly total: number;
}

function limitsOf(c: Lowering, classes: number): Limits {
  const count = c.input(0).shape?.[1] ?? -1;
  const asked = impliedCount(c.number(2, 'number of boxes of a class'), 'boxes of a class');
  const all = impliedCount(c.number(3, 'number of boxes'), 'boxes');
  return {
    most: count >= 0 ? Math.min(asked, count) : asked,
    total: c.attrs.bool('pad_per_class', false) ? Math.min(all, asked * classes) : all,
  };
}

/** Operators for each of `images` images, side by side. */
function chooseSideBySide(c: Lowering, images: number, { most, total }: Limits): Value[] {
  const results = Array.from({ length: images }, (_, i) =>
    chooseAll(c, slice(c, c.input(0), 0, i), slice(c, c.input(1), 0, i), most, total),
  );
  return [0, 1, 2, 3].map((k) => {
    const values = results.map((r) => r[k] as Value);
    return c.emit('PACK', values, { valuesCount: images, axis: 0 });
  });
}

/** A loop over the images, which writes the rows of its results one by one. */
function chooseInTurn(c: Lowering, { most, total }: Limits): Value[] {
  const [images = 0] = sizesOf(c, c.input(1));
  const filled = (sizes: readonly number[], zero: Value): Value =>
    c.emit('FILL', [packSizes(c, [images, ...sizes]), zero]);
  const zero = c.make('f32', 0);
  const begin = [filled([total, 4], zero), filled([total], zero), filled([total], zero), filled([], c.i32(0))];
  const count = typeof images === 'number' ? c.i32(images) : images;
  return countedLoop(c, count, begin, (inside, round, values) => {
    const image = (x: Value): Value => inside.emit('GATHER', [x, round], { axis: 0 });
    const rows = chooseAll(inside, image(inside.input(0)), image(inside.input(1)), most, total);
    return values.map((value, k) => {
      const row = inside.emit('EXPAND_DIMS', [rows[k], inside.i32(0)]);
      const start = packSizes(inside, [round, ...(value.shape ?? []).slice(1).map(() => 0)]);
      return inside.emit('DYNAMIC_UPDATE_SLICE', [value, row, start]);
    });
  });
}

/**
 * The best boxes of each image, class by class: every class has an operator of its own. So has every image, where their
 * number is known and small.
 */
const combined: Lower = (c) => {
  const [images = -1, , classes = -1] = c.input(1).shape ?? [];
  if (classes < 0)
    throw new ModelError('unsupported', "needs a known number of classes. Give the model's inputs fixed shapes.");
  if (classes > MOST)
    throw new ModelError('unsupported', `chooses boxes of ${classes} classes: ${MOST} at most can be.`);
  const limits = limitsOf(c, classes);
  const isSmall = images >= 0 && images * classes <= MOST;
  const results = isSmall ? chooseSideBySide(c, images, limits) : chooseInTurn(c, limits);
  const [places, ...others] = results as [Value, ...Value[]];
  if (!c.attrs.bool('clip_boxes', true)) return [places, ...others];
  const clipped = c.emit('MINIMUM', [c.emit('MAXIMUM', [places, c.make('f32', 0)]), c.make('f32', 1)]);
  return [clipped, ...others];
};

/** The end of detectors. */
export const combinedSuppressions: Readonly<Record<string, Lower>> = { CombinedNonMaxSuppression: combined };
