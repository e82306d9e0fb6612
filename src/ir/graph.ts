import { assert } from '../errors.js';
import type { Constant } from './constant.js';
import type { DType, Quantization, Shape } from './tensor.js';

/** One option of an operator. Enum members are their schema names, such as `'SAME'` or `'RELU6'`. */
export type OptionValue =
  | number
  | boolean
  | bigint
  | string
  | Uint8Array
  | readonly number[]
  | readonly bigint[]
  | readonly boolean[]
  | readonly string[];
/** Options by their schema name in camelCase (`strideH`); an absent one has its schema default. */
export type Options = Readonly<Record<string, OptionValue | undefined>>;

export type { Quantization };

/** Element type and shape of a value; an undefined shape means unknown rank, a size of -1 unknown size. */
export interface ValueType {
  readonly dtype: DType;
  readonly shape: Shape | undefined;
}

/** One place where a value is read: input `index` of `node`. */
export interface Use {
  readonly node: Node;
  readonly index: number;
}

/** What flows between nodes: a graph input, an output of a node, or a constant. */
export class Value implements ValueType {
  name: string;
  dtype: DType;
  shape: Shape | undefined;
  constant: Constant | undefined;
  quantization: Quantization | undefined;
  /** A tensor that keeps its contents between runs (the state of an LSTM). */
  isVariable = false;
  /** What is known of the elements of a small integer tensor; undefined elements are unknown. */
  partial: readonly (number | undefined)[] | undefined;
  /** What a format must keep and nothing else looks at. */
  extra: Readonly<Record<string, unknown>> | undefined;

  /** The node that computes it, and which output it is; undefined for graph inputs and constants. */
  producer: Node | undefined;
  outputIndex = 0;
  /** Every read by a node. Being a graph output is not a use here: see {@link Graph.isOutput}. */
  readonly uses: Use[] = [];

  constructor(name: string, dtype: DType, shape: Shape | undefined) {
    this.name = name;
    this.dtype = dtype;
    this.shape = shape;
  }

  /** A constant value. */
  static constant(name: string, constant: Constant): Value {
    const value = new Value(name, constant.dtype, constant.shape);
    value.constant = constant;
    return value;
  }
}

/** What a node needs at birth; {@link Graph.insert} makes it. */
export interface NodeSpec {
  /** Builtin name (`'CONV_2D'`), or `'CUSTOM'` with `customCode`. */
  readonly op: string;
  /** Name of the layer or source node, for messages. */
  readonly name: string;
  readonly inputs: readonly (Value | undefined)[];
  readonly outputs: readonly Value[];
  readonly options?: Options;
  readonly customCode?: string;
  /** Options of a custom operator, verbatim. */
  readonly customOptions?: Uint8Array;
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** An operation. Inputs and outputs change only through the methods of {@link Graph}. */
export class Node {
  readonly op: string;
  name: string;
  options: Options;
  readonly customCode: string | undefined;
  readonly customOptions: Uint8Array | undefined;
  extra: Readonly<Record<string, unknown>> | undefined;
  readonly inputs: (Value | undefined)[];
  readonly outputs: Value[];
  /** False once removed from its graph. */
  alive = true;
  previous: Node | undefined;
  next: Node | undefined;

  constructor(spec: NodeSpec) {
    this.op = spec.op;
    this.name = spec.name;
    this.options = spec.options ?? {};
    this.customCode = spec.customCode;
    this.customOptions = spec.customOptions;
    this.extra = spec.extra;
    this.inputs = [...spec.inputs];
    this.outputs = [...spec.outputs];
  }

  /** The only output; most operators have one. */
  get output(): Value {
    assert(this.outputs[0], `${this.op} '${this.name}' has no output`);
    return this.outputs[0];
  }
}

/** Goes through nodes that are still there. Passes do so thousands of times: its result is one object. */
class Walk implements IterableIterator<Node> {
  readonly #nodes: readonly Node[];
  readonly #result = { done: false, value: undefined as unknown as Node };
  #at = 0;

