import { ModelError } from '../errors.js';
import type { Shape } from '../ir/tensor.js';

/** An `invalid-graph` error; {@link withNode} puts the node's name in front. */
export const invalid = (message: string): ModelError => new ModelError('invalid-graph', message);

/**
 * The shape that two operands broadcast to, aligned from the right; unknown sizes stay unknown unless the other operand
 * decides. @throws {ModelError} `invalid-graph` when the sizes cannot meet.
 */
export function broadcastShapes(a: Shape | undefined, b: Shape | undefined): Shape | undefined {
  if (!a || !b) return undefined;
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const x = a[i - rank + a.length] ?? 1;
    const y = b[i - rank + b.length] ?? 1;
    if (x === y || y === 1) return x;
    if (x === 1) return y;
    if (x === -1) return y;
    if (y === -1) return x;
    throw invalid(`shapes [${a}] and [${b}] do not broadcast: axis ${i - rank} has ${x} and ${y}`);
  });
}

/** An axis in 0..rank-1; negative ones count from the end. @throws {ModelError} `invalid-graph` when out of range. */
export function normalizeAxis(axis: number, rank: number): number {
  if (axis < -rank || axis >= rank) throw invalid(`axis ${axis} is out of range for rank ${rank}`);
  return axis < 0 ? axis + rank : axis;
}

/** The shape, which must be known to have that rank. @throws {ModelError} `invalid-graph` otherwise. */
export function requireRank(shape: Shape | undefined, rank: number, what: string): Shape | undefined {
  if (shape && shape.length !== rank) throw invalid(`${what} expects rank ${rank}, got [${shape}]`);
  return shape;
}

export type Padding = 'SAME' | 'VALID';

/** How the window of a 2-D convolution moves, in cells of the input; the options of the operators hold these fields. */
export interface ConvGeometry {
  readonly strideH: number;
  readonly strideW: number;
  readonly dilationHFactor: number;
  readonly dilationWFactor: number;
}

/** Output size of a window that slides over an axis; -1 when `size` is. Formula: TFLite padding rules. */
export function slidingSize(size: number, window: number, stride: number, dilation: number, padding: Padding): number {
  if (size < 0) return -1;
  if (stride < 1 || dilation < 1) throw invalid(`stride ${stride} and dilation ${dilation} must be at least 1`);
  if (window < 1) throw invalid(`a window of ${window} must be at least 1`);
  const reach = (window - 1) * dilation + 1;
  const out = padding === 'SAME' ? Math.ceil(size / stride) : Math.ceil((size - reach + 1) / stride);
  if (out < 0 || (out === 0 && size > 0)) throw invalid(`a window of ${reach} does not fit in ${size}`);
  return out;
}

/** Cells of padding before the first element: `SAME` puts the odd one behind. */
export function paddingBefore(size: number, window: number, stride: number, dilation: number, out: number): number {
  const reach = (window - 1) * dilation + 1;
  return Math.max(0, (out - 1) * stride + reach - size) >> 1;
}

/** Row-major strides, in elements, of a static shape. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = step;
    step *= shape[i] as number;
  }
  return strides;
}

/** Elements of a constant that a model implies without holding it: 256 MB of floats. */
const MOST_IMPLIED = 2 ** 26;

/**
 * `count`, where a constant of so many elements can be made, at least one.
 * @throws {ModelError} `unsupported`
 */
export function impliedCount(count: number, what: string): number {
  if (Number.isSafeInteger(count) && count > 0 && count <= MOST_IMPLIED) return count;
  throw new ModelError('unsupported', `needs 1 to ${MOST_IMPLIED} ${what}, got ${count}.`);
}
