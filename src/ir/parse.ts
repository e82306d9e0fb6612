import { ModelError } from '../errors.js';
import { Constant } from './constant.js';
import { Graph, type Options, type OptionValue, type Quantization, Value, type ValueType } from './graph.js';
import { bytesOf, dataFromTokens, numberOf } from './literals.js';
import type { DefaultsOf } from './print.js';
import { seededData } from './seeded.js';
import { type DType, dtypes, elementCount, isStatic, type Shape, type TensorData } from './tensor.js';
import { type Token, tokenize } from './tokens.js';

/**
 * The graphs that a text stands for, the form of `printGraph`. Constants without elements get pseudo-random ones that
 * depend only on their names: floats in -1..1, small integers. Options not given have their defaults.
 * @throws {ModelError} `malformed-file` with the line.
 */
export function parseGraphs(text: string, defaultsOf: DefaultsOf = () => ({})): Graph[] {
  const parser = new Parser(tokenize(text), defaultsOf);
  const graphs: Graph[] = [];
  while (!parser.atEnd()) graphs.push(parser.graph());
  return graphs;
}

/** The only graph of a text, see {@link parseGraphs}. */
export function parseGraph(text: string, defaultsOf?: DefaultsOf): Graph {
  const [graph, ...more] = parseGraphs(text, defaultsOf);
  if (!graph || more.length > 0)
    throw new ModelError('malformed-file', `expected one graph, got ${more.length && more.length + 1}`);
  return graph;
}

type FullType = ValueType & { readonly quantization: Quantization | undefined; readonly isVariable: boolean };

/** A cursor over tokens, and the values named so far. */
class Parser {
  readonly #tokens: readonly Token[];
  readonly #defaultsOf: DefaultsOf;
  #at = 0;
  #values = new Map<string, Value>();

  constructor(tokens: readonly Token[], defaultsOf: DefaultsOf) {
    this.#tokens = tokens;
    this.#defaultsOf = defaultsOf;
  }

  atEnd(): boolean {
    return this.#peek().kind === 'end';
  }

