import { assert } from '../errors.js';
import { Constant } from '../ir/constant.js';
import type { Value } from '../ir/graph.js';
import { elementCount, type Shape } from '../ir/tensor.js';
import { constantOf } from './match.js';

/** The float32 constant behind a value. The caller has asked {@link isFloatConstant}. */
function floatConstant(value: Value): Constant {
  const constant = constantOf(value);
  assert(constant?.dtype === 'f32', `'${value.name}' is no float constant`);
  return constant;
}

/** True for float32 constants that are not quantized. Does not read them. */
export const isFloatConstant = (value: Value | undefined): value is Value => constantOf(value)?.dtype === 'f32';

const floats = (constant: Constant): Float32Array => constant.data() as Float32Array;

/** A float constant with `change` applied to each element, rounded to f32. Computed when read. */
export function mapFloats(value: Value, change: (x: number) => number): Constant {
  const from = floatConstant(value);
  return Constant.lazy('f32', from.shape, () => floats(from).map(change));
}

/**
 * Each element of a float constant times (or divided by) the number that `by` gives for its index on `axis` (or the only
 * one it gives), rounded to f32. Computed when read.
 */
export function scaleAlongAxis(value: Value, axis: number, by: () => Float32Array, op: 'MUL' | 'DIV'): Constant {
  const from = floatConstant(value);
  return Constant.lazy('f32', from.shape, () => {
    const numbers = by();
    const source = floats(from);
    const out = new Float32Array(source.length);
    const size = from.shape[axis] as number;
    const inner = elementCount(from.shape.slice(axis + 1));
    const last = numbers.length - 1;
    for (let at = 0; at < out.length; )
      for (let c = 0; c < size; c++) {
        const other = numbers[Math.min(c, last)] as number;
        const end = at + inner;
        if (op === 'MUL') for (; at < end; at++) out[at] = (source[at] as number) * other;
        else for (; at < end; at++) out[at] = (source[at] as number) / other;
      }
    return out;
  });
}

/** A float constant under another shape with as many elements. */
export function reshaped(value: Value, shape: Shape): Constant {
  const from = floatConstant(value);
  return Constant.lazy('f32', shape, () => from.data());
}
