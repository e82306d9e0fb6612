import type { Hdf5Array } from '../../../bytes/hdf5.js';
import { ModelError } from '../../../errors.js';
import { Constant } from '../../../ir/constant.js';
import { type Graph, type Options, Value } from '../../../ir/graph.js';
import { allocate, type DType, type Shape, type TensorData } from '../../../ir/tensor.js';
import { emit } from '../../../ops/build.js';
import type { CustomLayer } from '../../types.js';
import type { Config } from '../config.js';
import { isObject, type Json } from '../json.js';

/** An argument of a call whose tensors are values. */
export type Operand = { readonly tensor: Value } | { readonly list: readonly Operand[] } | { readonly value: Json };

/** What all layers of a model share while it is lowered. */
export interface ModelState {
  /** The main graph first; then the bodies of loops. */
  readonly graphs: Graph[];
  readonly names: Set<string>;
  /** Major version of Keras. */
  readonly version: number;
  readonly constants: Map<Hdf5Array, Constant>;
  /** Transposed and reshaped weights, so that calls that share a layer share them. */
  readonly derived: Map<Constant, Map<string, Constant>>;
  /** Value -> `[N, T]` bool: which steps count. */
  readonly masks: Map<Value, Value>;
  readonly warn: (text: string) => void;
  /** Layers that the caller knows, by class. */
  readonly customLayers: Readonly<Record<string, CustomLayer>>;
  readonly lowerLayer: (call: LayerCall) => readonly Value[];
}

/** What a layer is told of one of its calls. */
export interface CallFacts {
  readonly className: string;
  /** True for a function of `keras.ops`; some have the name of a layer's class. */
  readonly isOperation: boolean;
  /** True for a class that is not Keras's, though its name may be one of Keras's. */
  readonly isOwn?: boolean;
  readonly name: string;
  readonly config: Config;
  readonly weights: readonly Hdf5Array[];
  readonly args: readonly Operand[];
  readonly kwargs: Readonly<Record<string, Operand>>;
  /** The outputs, for inputs, of the layer within this one, where that is or holds a model. */
  readonly wrapped?: ((inputs: readonly Value[]) => readonly Value[]) | undefined;
}

/** How a layer becomes operators: its outputs, in order. */
export type Lower = (call: LayerCall) => Value | readonly Value[];

/** One call of a layer on its way into the graph. */
export class LayerCall {
  readonly facts: CallFacts;
  readonly state: ModelState;
  readonly graph: Graph;

  constructor(state: ModelState, facts: CallFacts, graph: Graph = state.graphs[0] as Graph) {
    this.state = state;
    this.facts = facts;
    this.graph = graph;
  }

  get config(): Config {
    return this.facts.config;
  }
  get name(): string {
    return this.facts.name;
  }

  /** All tensors of the positional arguments, in order. */
  get inputs(): Value[] {
    return tensorsOf(this.facts.args);
  }

  /** Tensor argument `index`. @throws {ModelError} `malformed-file` when there are fewer. */
  input(index = 0): Value {
    const value = this.inputs[index];
    if (value) return value;
    throw new ModelError('malformed-file', `expects an input ${index}, has ${this.inputs.length}`);
  }

  /** A tensor given by name. */
  named(key: string): Value | undefined {
    const operand = this.facts.kwargs[key];
    return operand && 'tensor' in operand ? operand.tensor : undefined;
  }

  /** A plain argument, by position or name, or from the configuration. */
  plain(position: number, key: string): Json | undefined {
    const operand = this.facts.args[position] ?? this.facts.kwargs[key];
    return (operand && plainOf(operand)) ?? this.config.get(key);
  }

  /** The same input and graph for a part of this layer. */
  part(facts: Partial<CallFacts>): LayerCall {
    return new LayerCall(this.state, { ...this.facts, ...facts }, this.graph);
  }

  /** This layer in another graph. */
  within(graph: Graph): LayerCall {
    return new LayerCall(this.state, this.facts, graph);
  }

  has(index: number): boolean {
    return index < this.facts.weights.length;
  }

  /** Weight `index` in 32-bit floats. @throws {ModelError} `malformed-file` when the file has fewer. */
  weight(index: number, what: string): Value {
    const array = this.facts.weights[index];
    if (!array)
      throw new ModelError(
        'malformed-file',
        `expects weight ${index} (${what}), the file has ${this.facts.weights.length}`,
      );
    const { constants } = this.state;
    const constant = constants.get(array) ?? constantOf(array);
    constants.set(array, constant);
    return Value.constant(`${this.name}/${what}`, constant);
  }

  /** The first output of an operator over the values; folded where everything is known. */
  emit(op: string, inputs: readonly (Value | undefined)[], options?: Options): Value {
    return this.emitAll(op, inputs, options)[0] as Value;
  }

  emitAll(op: string, inputs: readonly (Value | undefined)[], options?: Options): Value[] {
    const name = this.unique(op.toLowerCase());
    return emit(this.graph, undefined, { op, name, inputs, ...(options && { options }) });
  }

  /** A small constant; a scalar when given a number. */
  make(dtype: DType, numbers: number | readonly number[], shape?: Shape): Value {
    const list = typeof numbers === 'number' ? [numbers] : numbers;
    const data = allocate(dtype, list.length) as { [i: number]: number | bigint };
    for (const [i, n] of list.entries()) data[i] = dtype === 'i64' ? BigInt(n) : n;
    const sizes = shape ?? (typeof numbers === 'number' ? [] : [list.length]);
    return Value.constant(this.unique('const'), Constant.of(dtype, sizes, data as unknown as TensorData));
  }

