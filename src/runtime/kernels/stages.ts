import type { Node, Options, Value } from '../../ir/graph.js';
import { activationBounds } from '../../ops/activation.js';
import { findOp } from '../../ops/registry.js';
import type { ActivationFunctionType, BuiltinName } from '../../schema/tflite.gen.js';
import type { Code, Expr } from '../../wasm/code.js';
import { f32x4 } from '../../wasm/instructions.js';
import type { Local, Locals } from '../../wasm/module.js';
import { clampVector, expInPlace, logisticInPlace, tanhInPlace } from '../emit/math.js';
import type { Stage, StageMode } from '../emit/stages.js';
import type { KernelNode, Operand } from '../kernel.js';
import {
  constantPower,
  geluOf,
  type Joined,
  longBinaries,
  longFunctions,
  shortBinaries,
  shortFunctions,
} from './float-functions.js';

type Vector = Expr<'v128'>;
type InPlace = (locals: Locals, x: Local<'v128'>) => Code;

const clamp =
  (low: number, high: number): InPlace =>
  (_, x) =>
    x.set(clampVector(x.get, low, high));

const map =
  (f: (x: Vector) => Vector): InPlace =>
  (_, x) =>
    x.set(f(x.get));

/** Operators of one operand that vectors of floats compute. */
const UNARY: Readonly<Record<string, InPlace>> = {
  ABS: map(f32x4.abs),
  CEIL: map(f32x4.ceil),
  EXP: expInPlace,
  FLOOR: map(f32x4.floor),
  HARD_SWISH: (_, x) =>
    x.set(f32x4.mul(f32x4.mul(x.get, clampVector(f32x4.add(x.get, f32x4.const(3)), 0, 6)), f32x4.const(1 / 6))),
  LOGISTIC: logisticInPlace,
  NEG: map(f32x4.neg),
  RELU: clamp(0, Infinity),
  RELU6: clamp(0, 6),
  RELU_0_TO_1: clamp(0, 1),
  RELU_N1_TO_1: clamp(-1, 1),
  ROUND: map(f32x4.nearest),
  RSQRT: map((x) => f32x4.div(f32x4.const(1), f32x4.sqrt(x))),
  SQRT: map(f32x4.sqrt),
  SQUARE: (_, x) => x.set(f32x4.mul(x.get, x.get)),
  TANH: tanhInPlace,
  ...shortFunctions,
  ...longFunctions,
};

/** Operators whose code is long. */
const LONG = new Set(['EXP', 'LOGISTIC', 'TANH', ...Object.keys(longFunctions)]);

/** `x` where it is positive, else `slope * x`. */
const leaky = (x: Vector, slope: Vector): Vector =>
  f32x4.add(f32x4.pmax(x, f32x4.const(0)), f32x4.mul(slope, f32x4.pmin(x, f32x4.const(0))));

/** Operators of one operand and a number. */
const PARAMETRIC: Readonly<
  Record<string, (options: Options) => { readonly key: string; readonly apply: InPlace; readonly isLong?: boolean }>
> = {
  GELU: (options) => ({ ...geluOf(options), isLong: true }),
  LEAKY_RELU({ alpha }) {
    const slope = Math.fround((alpha ?? 0) as number);
    return { key: `LEAKY_RELU ${slope}`, apply: map((x) => leaky(x, f32x4.const(slope))) };
  },
};

/** Operators of two operands. */
const BINARY: Readonly<Record<string, (x: Vector, y: Vector) => Vector>> = {
  ADD: f32x4.add,
  DIV: f32x4.div,
  MUL: f32x4.mul,
  PRELU: leaky,
  SUB: f32x4.sub,
  ...shortBinaries,
};

/** Operators of two operands whose result has the shape of the first one. */
const ONE_SIDED = new Set(['PRELU']);

/** An operator of two float operands as code that sets `out`, which may be the local of an operand. */
export function floatBinary(op: string): Joined | undefined {
  const short = BINARY[op];
  return short ? (_, x, y, out) => out.set(short(x, y)) : longBinaries[op];
}

/** What a fused activation does to the result, as stages; none for NONE. */
export function activationStages(node: Node): Stage[] {
  const name = (node.options.fusedActivationFunction ??
    findOp(node.op)?.defaults.fusedActivationFunction ??
    'NONE') as ActivationFunctionType;
  const bounds = activationBounds(name);
  return bounds ? [{ key: name, apply: clamp(bounds[0], bounds[1]) }] : [];
}

/** How `other` meets the elements of a result of that shape; undefined when it would need more than vectors. */
export function stageMode(shape: readonly number[], other: Operand): StageMode | undefined {
  if (other.count === 1 && other.shape.length <= shape.length) return 'scalar';
  if (String(other.shape) === String(shape)) return 'same';
  const channels = shape.at(-1) ?? 1;
  const fits = other.count === channels && other.shape.at(-1) === channels && other.shape.length <= shape.length;
  return fits ? 'channel' : undefined;
}

/**
 * An operator as a stage on its input `index`, a float tensor of the shape of the result; undefined when it is something
 * else.
 */
function makeStage(
  { op, options }: Pick<KernelNode, 'op' | 'options'>,
  shape: readonly number[],
  index: number,
  other: Operand | undefined,
): Stage | undefined {
  const parametric = PARAMETRIC[op];
  if (parametric) return other ? undefined : parametric(options);
  const unary = UNARY[op];
  if (unary) return other ? undefined : { key: op, apply: unary, isLong: LONG.has(op) };
  const power = op === 'POW' && index === 0 && other && constantPower(other);
  if (power) return power;
  const binary = floatBinary(op);
  if (!binary || other?.dtype !== 'f32' || (index === 1 && ONE_SIDED.has(op))) return undefined;
  const mode = stageMode(shape, other);
  if (!mode) return undefined;
  return {
    key: index === 1 ? `${op}'` : op,
    apply: (locals, x, y) =>
      index === 1 ? binary(locals, y as Vector, x.get, x) : binary(locals, x.get, y as Vector, x),
    isLong: op in longBinaries,
    operand: { mode, value: other },
  };
}

/** The stages of a node that reads `value`, a float tensor of the shape of its output: its operation, its activation. */
export function stagesOf(node: Node, value: Value, operandOf: (value: Value) => Operand): Stage[] | undefined {
  const output = node.outputs[0];
  if (node.outputs.length !== 1 || output?.dtype !== 'f32' || value.dtype !== 'f32') return undefined;
  if (!isElementwise(node.op) || String(output.shape) !== String(value.shape)) return undefined;
  const [a, b] = node.inputs;
  if (a === b) return undefined;
  const index = b === value ? 1 : 0;
  const other = index === 1 ? a : b;
  const stage = makeStage(node, value.shape ?? [], index, other && operandOf(other));
  return stage && [stage, ...activationStages(node)];
}

/** The first node of a chain as a stage on its input `index`. */
export const rootStage = (node: KernelNode, index: number): Stage | undefined =>
  makeStage(node, node.outputs[0]?.shape ?? [], index, node.inputs[1 - index]);

/** Operators that {@link stagesOf} may take. */
export const elementwiseOps = [
  ...Object.keys(UNARY),
  ...Object.keys(PARAMETRIC),
  ...Object.keys(BINARY),
  ...Object.keys(longBinaries),
] as readonly BuiltinName[];

const isElementwise = (op: string): boolean => op in UNARY || op in PARAMETRIC || floatBinary(op) !== undefined;
