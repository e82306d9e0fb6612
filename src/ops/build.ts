import { assert, ModelError } from '../errors.js';
import { Constant } from '../ir/constant.js';
import { type Graph, type Node, type Options, Value, type ValueType } from '../ir/graph.js';
import { bitsOf, elementCount, isStatic, type Tensor, type TensorData } from '../ir/tensor.js';
import type { KnownValue, Op } from './define.js';
import { TRACKED } from './elements.js';
import { findOp } from './registry.js';

/** Results up to this many bytes are computed at once; larger ones when first read. */
const EAGER_BYTES = 16384;
/** A folded result may exceed its operands by this factor once it is larger than {@link FREE_BYTES}. */
const GROWTH = 4;
const FREE_BYTES = 65536;

/** What is known of a value's elements: all of a small constant, some of a computed shape, or nothing. */
export function knownElements(value: Value): readonly (number | undefined)[] | undefined {
  if (value.partial) return value.partial;
  const { constant } = value;
  if (!constant || constant.count > TRACKED || constant.dtype === 'string') return undefined;
  value.partial = constant.numbers();
  return value.partial;
}

/** The inference view of a value. Elements are looked up only when asked for. */
export function knownValue(value: Value): KnownValue {
  return {
    dtype: value.dtype,
    shape: value.shape,
    quantization: value.quantization,
    get elements() {
      return knownElements(value);
    },
  };
}

/** Puts `OP 'name'` in front of an error that inference or a kernel throws. */
export function withNode<T>(op: string, name: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof ModelError && error.where === undefined)
      throw new ModelError(error.code, error.message, { where: `${op} '${name}'`, cause: error });
    throw error;
  }
}

/** The operator of that name. @throws {ModelError} `unsupported` when nothing is known of it. */
export function requireOp(name: string): Op {
  const op = findOp(name);
  if (!op) throw new ModelError('unsupported', `operator ${name} is not known here`);
  return op;
}

/** What a new node needs; `name` becomes the name of its first output (`name:1`, … for the others). */
export interface NewNode {
  readonly op: string;
  readonly name: string;
  readonly inputs: readonly (Value | undefined)[];
  readonly options?: Options;
}

/** What inference says of the outputs of an operation. */
interface Inferred {
  readonly types: readonly ValueType[];
  /** What is known of the elements; worked out when asked for. */
  readonly elements: () => readonly (readonly (number | undefined)[] | undefined)[] | undefined;
}

function inferTypes(op: Op, spec: NewNode): Inferred {
  const known = spec.inputs.map((v) => v && knownValue(v));
  const types = withNode(spec.op, spec.name, () => op.infer(known, spec.options ?? {}));
  return { types, elements: () => withNode(spec.op, spec.name, () => op.elements(known, spec.options ?? {})) };
}

/**
 * Adds a node whose output types are inferred, and returns its outputs. Options not given have the operator's defaults.
 * @throws {ModelError} `invalid-graph` when the inputs do not fit the operator.
 */
export function addNode(graph: Graph, before: Node | undefined, spec: NewNode): Value[] {
  const op = requireOp(spec.op);
  return insert(graph, before, spec, op, inferTypes(op, spec));
}

function insert(graph: Graph, before: Node | undefined, spec: NewNode, op: Op, inferred: Inferred): Value[] {
  const elements = inferred.elements();
  const outputs = inferred.types.map((type, i) => {
    const value = new Value(i === 0 ? spec.name : `${spec.name}:${i}`, type.dtype, type.shape);
    value.partial = elements?.[i];
    return value;
  });
  graph.insert(before, { ...spec, outputs, options: { ...op.defaults, ...spec.options } });
  return outputs;
}

/**
 * The outputs of an operator as constants, when they can be known: all inputs are constants, or inference knows every
 * element (the shape of a static tensor). Large results are computed when first read. Undefined when the operator is
 * impure, has no reference kernel, or would grow the model much.
 */
