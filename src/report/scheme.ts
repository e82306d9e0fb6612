import type { Node, Value } from '../ir/graph.js';
import type { DType } from '../ir/tensor.js';
import type { Scheme } from '../ops/litert.js';
import { findOp } from '../ops/registry.js';

const isQuantized = (value: Value): boolean => (value.quantization?.scale.length ?? 0) > 0;

/** Types that stand for real numbers when they have scales. */
const QUANTIZED: Readonly<Partial<Record<DType, Scheme>>> = { i8: 'i8', u8: 'u8', i16: 'i16' };

/** The constant that a DEQUANTIZE makes floats of. */
function stored(value: Value | undefined): Value | undefined {
  const source = value?.producer?.op === 'DEQUANTIZE' ? value.producer.inputs[0] : undefined;
  return source?.constant ? source : undefined;
}

/**
 * How the numbers of a node are held; undefined for plain integers, booleans, strings and the like. A node is of the scheme
 * of what it computes on: one that quantizes is of its result's.
 */
export function schemeOf(node: Node): Scheme | undefined {
  const present = node.inputs.filter((v): v is Value => v !== undefined);
  const weights = (findOp(node.op)?.weights?.operands ?? []).map((i) => node.inputs[i]);
  const moving = present.filter((v) => !v.constant && !weights.includes(v));
  const [integers] = [...moving, ...node.outputs].filter((v) => isQuantized(v) && QUANTIZED[v.dtype]);
  const has4Bits = weights.some((w) => w?.dtype === 'i4');
  if (integers) return has4Bits && integers.dtype === 'i8' ? 'i8-i4' : QUANTIZED[integers.dtype];
  const isFloat = [...moving, ...node.outputs].some((v) => v.dtype === 'f32');
  if (!isFloat) return undefined;
  if (weights.some((w) => w && isQuantized(w) && w.dtype !== 'f32')) return has4Bits ? 'hybrid-i4' : 'hybrid';
  const isHalf = weights.some((w) => stored(w)?.dtype === 'f16');
  return isHalf && present.some((v) => v.constant && v.dtype === 'f32') ? 'f16' : 'f32';
}
