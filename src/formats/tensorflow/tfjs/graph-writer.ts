import { ModelError } from '../../../errors.js';
import { Constant } from '../../../ir/constant.js';
import type { Node, Options, Value } from '../../../ir/graph.js';
import { allocate, type DType, type Quantization, type Shape, type TensorData } from '../../../ir/tensor.js';
import { addTo } from './json-attrs.js';
import { realConstant, type StoredWeight, storedWeight } from './write-weights.js';

/** A tensor of the graph being written. */
export interface Ref {
  /** `node` or `node:index`, as inputs name it. */
  readonly text: string;
  readonly dtype: DType;
  readonly shape: Shape | undefined;
}

/** A NodeDef in the JSON format of protobuf. */
export interface NodeJson {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr: Readonly<Record<string, unknown>>;
}

/** What an attribute holds, as plain data; the kind follows from the operation's definition. */
export type AttrInput = number | boolean | string | readonly number[] | readonly string[] | Shape;
export type Attrs = Readonly<Record<string, AttrInput>>;

/** What the graph and the functions of a model share: TensorFlow.js knows all weights by name alone. */
export interface ModelWriter {
  readonly weights: StoredWeight[];
  readonly names: Set<string>;
  /** The name of the function that a graph of the model has become. */
  readonly functionOf: (graph: number) => string;
}

/** Adds nodes and weights to a graph of TensorFlow operations. A class, for it collects. */
export class GraphWriter {
  readonly nodes: NodeJson[] = [];
  readonly model: ModelWriter;
  readonly #refs = new Map<Value, Ref>();
  readonly #constants = new Map<Constant, Map<string, Ref>>();

  constructor(model: ModelWriter) {
    this.model = model;
  }

  /** The tensor that a value has become; constants are written when first asked for, as the numbers they stand for. */
  of(value: Value | undefined): Ref {
    if (!value) throw new ModelError('invalid-graph', 'an operand is missing.');
    const known = this.#refs.get(value);
    if (known) return known;
    const weight = weightOf(value);
    if (!weight) throw new ModelError('invalid-graph', `'${value.name}' is read before it is computed.`);
    return this.constant(value.name, weight.constant, weight.quantization);
  }

  set(value: Value, ref: Ref): void {
    this.#refs.set(value, ref);
  }

  /** A `Const` node; `key` tells apart what is made of one constant. */
  constant(name: string, constant: Constant, quantization?: Quantization): Ref {
    const key = quantization ? `${quantization.scale} ${quantization.zeroPoint}` : '';
    const made = this.#constants.get(constant) ?? new Map<string, Ref>();
    this.#constants.set(constant, made);
    const found = made.get(key);
    if (found) return found;
    const unique = this.unique(name);
    this.model.weights.push(storedWeight(unique, constant, quantization));
    const dtype = quantization || constant.dtype === 'f16' ? 'f32' : constant.dtype;
    const ref = { text: unique, dtype, shape: constant.shape };
    made.set(key, ref);
    this.nodes.push({
      name: unique,
      op: 'Const',
      attr: addTo.constant(dtype, constant.shape),
    });
    return ref;
  }

  /** A small constant of numbers; a scalar when given one. */
  make(name: string, dtype: DType, numbers: number | readonly number[], shape?: Shape): Ref {
    const list = typeof numbers === 'number' ? [numbers] : numbers;
    const data = allocate(dtype, list.length) as { [i: number]: number | bigint };
    for (const [i, n] of list.entries()) data[i] = dtype === 'i64' ? BigInt(n) : n;
    const sizes = shape ?? (typeof numbers === 'number' ? [] : [list.length]);
    return this.constant(name, Constant.of(dtype, sizes, data as unknown as TensorData));
  }

  /** A node of one output. */
  add(name: string, op: string, inputs: readonly Ref[], type: Omit<Ref, 'text'>, attrs: Attrs = {}): Ref {
    return this.addAll(name, op, inputs, [type], attrs)[0] as Ref;
  }

  addAll(
    name: string,
    op: string,
    inputs: readonly Ref[],
    types: readonly Omit<Ref, 'text'>[],
    attrs: Attrs = {},
  ): Ref[] {
    const unique = this.unique(name);
    const attr = addTo.node(op, inputs, types, attrs);
    this.nodes.push({ name: unique, op, ...(inputs.length > 0 && { input: inputs.map((r) => r.text) }), attr });
    return types.map((type, i) => ({ ...type, text: i === 0 ? unique : `${unique}:${i}` }));
  }

  /** A name of the characters that TensorFlow allows, that no other node has. */
  unique(wanted: string): string {
    const plain = wanted
      .replace(/:0$/, '')
      .replace(/[^A-Za-z0-9_.\\/>-]/g, '_')
      .replace(/^[^A-Za-z0-9.]+/, '');
    let name = plain || 'node';
    const { names } = this.model;
    for (let n = 1; names.has(name); n++) name = `${plain || 'node'}_${n}`;
    names.add(name);
    return name;
  }
}

/** A constant operand: with the integers that it is stored as, when a DEQUANTIZE makes numbers of them. */
export interface Weight {
  readonly constant: Constant;
  readonly quantization: Quantization | undefined;
}

export function weightOf(value: Value | undefined): Weight | undefined {
  if (value?.constant) return { constant: value.constant, quantization: value.quantization };
  const stored = value?.producer?.op === 'DEQUANTIZE' ? value.producer.inputs[0] : undefined;
  return stored?.constant && { constant: stored.constant, quantization: stored.quantization };
}

/** Of integers that stand for themselves. */
export const UNITS: Quantization = { scale: Float32Array.of(1), zeroPoint: [0], axis: 0 };

/** Its numbers as float32, whatever they are stored as. */
export const realOf = ({ constant, quantization }: Weight): Constant =>
  quantization ? realConstant(constant, quantization) : constant;

/** One operator on its way into the graph. */
export interface Writing {
  readonly writer: GraphWriter;
  readonly node: Node;
  /** With the defaults of the schema. */
  readonly options: Options;
  /** The operands that are there, in order. */
  readonly inputs: readonly Ref[];
}

/** How an operator becomes nodes: gives a tensor for each of its outputs. */
export type Write = (writing: Writing) => readonly Ref[];
