import type { Value } from '../../../ir/graph.js';
import type { Shape } from '../../../ir/tensor.js';
import { knownElements } from '../../../ops/build.js';
import type { Lowering } from './context.js';
import { type Axis, originOf } from './dimensions.js';
import { castTo } from './operands.js';

const INT32_MAX = 2147483647;
const INT32_MIN = -2147483648;

/** A shape, axes or indices as 32-bit integers: constants are converted and clamped, the rest is cast. */
export function toInt32(c: Lowering, value: Value): Value {
  if (value.dtype === 'i32') return value;
  const { constant } = value;
  if (!constant) return castTo(value, 'i32', (n) => c.emitAll(n.op, n.inputs, n.options));
  const clamped = constant.numbers().map((n) => Math.min(Math.max(n, INT32_MIN), INT32_MAX));
  return c.i32(clamped, constant.shape);
}

/** Operand `index` as 32-bit integers. */
export const int32Input = (c: Lowering, index: number): Value => toInt32(c, c.input(index));

/** The sizes of a value: a 64-bit constant where they are known, as the reference writes them, else a SHAPE node. */
export function likeShape(c: Lowering, value: Value): Value {
  if (value.shape?.every((d) => d >= 0)) return c.make('i64', value.shape);
  return c.emit('SHAPE', [value], { outType: 'INT32' });
}

/** A size: a number, or an `i32` scalar that is computed when the model runs. */
export type Size = number | Value;

/** The sizes of a value, computed where they are unknown. */
export function sizesOf(c: Lowering, value: Value): Size[] {
  const rank = c.rank(value, `'${value.name}'`);
  const known = value.shape as Shape;
  if (known.every((d) => d >= 0)) return [...known];
  const shape = c.emit('SHAPE', [value], { outType: 'INT32' });
  return Array.from({ length: rank }, (_, axis) => {
    if ((known[axis] as number) >= 0) return known[axis] as number;
    return entryOf(c, shape, axis);
  });
}

/** The sizes of a value as far as they are known without computing it. */
export function sizesFromInputs(c: Lowering, value: Value): Size[] | undefined {
  const axes = value.shape?.map((size, axis) => (size >= 0 ? size : originOf({ value, axis }, true)));
  if (!axes || axes.includes(undefined)) return undefined;
  return (axes as readonly (number | Axis)[]).map((known) =>
    typeof known === 'number' ? known : entryOf(c, c.emit('SHAPE', [known.value], { outType: 'INT32' }), known.axis),
  );
}

/** Element `index` of a vector, as a scalar. A size is read from the input that it comes from: equal ones become one. */
export function entryOf(c: Lowering, vector: Value, index: number): Value {
  const origin = originOfSize(vector, index);
  if (origin) return entryOf(c, c.emit('SHAPE', [origin.value], vector.producer?.options), origin.axis);
  const inputs = [vector, c.i32([index]), c.i32([index + 1]), c.i32([1])];
  return c.emit('STRIDED_SLICE', inputs, { shrinkAxisMask: 1 });
}

/** The axis of an input whose size an element of another value's shape is, when it is not known. */
function originOfSize({ producer }: Value, index: number): Axis | undefined {
  const value = producer?.op === 'SHAPE' ? producer.inputs[0] : undefined;
  if (value?.shape?.[index] !== -1) return undefined;
  const origin = originOf({ value, axis: index }, true);
  return origin?.value === value ? undefined : origin;
}

/** The product of sizes. */
export function product(c: Lowering, sizes: readonly Size[]): Size {
  const known = sizes.filter((s): s is number => typeof s === 'number').reduce((a, b) => a * b, 1);
  const computed = sizes.filter((s): s is Value => typeof s !== 'number');
  const [first, ...rest] = computed;
  if (!first) return known;
  const all = rest.reduce((a, b) => c.emit('MUL', [a, b]), first);
  return known === 1 ? all : c.emit('MUL', [all, c.i32(known)]);
}

/** A reshape; one size at most that is not known becomes -1, more of them are computed when the model runs. */
export function reshape(c: Lowering, value: Value, sizes: readonly Size[]): Value {
  const unknown = sizes.filter((s) => typeof s !== 'number' || s < 0).length;
  if (unknown <= 1) return c.emit('RESHAPE', [value, c.i32(sizes.map((s) => (typeof s === 'number' ? s : -1)))]);
  return c.emit('RESHAPE', [value, packSizes(c, sizes)]);
}

/** Sizes as one `i32` vector. */
export function packSizes(c: Lowering, sizes: readonly Size[]): Value {
  if (sizes.every((s) => typeof s === 'number')) return c.i32(sizes as number[]);
  const scalars = sizes.map((s) => (typeof s === 'number' ? c.i32(s) : s));
  return c.emit('PACK', scalars, { valuesCount: scalars.length, axis: 0 });
}

/** The elements of an integer operand when every one of them is known. */
export function knownNumbers(value: Value): number[] | undefined {
  const elements = value.constant?.numbers() ?? knownElements(value);
  return elements?.every((e) => e !== undefined) ? (elements as number[]) : undefined;
}

/**
 * A transposition; nothing for the identity. Weights are transposed once in a model, however many nodes read them.
 */
export function transpose(c: Lowering, value: Value, permutation: readonly number[]): Value {
  if (permutation.every((axis, i) => axis === i)) return value;
  const make = () => c.emit('TRANSPOSE', [value, c.i32(permutation)]);
  return value.constant ? derived(c, value, `transpose ${permutation}`, make) : make();
}

/** A reshape of weights to sizes that are known, made once in a model. */
export function reshapeWeights(c: Lowering, value: Value, shape: Shape): Value {
  const make = () => c.emit('RESHAPE', [value, c.i32(shape)]);
  return value.constant ? derived(c, value, `reshape ${shape}`, make) : make();
}

function derived(c: Lowering, value: Value, key: string, make: () => Value): Value {
  return c.derive(value, key, () => make().constant ?? value.constant);
}
