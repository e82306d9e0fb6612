import { Constant } from '../ir/constant.js';
import { type Node, Value } from '../ir/graph.js';
import { constantOf, isPlainFloat } from './match.js';
import { isFloatConstant } from './weights.js';

/** Where an operator that multiplies by weights and adds a bias keeps them: input indices and filter axes. */
export interface AffineRoles {
  readonly input: number;
  readonly filter: number;
  readonly bias: number;
  /** Filter axis of the output channels, which are the last axis of the output. */
  readonly outAxis: number;
  /** Filter axis of the input channels; for a depthwise filter the same as `outAxis`. */
  readonly inAxis: number;
}

const ROLES: Readonly<Record<string, AffineRoles>> = {
  CONV_2D: { input: 0, filter: 1, bias: 2, outAxis: 0, inAxis: 3 },
  DEPTHWISE_CONV_2D: { input: 0, filter: 1, bias: 2, outAxis: 3, inAxis: 3 },
  FULLY_CONNECTED: { input: 0, filter: 1, bias: 2, outAxis: 0, inAxis: 1 },
  TRANSPOSE_CONV: { input: 2, filter: 1, bias: 3, outAxis: 0, inAxis: 3 },
};

/** A node that multiplies by weights and adds a bias, with its parts. */
export interface Affine extends AffineRoles {
  readonly node: Node;
  readonly weights: Value;
  /** Absent, or a float constant of `channels` elements. */
  readonly offset: Value | undefined;
  readonly channels: number;
}

/**
 * The parts of a float node with weights whose bias is absent or constant; undefined for other nodes. The weights may
 * be computed; their number of output channels is known.
 */
export function affineOf(node: Node | undefined): Affine | undefined {
  const roles = node && ROLES[node.op];
  if (!roles || !isPlainFloat(node.outputs[0])) return undefined;
  const weights = node.inputs[roles.filter];
  const offset = node.inputs[roles.bias];
  const channels = weights?.shape?.[roles.outAxis] ?? -1;
  if (weights?.dtype !== 'f32' || weights.quantization || channels < 0) return undefined;
  if (offset && (!isFloatConstant(offset) || offset.constant?.count !== channels)) return undefined;
  return { ...roles, node, weights, offset, channels };
}

/**
 * True when a constant has one element, or one for each of `channels` on its last axis, and broadcasting it to a value
 * of `rank` adds no axes.
 */
export function isPerChannel(value: Value | undefined, channels: number, rank: number | undefined): value is Value {
  const constant = constantOf(value);
  if (constant?.dtype !== 'f32' || constant.shape.length > (rank ?? 1)) return false;
  return constant.count === 1 || (constant.count === channels && constant.shape.at(-1) === channels);
}

/** A bias constant computed when read; it keeps the name of the bias there was. */
export function biasOf(affine: Affine, name: string, read: () => Float32Array): Value {
  return Value.constant(affine.offset?.name ?? name, Constant.lazy('f32', [affine.channels], read));
}

/** Elements of the bias; zeros where there is none. */
export function biasElements({ offset, channels }: Affine): Float32Array {
  return offset?.constant ? (offset.constant.data() as Float32Array) : new Float32Array(channels);
}
