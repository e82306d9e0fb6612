import { type DType, elementCount, isComplex, isStatic, type Shape } from '../ir/tensor.js';
import { eachBroadcastRun } from './broadcast.js';
import type { KnownValue } from './define.js';
import { isHalf } from './half.js';
import { broadcastShapes } from './shapes.js';

/** What is known of the elements of a small tensor, row-major; undefined ones are unknown. */
export type Elements = readonly (number | undefined)[];

/** Tensors up to this many elements are tracked element by element through shape arithmetic. */
export const TRACKED = 64;

/** True when the shape is static and small enough to track its elements. */
export const isTracked = (shape: Shape | undefined): shape is Shape =>
  isStatic(shape) && elementCount(shape) <= TRACKED;

/** The elements of a vector or scalar, unknown ones included; undefined when even their number is unknown. */
export function vectorOf(value: KnownValue): Elements | undefined {
  if (value.elements) return value.elements;
  if (!isStatic(value.shape)) return undefined;
  return new Array<undefined>(elementCount(value.shape)).fill(undefined);
}

/** The elements when all of them are known. */
export function allKnown(elements: Elements | undefined): readonly number[] | undefined {
  return elements?.every((e) => e !== undefined) ? (elements as readonly number[]) : undefined;
}

/** The elements of a value when they are as many as its static shape says; only then can they be moved. */
export function movableElements({ elements, shape }: KnownValue): Elements | undefined {
  return elements && isTracked(shape) && elements.length === elementCount(shape) ? elements : undefined;
}

/** Known sizes from the elements of a shape operand: -1 for unknown ones; unknown rank when even their number is. */
export const sizesOf = (value: KnownValue): Shape | undefined => vectorOf(value)?.map((e) => e ?? -1);

/**
 * Elements of an elementwise result: `compute` on the operands' elements, broadcast to each other, stored as `dtype`. An
 * element is unknown when one of its operands is.
 */
export function computedElements(
  operands: readonly KnownValue[],
  dtype: DType,
  compute: (...xs: number[]) => number,
): readonly [Elements] | undefined {
  if ([dtype, ...operands.map((o) => o.dtype)].some((d) => isHalf(d) || isComplex(d) || d === 'string'))
    return undefined;
  const lists = operands.map(movableElements);
  if (lists.some((l) => !l)) return undefined;
  const shapes = operands.map((o) => o.shape as Shape);
  const shape = shapes.reduce<Shape | undefined>((a, b) => broadcastShapes(a, b), []);
  if (!isTracked(shape)) return undefined;
  const out = new Array<number | undefined>(elementCount(shape)).fill(undefined);
  eachBroadcastRun(shape, shapes, (at, offsets, count, steps) => {
    for (let k = 0; k < count; k++) {
      const xs = lists.map((l, j) => l?.[(offsets[j] as number) + k * (steps[j] as number)]);
      if (xs.every((x) => x !== undefined)) out[at + k] = stored(dtype, compute(...(xs as number[])));
    }
  });
  return [out];
}

/** The number as an element of that type holds it; undefined when an integer is too large to be exact as a number. */
export function stored(dtype: DType, x: number): number | undefined {
  switch (dtype) {
    case 'f32':
      return Math.fround(x);
    case 'f64':
      return x;
    case 'i64':
    case 'u64':
      return Number.isSafeInteger(x) ? x : undefined;
    case 'i32':
      return Number.isSafeInteger(x) ? x | 0 : undefined;
    case 'bool':
      return x ? 1 : 0;
    default:
      return Number.isInteger(x) && x >= -128 && x < 128 && !(x < 0 && dtype.startsWith('u')) ? x : undefined;
  }
}
