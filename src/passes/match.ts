import type { Constant } from '../ir/constant.js';
import type { Node, Options, Quantization, Value } from '../ir/graph.js';
import { isFloat, type Shape } from '../ir/tensor.js';
import { findOp } from '../ops/registry.js';

/** Constants with more elements are not searched for being a splat. */
const SPLAT_LIMIT = 65536;

/** The constant behind a value, unless it is quantized: its integers would not be what the operator computes with. */
export function constantOf(value: Value | undefined): Constant | undefined {
  return value?.quantization ? undefined : value?.constant;
}

/** The elements of a float32 constant; undefined for anything else. */
export function floatsOf(value: Value | undefined): Float32Array | undefined {
  const constant = constantOf(value);
  return constant?.dtype === 'f32' ? (constant.data() as Float32Array) : undefined;
}

/** The elements of an integer or boolean constant (an axis, a permutation, a shape); undefined for anything else. */
export function integersOf(value: Value | undefined): readonly number[] | undefined {
  const constant = constantOf(value);
  if (!constant) return undefined;
  return /^[iu]\d+$|^bool$/.test(constant.dtype) ? constant.numbers() : undefined;
}

/**
 * The one number that all elements of a constant are (float32 or plain integer, at least one element). The constant's
 * shape may still widen the result of a broadcasting operator: compare the types when that matters.
 */
export function scalarOf(value: Value | undefined): number | undefined {
  const constant = constantOf(value);
  if (!constant || constant.count === 0 || constant.count > SPLAT_LIMIT) return undefined;
  if (constant.dtype !== 'f32' && !/^[iu]\d+$|^bool$/.test(constant.dtype)) return undefined;
  const data = constant.data() as ArrayLike<number | bigint>;
  const first = data[0] as number | bigint;
  for (let i = 1; i < data.length; i++) if (!Object.is(data[i], first)) return undefined;
  return Number(first);
}

/** The node that computes a value, when it is that operator. */
export function producerOf(value: Value | undefined, op: string): Node | undefined {
  return value?.producer?.op === op ? value.producer : undefined;
}

/** All options of a node, defaults included. */
export function optionsOf(node: Node): Options {
  return { ...findOp(node.op)?.defaults, ...node.options };
}

/** True when the node has no fused activation (or no such option). */
export function hasNoActivation(node: Node): boolean {
  const { fusedActivationFunction } = node.options;
  return fusedActivationFunction === undefined || fusedActivationFunction === 'NONE';
}

/** True for float values that carry no quantization: those that arithmetic rewrites may touch. */
export function isPlainFloat(value: Value | undefined): boolean {
  return value !== undefined && isFloat(value.dtype) && !value.quantization;
}

export function sameShape(a: Shape | undefined, b: Shape | undefined): boolean {
  return a !== undefined && b !== undefined && a.length === b.length && a.every((d, i) => d === b[i]);
}

/** True when both have no quantization, or the same. */
export function sameQuantization(a: Quantization | undefined, b: Quantization | undefined): boolean {
  if (a === b) return true;
  if (!a || !b || a.axis !== b.axis || a.extra || b.extra) return false;
  const same = (x: ArrayLike<number>, y: ArrayLike<number>) =>
    x.length === y.length && Array.from(x).every((v, i) => v === y[i]);
  return same(a.scale, b.scale) && same(a.zeroPoint, b.zeroPoint);
}

/** True when broadcasting a constant of the first shape cannot change the second. */
export function keepsShape(constant: Shape | undefined, shape: Shape | undefined): boolean {
  if (!constant) return false;
  if (!shape) return constant.length === 0;
  const offset = shape.length - constant.length;
  return offset >= 0 && constant.every((d, i) => d === 1 || d === shape[i + offset]);
}

/** True when the shapes are equal, all sizes but one being known. */
export function knownEqual(a: Shape | undefined, b: Shape | undefined): boolean {
  return sameShape(a, b) && (a?.filter((d) => d < 0).length ?? 2) <= 1 && !a?.includes(0);
}
