import type { Value } from '../../../ir/graph.js';
import type { LayerCall } from './context.js';

/** A size: a number, or an `i32` scalar that is computed when the model runs. */
export type Size = number | Value;

/** The size of an axis. */
export function sizeOf(c: LayerCall, x: Value, axis: number): Size {
  const known = c.shapeOf(x)[axis] ?? 1;
  return known >= 0 ? known : c.sizeAt(c.emit('SHAPE', [x], { outType: 'INT32' }), axis);
}

export const asScalar = (c: LayerCall, size: Size): Value => (typeof size === 'number' ? c.i32(size) : size);

/** The product of sizes. */
export function productOf(c: LayerCall, sizes: readonly Size[]): Size {
  const known = sizes.reduce<number>((n, size) => (typeof size === 'number' ? n * size : n), 1);
  const [first, ...others] = sizes.filter((size): size is Value => typeof size !== 'number');
  if (!first) return known;
  const all = others.reduce((a, b) => c.emit('MUL', [a, b]), first);
  return known === 1 ? all : c.emit('MUL', [all, c.i32(known)]);
}

/** A reshape; one size that is computed follows from the others. */
export function reshapeTo(c: LayerCall, x: Value, sizes: readonly Size[]): Value {
  const numbers = sizes.map((size) => (typeof size === 'number' ? size : -1));
  if (numbers.filter((n) => n < 0).length <= 1) return c.reshape(x, numbers);
  const packed = c.emit('PACK', sizes.map((s) => asScalar(c, s)), { valuesCount: sizes.length, axis: 0 }); // biome-ignore format: long
  return c.emit('RESHAPE', [x, packed]);
}