export function foldNode(spec: NewNode): Value[] | undefined {
  const op = findOp(spec.op);
  if (!op || op.impure) return undefined;
  if (!op.tracksElements && spec.inputs.some((v) => v && !v.constant)) return undefined;
  return folded(spec, op, inferTypes(op, spec));
}

function folded(spec: NewNode, op: Op, { types, elements }: Inferred): Value[] | undefined {
  const name = (i: number) => (i === 0 ? spec.name : `${spec.name}:${i}`);
  if (types.every(({ dtype }) => dtype === 'i32' || dtype === 'i64')) {
    const lists = elements();
    const known = types.map((type, i) => fullyKnown(type, lists?.[i]));
    if (known.every((c) => c !== undefined)) return known.map((c, i) => Value.constant(name(i), c));
  }
  const constants = spec.inputs.map((v) => v?.constant);
  if (!op.reference || spec.inputs.some((v, i) => v && !constants[i])) return undefined;
  if (spec.inputs.some((v) => v?.quantization)) return undefined;
  const results = foldConstants(op, spec, constants, types);
  return results?.map((c, i) => Value.constant(sourceName(spec, c) ?? name(i), c));
}

/** A transposed, reshaped or scaled weight keeps the name of the weight: the only operand as large and of the same type. */
function sourceName({ inputs }: NewNode, folded: Constant): string | undefined {
  if (folded.count < 2) return undefined;
  const sources = inputs.filter((v) => v?.constant?.count === folded.count && v.dtype === folded.dtype);
  return sources.length === 1 ? sources[0]?.name : undefined;
}

function fullyKnown(type: ValueType, elements: readonly (number | undefined)[] | undefined): Constant | undefined {
  if (!elements || !isStatic(type.shape) || elements.some((e) => e === undefined)) return undefined;
  if (elementCount(type.shape) !== elements.length) return undefined;
  const numbers = elements as readonly number[];
  if (type.dtype === 'i32') return Constant.of('i32', type.shape, Int32Array.from(numbers));
  if (type.dtype === 'i64')
    return Constant.of(
      'i64',
      type.shape,
      BigInt64Array.from(numbers, (n) => BigInt(n)),
    );
  return undefined;
}

function foldConstants(
  op: Op,
  spec: NewNode,
  constants: readonly (Constant | undefined)[],
  types: readonly ValueType[],
): Constant[] | undefined {
  assert(op.reference, 'folding needs a kernel');
  const run = op.reference;
  const compute = (): readonly Tensor[] =>
    withNode(spec.op, spec.name, () =>
      run(
        constants.map((c) => c?.tensor()),
        types,
        spec.options ?? {},
      ),
    );
  if (types.some((t) => !isStatic(t.shape) || bitsOf(t.dtype) === 0))
    return compute().map((t) => Constant.of(t.dtype, t.shape, t.data));
  const bytes = (t: ValueType) => (elementCount(t.shape as number[]) * bitsOf(t.dtype)) / 8;
  const size = types.reduce((n, t) => n + bytes(t), 0);
  const before = constants.reduce((n, c) => n + (c ? (c.count * bitsOf(c.dtype)) / 8 : 0), 0);
  if (size > FREE_BYTES && size > before * GROWTH) return undefined;
  if (size <= EAGER_BYTES) return compute().map((t) => Constant.of(t.dtype, t.shape, t.data));
  return types.map((t, i) => Constant.lazy(t.dtype, t.shape as number[], () => compute()[i]?.data as TensorData));
}

/** Folds where possible, else adds the node: the way in which lowering and passes make every operation. */
export function emit(graph: Graph, before: Node | undefined, spec: NewNode): Value[] {
  const op = requireOp(spec.op);
  const inferred = inferTypes(op, spec);
  return (op.impure ? undefined : folded(spec, op, inferred)) ?? insert(graph, before, spec, op, inferred);
}
