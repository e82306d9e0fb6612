import { assert, ModelError } from '../../../errors.js';
import { Constant } from '../../../ir/constant.js';
import { type Graph, type Options, Value } from '../../../ir/graph.js';
import { allocate, type DType, type Shape, type TensorData } from '../../../ir/tensor.js';
import { emit, foldNode } from '../../../ops/build.js';
import type { OutputType } from '../../../ops/define.js';
import type { TfAttrs, TfFunction, TfNode } from '../graph.js';
import type { Parts } from './complex-values.js';
import { type FittedNode, fitOperands, fits } from './operands.js';
import { singleType } from './single-precision.js';
import type { TableContents } from './table-contents.js';

/** What the lowering of all graphs of a model shares. */
export interface Shared {
  readonly warn: (text: string) => void;
  /** Transposed and reshaped weights, so that nodes and signatures that share a constant go on sharing it. */
  readonly derived: Map<Constant, Map<string, Constant>>;
}

/** What the nodes of one graph share while it is lowered. */
export interface GraphState extends Shared {
  readonly graph: Graph;
  /** Names of values that are taken. */
  readonly names: Set<string>;
  /** Which outputs of which node some node or the signature reads: `name:index`. */
  readonly read: ReadonlySet<string>;
  readonly functions: Functions;
  /** Values of lists that are not made yet. */
  readonly openLists: Map<Value, OpenList>;
  /** Complex values that are held as their parts: no node makes them. */
  readonly complexParts: Map<Value, Parts>;
  /** Node that makes a list -> shape of its elements, where what reads them tells it. */
  readonly elementShapes: ReadonlyMap<string, Shape>;
}

/** What lies outside of a graph that its nodes refer to: functions of control flow, tables, and variables. */
export interface Functions {
  /** @throws {ModelError} `invalid-graph` when there is none of that name. */
  find(name: string): TfFunction;
  /**
   * A graph for a function over its arguments: constants are built in, the other values become its inputs.
   * @throws {NotLowered} when something in it has no counterpart, which is noted.
   */
  lower(fn: TfFunction, args: readonly Value[]): Graph;
  /** Makes a graph one of the model; returns its index. */
  add(graph: Graph): number;
  /** What a lookup table is filled with, by the name of its handle; undefined when that is not known. */
  table(name: string): TableContents | undefined;
  /** Notes a variable that the graph uses, and its first value where that is known. */
  addVariable(name: string, value: Constant | undefined): void;
  /** How many graphs have been added. */
  count(): number;
  /** Takes back the graphs added since there were `count`. */
  forget(count: number): void;
}

/** A function holds what cannot be lowered; that has been noted already. */
export class NotLowered extends Error {}

/** A list whose elements have a shape that its first use must tell. */
export interface OpenList {
  /** Number of elements, an `i32` scalar. */
  readonly count: Value;
  /** Sizes of an element, -1 where unknown; undefined when their number is unknown. */
  readonly sizes: Shape | undefined;
}

/** How one TensorFlow operation becomes operators: its outputs, in order. */
export type Lower = (context: Lowering) => readonly Value[];

/** One TensorFlow node on its way into the graph. */
export class Lowering {
  readonly node: TfNode;
  readonly inputs: readonly Value[];
  readonly #state: GraphState;

  constructor(state: GraphState, node: TfNode, inputs: readonly Value[]) {
    this.#state = state;
    this.node = node;
    this.inputs = inputs;
  }

  get attrs(): TfAttrs {
    return this.node.attrs;
  }

  /** An attribute that names an element type, as the type in which it is computed. */
  type(name: string, fallback?: DType): DType {
    return singleType(this.attrs.type(name, fallback));
  }

  /** @throws {ModelError} `invalid-graph` when the node has fewer inputs. */
  input(index: number): Value {
    const value = this.inputs[index];
    if (!value) throw new ModelError('invalid-graph', `expects an input ${index}, has ${this.inputs.length} inputs`);
    return value;
  }

  /** An operand that must be known now. @throws {ModelError} `unsupported` when it is computed at run time. */
  constant(index: number, what: string): Constant {
    const { constant } = this.input(index);
    if (constant) return constant;
    throw new ModelError(
      'unsupported',
      `needs a constant ${what}, got '${this.input(index).name}', which is computed when the model runs. ` +
        'Export the model with fixed input shapes, or make the value a constant of the model.',
    );
  }

  /** The elements of a constant operand; 64-bit integers become numbers. */
  numbers(index: number, what: string): number[] {
    return this.constant(index, what).numbers();
  }

  /** The only element of a constant operand. */
  number(index: number, what: string): number {
    const [first] = this.numbers(index, what);
    if (first === undefined) throw new ModelError('invalid-graph', `${what} is empty`);
    return first;
  }

  /** The static sizes of a value. @throws {ModelError} `unsupported` when one is unknown. */
  staticShape(value: Value, what: string): Shape {
    const { shape } = value;
    if (shape?.every((d) => d >= 0)) return shape;
    const got = shape ? `[${shape.map((d) => (d < 0 ? '?' : d))}]` : 'unknown rank';
    throw new ModelError(
      'unsupported',
      `needs a static shape of ${what}, got ${got}. Give the model's inputs fixed shapes.`,
    );
  }