  i32(numbers: number | readonly number[], shape?: Shape): Value {
    return this.make('i32', numbers, shape);
  }
  f32(numbers: number | readonly number[], shape?: Shape): Value {
    return this.make('f32', numbers, shape);
  }

  /** A value as 32-bit floats. */
  float(x: Value): Value {
    return this.cast(x, 'f32');
  }
  cast(x: Value, dtype: DType): Value {
    const types: Partial<Record<DType, string>> = {
      f32: 'FLOAT32',
      i32: 'INT32',
      bool: 'BOOL',
      i64: 'INT64',
      u8: 'UINT8',
    };
    if (x.dtype === dtype) return x;
    const [inDataType, outDataType] = [types[x.dtype], types[dtype]];
    return this.emit('CAST', [x], { ...(inDataType && { inDataType }), ...(outDataType && { outDataType }) });
  }

  /** The shape of a value. @throws {ModelError} `unsupported` when its rank is unknown. */
  shapeOf(x: Value): Shape {
    if (x.shape) return x.shape;
    throw new ModelError('unsupported', `needs to know the rank of '${x.name}'. Give the inputs fixed shapes.`);
  }

  /** A shape whose sizes but the first are known. */
  knownShape(x: Value): Shape {
    const shape = this.shapeOf(x);
    if (shape.every((d, i) => i === 0 || d >= 0)) return shape;
    throw new ModelError(
      'unsupported',
      `needs known sizes, got [${shape.map((d) => (d < 0 ? '?' : d))}]. Give the inputs fixed shapes (--input-shape).`,
    );
  }

  /** A reshape. One size at most may be unknown (-1); more of them are taken from where `like` has them. */
  reshape(x: Value, sizes: Shape, like?: Value): Value {
    if (sizes.filter((d) => d < 0).length <= 1) return this.emit('RESHAPE', [x, this.i32(sizes)]);
    const shape = this.emit('SHAPE', [like ?? x], { outType: 'INT32' });
    const all = sizes.map((d, i) => (d < 0 ? this.sizeAt(shape, i) : this.i32(d)));
    const packed = this.emit('PACK', all, { valuesCount: all.length, axis: 0 });
    const y = this.emit('RESHAPE', [x, packed]);
    if (!y.constant) y.shape = sizes;
    return y;
  }

  /** Element `index` of a shape vector, as a scalar. */
  sizeAt(shape: Value, index: number): Value {
    const inputs = [shape, this.i32([index]), this.i32([index + 1]), this.i32([1])];
    return this.emit('STRIDED_SLICE', inputs, { shrinkAxisMask: 1 });
  }

  /** A transposition; weights are transposed once in a model. */
  transpose(x: Value, permutation: readonly number[]): Value {
    if (permutation.every((axis, i) => axis === i)) return x;
    return this.derive(x, `transpose ${permutation}`, () => this.emit('TRANSPOSE', [x, this.i32(permutation)]));
  }

  /** Weights in another shape, made once in a model. */
  reshapeWeights(x: Value, shape: Shape): Value {
    return this.derive(x, `reshape ${shape}`, () => this.emit('RESHAPE', [x, this.i32(shape)]));
  }

  /** What is computed from a constant, once; it keeps that one's name. */
  derive(x: Value, key: string, make: () => Value): Value {
    if (!x.constant) return make();
    const known = this.state.derived.get(x.constant) ?? new Map<string, Constant>();
    this.state.derived.set(x.constant, known);
    const constant = known.get(key) ?? make().constant;
    if (!constant) return make();
    known.set(key, constant);
    return Value.constant(x.name, constant);
  }

  /** Which steps of the first input count, `[N, T]`: an argument in Keras 3, before that what the layers tell each other. */
  get mask(): Value | undefined {
    return this.named('mask') ?? this.maskOf(this.input());
  }

  maskOf(x: Value): Value | undefined {
    return this.state.masks.get(x);
  }

  /** A name below the layer's that no other value has. */
  unique(suffix: string): string {
    return uniqueName(this.state.names, `${this.name}/${suffix}`);
  }
}

/** @returns `base`, with a number where it is taken already */
export function uniqueName(names: Set<string>, base: string): string {
  let name = base;
  for (let n = 1; names.has(name); n++) name = `${base}_${n}`;
  names.add(name);
  return name;
}

export function tensorsOf(operands: readonly Operand[]): Value[] {
  return operands.flatMap((o) => ('tensor' in o ? [o.tensor] : 'list' in o ? tensorsOf(o.list) : []));
}

/** A plain value, or a list of such; undefined when a tensor is in it. */
export function plainOf(operand: Operand): Json | undefined {
  if ('value' in operand) return operand.value ?? undefined;
  if ('tensor' in operand) return undefined;
  const list = operand.list.map((o) => ('value' in o ? o.value : plainOf(o)));
  return list.every((v) => v !== undefined) ? (list as Json[]) : undefined;
}

function constantOf(array: Hdf5Array): Constant {
  if (!/^(float(16|32|64)|u?int(8|16|32))$/.test(array.type))
    throw new ModelError('unsupported', `has a weight of type ${array.type}; 32-bit floats are expected.`);
  return Constant.lazy('f32', array.shape, () => {
    const data = array.read();
    return data instanceof Float32Array ? data : Float32Array.from(data as Float64Array);
  });
}

/** Name of a class or function that Keras stored as a text or as an object. */
export function functionName(json: Json | undefined): string | undefined {
  if (typeof json === 'string') return json;
  if (!isObject(json)) return undefined;
  if (json.class_name === 'function' && typeof json.config === 'string') return json.config;
  return typeof json.class_name === 'string' ? json.class_name : undefined;
}
