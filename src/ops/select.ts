import { elementCount, type Shape, type Tensor } from '../ir/tensor.js';
import { eachBroadcastRun } from './broadcast.js';
import { defineOp, type KnownValue, type VersionFacts } from './define.js';
import { type Elements, isTracked, movableElements } from './elements.js';
import { broadcastShapes, invalid } from './shapes.js';
import { unifiedShape } from './unify.js';
import { blankData, wordsOf } from './view.js';

/** Elements of `x` where the condition holds, else of `y`; all three broadcast to each other. */
export const selectV2 = defineOp({
  name: 'SELECT_V2',
  inputs: ['condition', 'x', 'y'],
  outputs: ['output'],
  infer({ condition, x, y }) {
    requireTypes(condition, x, y);
    return [{ dtype: x.dtype, shape: [condition, x, y].reduce<Shape | undefined>(broadcastWith, []) }];
  },
  elements: ({ condition, x, y }) => selectedElements(condition, condition.shape, x, y),
  reference({ inputs: { condition, x, y } }) {
    const shape = [condition, x, y].reduce<Shape | undefined>(broadcastWith, []) as Shape;
    return [selected(condition, x, y, shape)];
  },
});

/**
 * Elements of `x` where the condition holds, else of `y`, which have one shape; the condition has it too, or is a scalar,
 * or a vector with an element for each row.
 */
export const select = defineOp({
  name: 'SELECT',
  inputs: ['condition', 'x', 'y'],
  outputs: ['output'],
  version: selectVersion,
  infer({ condition, x, y }) {
    requireTypes(condition, x, y);
    const shape = unifiedShape(x.shape, y.shape);
    if (shape && condition.shape) broadcastShapes(rowsAligned(condition.shape, shape.length), shape);
    return [{ dtype: x.dtype, shape }];
  },
  elements({ condition, x, y }) {
    const rank = (x.shape ?? y.shape)?.length;
    if (!condition.shape || rank === undefined) return undefined;
    return selectedElements(condition, rowsAligned(condition.shape, rank), x, y);
  },
  reference({ inputs: { condition, x, y } }) {
    const aligned = { ...condition, shape: rowsAligned(condition.shape, x.shape.length) };
    return [selected(aligned, x, y, x.shape)];
  },
});

const broadcastWith = (shape: Shape | undefined, v: Pick<KnownValue, 'shape'>) => broadcastShapes(shape, v.shape);

/** A vector of conditions as a column, so that it broadcasts along rows. */
const rowsAligned = (shape: Shape, rank: number): Shape =>
  shape.length === 1 && rank > 1 ? [...shape, ...new Array<number>(rank - 1).fill(1)] : shape;

function requireTypes(condition: KnownValue, x: KnownValue, y: KnownValue): void {
  if (condition.dtype !== 'bool') throw invalid(`the condition should be bool, got ${condition.dtype}`);
  if (x.dtype !== y.dtype) throw invalid(`operands should have one type, got ${x.dtype} and ${y.dtype}`);
}

function selected(condition: Tensor, x: Tensor, y: Tensor, shape: Shape): Tensor {
  const data = blankData(x.dtype, elementCount(shape));
  const { words, perElement } = wordsOf(x.dtype, data);
  const [p, q] = [x, y].map((t) => wordsOf(t.dtype, t.data).words) as [Int32Array, Int32Array];
  const out = words as Int32Array;
  const holds = condition.data as Uint8Array;
  eachBroadcastRun(
    shape,
    [condition.shape, x.shape, y.shape],
    (at, [c = 0, i = 0, j = 0], count, [r = 0, s = 0, t = 0]) => {
      for (let k = 0; k < count; k++) {
        const isX = holds[c + k * r] !== 0;
        const from = isX ? p : q;
        const first = (isX ? i + k * s : j + k * t) * perElement;
        for (let w = 0; w < perElement; w++) out[(at + k) * perElement + w] = from[first + w] as number;
      }
    },
  );
  return { dtype: x.dtype, shape, data };
}

function selectedElements(
  condition: KnownValue,
  conditionShape: Shape | undefined,
  x: KnownValue,
  y: KnownValue,
): readonly [Elements] | undefined {
  const holds = movableElements(condition);
  const shapes = [conditionShape, x.shape, y.shape];
  const [p, q] = [movableElements(x), movableElements(y)];
  if (!holds || (!p && !q) || !shapes.every(isTracked)) return undefined;
  const shape = shapes.reduce<Shape | undefined>((a, b) => broadcastShapes(a, b), []);
  if (!isTracked(shape)) return undefined;
  const out = new Array<number | undefined>(elementCount(shape)).fill(undefined);
  eachBroadcastRun(shape, shapes as Shape[], (at, [c = 0, i = 0, j = 0], count, [r = 0, s = 0, t = 0]) => {
    for (let k = 0; k < count; k++) {
      const choice = holds[c + k * r];
      const [a, b] = [p?.[i + k * s], q?.[j + k * t]];
      out[at + k] = choice === undefined ? (a === b ? a : undefined) : choice ? a : b;
    }
  });
  return [out];
}

function selectVersion({ inputs }: VersionFacts): number {
  return inputs.some((v) => v?.shape?.length === 5) ? 3 : 1;
}