  /** The rank of a value. @throws {ModelError} `unsupported` when it is unknown. */
  rank(value: Value, what: string): number {
    if (value.shape) return value.shape.length;
    throw new ModelError('unsupported', `needs to know the rank of ${what}. Give the model's inputs fixed shapes.`);
  }

  /** The first output of an operator over the values; folded where everything is known. */
  emit(op: string, inputs: readonly (Value | undefined)[], options?: Options): Value {
    return this.emitAll(op, inputs, options)[0] as Value;
  }

  /**
   * All outputs of an operator over the values. Small integers are widened where the operator takes no such elements and
   * the result is the same. @throws {ModelError} `unsupported` when the operator does not take those operands.
   */
  emitAll(op: string, inputs: readonly (Value | undefined)[], options?: Options): Value[] {
    const { graph } = this.#state;
    const spec = { op, name: this.unique(op.toLowerCase()), inputs, ...(options && { options }) };
    const folded = fits(spec) ? undefined : foldNode(spec); // what fits is folded by `emit`
    if (folded) return folded;
    return fitOperands(spec, (node: FittedNode) => {
      const name = node.op === op ? spec.name : this.unique(node.op.toLowerCase());
      return emit(graph, undefined, { ...node, name });
    });
  }

  /** A node whose output types cannot be inferred from its inputs. */
  append(op: string, inputs: readonly (Value | undefined)[], outputs: readonly OutputType[], more?: RawNode): Value[] {
    const name = this.unique((more?.customCode ?? op).toLowerCase());
    const values = outputs.map((t, i) => new Value(i === 0 ? name : `${name}:${i}`, t.dtype, t.shape));
    for (const [i, value] of values.entries()) value.quantization = outputs[i]?.quantization;
    this.#state.graph.append({ op, name, inputs, outputs: values, ...more });
    return values;
  }

  /** The value of a list that is not made yet. */
  openList(dtype: DType, shape: Shape | undefined, open: OpenList): Value {
    const value = new Value(this.unique('list'), dtype, shape);
    this.#state.openLists.set(value, open);
    return value;
  }

  /** A complex value that is held as its parts. */
  complexValue(parts: Parts): Value {
    const value = new Value(this.unique('complex'), 'c64', parts.re.shape);
    this.#state.complexParts.set(value, parts);
    return value;
  }

  /** A constant of small size; a scalar when given a number. */
  make(dtype: DType, numbers: number | readonly number[], shape?: Shape): Value {
    const list = typeof numbers === 'number' ? [numbers] : numbers;
    const data = allocate(dtype, list.length) as { [i: number]: number | bigint };
    for (const [i, n] of list.entries()) data[i] = dtype === 'i64' || dtype === 'u64' ? BigInt(n) : n;
    const sizes = shape ?? (typeof numbers === 'number' ? [] : [list.length]);
    return this.keep(Constant.of(dtype, sizes, data as unknown as TensorData));
  }

  i32(numbers: number | readonly number[], shape?: Shape): Value {
    return this.make('i32', numbers, shape);
  }

  /** A constant value of the graph. */
  keep(constant: Constant, suffix = 'const'): Value {
    return Value.constant(this.unique(suffix), constant);
  }

  /** A scalar that an operator takes beside `like`: of the same element type. */
  scalar(like: Value, number: number): Value {
    return this.make(like.dtype, number);
  }

  /** A constant computed from another one once in the model, however many nodes ask for it; it keeps that one's name. */
  derive({ name, constant: from }: Value, key: string, make: () => Constant | undefined): Value {
    const { derived } = this.#state;
    assert(from, `'${name}' is no constant`);
    const known = derived.get(from) ?? new Map<string, Constant>();
    derived.set(from, known);
    const constant = known.get(key) ?? make();
    assert(constant, `'${name}' did not fold`);
    known.set(key, constant);
    return Value.constant(name, constant);
  }

  /** True when a node or the signature reads output `index`. */
  isRead(index: number): boolean {
    return this.#state.read.has(`${this.node.name}:${index}`);
  }

  /** For a node that makes a list: the shape of its elements, where what reads them tells it. */
  get elementShape(): Shape | undefined {
    return this.#state.elementShapes.get(this.node.name);
  }

  get functions(): Functions {
    return this.#state.functions;
  }

  get openLists(): Map<Value, OpenList> {
    return this.#state.openLists;
  }

  get complexParts(): Map<Value, Parts> {
    return this.#state.complexParts;
  }

  /** The same node over other operands. */
  with(inputs: readonly Value[]): Lowering {
    return new Lowering(this.#state, this.node, inputs);
  }

  /** The same node over other operands, inside of another graph. */
  within(graph: Graph, inputs: readonly Value[]): Lowering {
    return new Lowering({ ...this.#state, graph }, this.node, inputs);
  }

  warn(text: string): void {
    this.#state.warn(`${this.node.op} '${this.node.name}': ${text}`);
  }

  /** A name below the node's own that no other value has. */
  unique(suffix: string): string {
    const { names } = this.#state;
    const base = `${this.node.name}/${suffix}`;
    let name = base;
    for (let n = 1; names.has(name); n++) name = `${base}_${n}`;
    names.add(name);
    return name;
  }

  /** The nodes this lowering added come behind this one. */
  get graph(): Graph {
    return this.#state.graph;
  }
}

interface RawNode {
  readonly options?: Options;
  readonly customCode?: string;
  readonly customOptions?: Uint8Array;
}