  constructor(nodes: readonly Node[]) {
    this.#nodes = nodes;
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<Node> {
    const nodes = this.#nodes;
    while (this.#at < nodes.length) {
      const node = nodes[this.#at++] as Node;
      if (!node.alive) continue;
      this.#result.value = node;
      return this.#result as IteratorYieldResult<Node>;
    }
    this.#result.done = true;
    return this.#result as IteratorResult<Node>;
  }
}

/** Nodes in an order in which they can run, and the values that enter and leave. */
export class Graph {
  name: string;
  readonly inputs: Value[] = [];
  readonly outputs: Value[] = [];
  extra: Readonly<Record<string, unknown>> | undefined;
  #first: Node | undefined;
  #last: Node | undefined;

  constructor(name: string) {
    this.name = name;
  }

  /** The nodes in order. Edits during the walk are fine: removed nodes are skipped, new ones are not visited. */
  nodes(): IterableIterator<Node> {
    const all: Node[] = [];
    for (let n = this.#first; n; n = n.next) all.push(n);
    return new Walk(all);
  }

  /** True when the value leaves the graph. */
  isOutput(value: Value): boolean {
    return this.outputs.includes(value);
  }

  /** True when exactly one node reads the value and it does not leave the graph. */
  hasOneUse(value: Value): boolean {
    return value.uses.length === 1 && !this.isOutput(value);
  }

  /** Adds a node before another (at the end when `before` is undefined). Its outputs get it as their producer. */
  insert(before: Node | undefined, spec: NodeSpec): Node {
    const node = new Node(spec);
    node.next = before;
    node.previous = before ? before.previous : this.#last;
    if (node.previous) node.previous.next = node;
    else this.#first = node;
    if (before) before.previous = node;
    else this.#last = node;
    for (const [index, value] of node.inputs.entries()) value?.uses.push({ node, index });
    for (const [index, value] of node.outputs.entries()) this.#own(node, index, value);
    return node;
  }

  append(spec: NodeSpec): Node {
    return this.insert(undefined, spec);
  }

  #own(node: Node, index: number, value: Value): void {
    assert(!value.constant, `constant '${value.name}' cannot be an output of ${node.op}`);
    node.outputs[index] = value;
    value.producer = node;
    value.outputIndex = index;
  }

  /** Takes a node out. Its outputs must have no uses (graph outputs included), or have been given to another node. */
  remove(node: Node): void {
    assert(node.alive, `${node.op} '${node.name}' is removed twice`);
    for (const output of node.outputs)
      if (output.producer === node) {
        assert(output.uses.length === 0 && !this.isOutput(output), `'${output.name}' is still used`);
        output.producer = undefined;
      }
    for (const index of node.inputs.keys()) this.setInput(node, index, undefined);
    if (node.previous) node.previous.next = node.next;
    else this.#first = node.next;
    if (node.next) node.next.previous = node.previous;
    else this.#last = node.previous;
    node.alive = false;
  }

  /** Makes input `index` of a node read another value (none when undefined). Grows the input list where needed. */
  setInput(node: Node, index: number, value: Value | undefined): void {
    while (node.inputs.length < index) node.inputs.push(undefined);
    const old = node.inputs[index];
    if (old === value && index < node.inputs.length) return;
    if (old) {
      const at = old.uses.findIndex((u) => u.node === node && u.index === index);
      assert(at >= 0, `'${old.name}' does not know its use`);
      old.uses.splice(at, 1);
    }
    node.inputs[index] = value;
    value?.uses.push({ node, index });
  }

  /**
   * Makes every reader of `from`, and the graph outputs, read `to` instead. A graph output keeps its name: when `from`
   * left the graph and `to` is neither an input, a constant nor an output itself, `to` takes over `from`'s name.
   */
  replaceUses(from: Value, to: Value): void {
    if (from === to) return;
    for (const use of [...from.uses]) this.setInput(use.node, use.index, to);
    if (!this.isOutput(from)) return;
    if (to.producer && !this.isOutput(to)) [to.name, from.name] = [from.name, to.name];
    for (const [i, value] of this.outputs.entries()) if (value === from) this.outputs[i] = to;
  }

  /**
   * Gives an existing value to `node` as its output `index`: the way to fuse a node into its producer while the value
   * keeps its name and readers. The value's former producer must be removed afterwards (it no longer owns the value).
   */
  takeOutput(node: Node, index: number, value: Value): void {
    const old = node.outputs[index];
    if (old && old !== value && old.producer === node) old.producer = undefined;
    this.#own(node, index, value);
  }
}

/** A named entry to a model: the logical names of the inputs and outputs of one graph, by position in its lists. */
export interface Signature {
  readonly key: string;
  /** Index into {@link Model.graphs}. */
  readonly graph: number;
  readonly inputs: readonly { readonly name: string; readonly index: number }[];
  readonly outputs: readonly { readonly name: string; readonly index: number }[];
}

/** A model: its graphs (entry graphs first; others are bodies of control flow), signatures and metadata. */
export interface Model {
  readonly graphs: readonly Graph[];
  readonly signatures: readonly Signature[];
  readonly description: string;
  metadata: readonly { readonly name: string; readonly bytes: Uint8Array }[];
  /** What a format must keep and nothing else looks at. */
  readonly extra?: Readonly<Record<string, unknown>>;
}