  graph(): Graph {
    this.#values = new Map();
    this.#expect('graph');
    const graph = new Graph(this.#take('word', 'string').text);
    this.#list('(', ')', () => {
      const token = this.#take('value');
      this.#expect(':');
      graph.inputs.push(this.#define(token, this.#type(token.text)));
    });
    this.#expect('{');
    while (!this.#accept('return')) this.#statement(graph);
    while (!this.#accept('}')) {
      graph.outputs.push(this.#reference());
      this.#accept(',');
    }
    return graph;
  }

  #statement(graph: Graph): void {
    const results: Token[] = [];
    while (this.#peek().kind === 'value' || this.#peek().kind === 'constant') {
      results.push(this.#take('value', 'constant'));
      if (!this.#accept(',')) {
        this.#expect('=');
        break;
      }
    }
    const [first] = results;
    if (first?.kind === 'constant') this.#constant(first);
    else if (first && (this.#accept('variable') || this.#accept('unset'))) {
      const isVariable = this.#tokens[this.#at - 1]?.text === 'variable';
      this.#define(first, { ...this.#type(first.text), isVariable });
    } else this.#node(graph, results);
  }

  #constant(token: Token): void {
    this.#expect('const');
    const { dtype, shape, quantization } = this.#type(token.text);
    if (!isStatic(shape)) throw this.#error(token, 'a constant has a static shape');
    const value = Value.constant(token.text, Constant.of(dtype, shape, this.#elements(token, dtype, shape)));
    value.quantization = quantization;
    this.#name(token, value);
  }

  #elements(token: Token, dtype: DType, shape: Shape): TensorData {
    const count = elementCount(shape);
    const isSplat = this.#accept('splat');
    if (!isSplat && this.#peek().text !== '[') return seededData(dtype, count, token.text);
    const elements: Token[] = [];
    const element = () => elements.push(this.#take('number', 'bytes', 'string'));
    if (isSplat) element();
    else this.#list('[', ']', element);
    const data = dataFromTokens(dtype, count, elements, isSplat);
    if (!data) throw this.#error(token, `${elements.length} elements do not fill ${dtype} [${shape}]`);
    return data;
  }

  #node(graph: Graph, results: readonly Token[]): void {
    const token = this.#take('word');
    const customCode = this.#accept(':') ? this.#take('word', 'string').text : undefined;
    const inputs: (Value | undefined)[] = [];
    this.#list('(', ')', () => inputs.push(this.#accept('_') ? undefined : this.#reference()));
    const options: Record<string, OptionValue> = {};
    if (this.#peek().text === '{')
      this.#list('{', '}', () => {
        const name = this.#take('word', 'string').text;
        this.#expect(':');
        options[name] = this.#option();
      });
    const types: FullType[] = [];
    if (results.length > 0) {
      this.#expect(':');
      do types.push(this.#type(results[types.length]?.text ?? ''));
      while (this.#accept(','));
    }
    if (types.length !== results.length)
      throw this.#error(token, `expected ${results.length} types, got ${types.length}`);
    const outputs = results.map((r, i) => this.#define(r, types[i] as FullType));
    const all: Options = { ...this.#defaultsOf(token.text), ...options };
    const name = results[0]?.text ?? token.text;
    graph.append({
      op: token.text,
      name,
      inputs,
      outputs,
      options: all,
      ...(customCode === undefined ? {} : { customCode }),
    });
  }

  #option(): OptionValue {
    if (this.#peek().text === '[' && this.#peek().kind === 'punctuation') {
      const items: OptionValue[] = [];
      this.#list('[', ']', () => items.push(this.#option()));
      return items as unknown as OptionValue;
    }
    const token = this.#take('number', 'bytes', 'string', 'word');
    if (token.kind === 'number' && token.text.endsWith('n')) return BigInt(token.text.slice(0, -1));
    if (token.kind === 'number') return numberOf(token.text);
    if (token.kind === 'bytes') return bytesOf(token.text);
    if (token.kind === 'word' && (token.text === 'true' || token.text === 'false')) return token.text === 'true';
    return token.text;
  }

  #type(name: string): FullType {
    const token = this.#take('word');
    const dtype = dtypes.find((d) => d === token.text);
    if (!dtype) throw this.#error(token, `expected an element type, got '${token.text}'`);
    let shape: number[] | undefined = [];
    this.#list('[', ']', () => {
      if (this.#accept('*')) shape = undefined;
      else shape?.push(this.#accept('?') ? -1 : this.#integer());
    });
    const quantization = this.#accept('q') ? this.#quantization(name) : undefined;
    return { dtype, shape, quantization, isVariable: this.#accept('variable') };
  }

  #quantization(name: string): Quantization {
    const numbers: number[][] = [];
    let axis = 0;
    let count = 0;
    this.#list('(', ')', () => {
      if (this.#accept('axis')) axis = this.#integer();
      else if (this.#peek().text === '[') {
        const items: number[] = [];
        this.#list('[', ']', () => items.push(this.#number()));
        numbers.push(items);
      } else numbers.push([this.#number()]);
      if (this.#accept('scales')) count = numbers.pop()?.[0] ?? 0;
    });
    const random = () => (seededData('f32', count, name) as Float32Array).map((x) => Math.fround(Math.abs(x) + 1) / 64);
    const scale = count > 0 ? random() : Float32Array.from(numbers[0] ?? []);
    const zeroPoint = numbers[1] ?? Array.from(scale, () => 0);
    return { scale, zeroPoint, axis };
  }

  #define(token: Token, type: FullType): Value {
    const value = new Value(token.text, type.dtype, type.shape);
    value.quantization = type.quantization;
    value.isVariable = type.isVariable;
    return this.#name(token, value);
  }

  #name(token: Token, value: Value): Value {
    const key = `${token.kind} ${token.text}`;
    if (this.#values.has(key)) throw this.#error(token, `the name '${token.text}' is taken`);
    this.#values.set(key, value);
    return value;
  }

  #reference(): Value {
    const token = this.#take('value', 'constant');
    const value = this.#values.get(`${token.kind} ${token.text}`);
    if (!value) throw this.#error(token, `no ${token.kind} is called '${token.text}' above this line`);
    return value;
  }

  #list(open: string, close: string, item: () => void): void {
    this.#expect(open);
    while (!this.#accept(close)) {
      item();
      if (this.#peek().text !== close) this.#expect(',');
    }
  }

  #number(): number {
    return numberOf(this.#take('number').text);
  }

  #integer(): number {
    const token = this.#take('number');
    const n = Number(token.text);
    if (!Number.isInteger(n)) throw this.#error(token, `expected an integer, got '${token.text}'`);
    return n;
  }

  #peek(): Token {
    return this.#tokens[this.#at] as Token;
  }

  #take(...kinds: Token['kind'][]): Token {
    const token = this.#peek();
    if (!kinds.includes(token.kind)) throw this.#error(token, `expected a ${kinds.join(' or ')}, got '${token.text}'`);
    this.#at++;
    return token;
  }

  #accept(text: string): boolean {
    const { kind } = this.#peek();
    if (this.#peek().text !== text || (kind !== 'punctuation' && kind !== 'word')) return false;
    this.#at++;
    return true;
  }

  #expect(text: string): void {
    if (!this.#accept(text)) throw this.#error(this.#peek(), `expected '${text}', got '${this.#peek().text}'`);
  }

  #error(token: Token, message: string): ModelError {
    return new ModelError('malformed-file', message, { where: `line ${token.line}` });
  }
}
