import type { Constant } from './constant.js';
import type { Graph, Node, Options, OptionValue, Quantization, Value, ValueType } from './graph.js';
import type { DType, Shape } from './tensor.js';

/** Constants up to this many elements are printed in full. */
const PRINTED = 8;
/** Larger constants up to this many elements are searched for being a splat; still larger ones are not read at all. */
const SEARCHED = 4096;
/** Quantization scales up to this many are printed in full. */
const PRINTED_SCALES = 4;

/** The default options of an operator by its name; options equal to them are not printed. */
export type DefaultsOf = (op: string) => Options;

const noDefaults: DefaultsOf = () => ({});

/**
 * A graph as stable text, one node a line, each constant in front of its first reader; `parseGraphs` reads it back.
 * The elements of larger constants are left out.
 */
export function printGraph(graph: Graph, defaultsOf: DefaultsOf = noDefaults): string {
  const names = nameValues(graph);
  const lines: string[] = [];
  const declared = new Set<Value>(graph.inputs);
  const declare = (value: Value | undefined) => {
    if (!value || value.producer || declared.has(value)) return;
    declared.add(value);
    lines.push(`  ${names.get(value)} = ${printSource(value)}`);
  };
  for (const node of graph.nodes()) {
    for (const input of node.inputs) declare(input);
    lines.push(`  ${printNode(node, names, defaultsOf)}`);
  }
  for (const output of graph.outputs) declare(output);
  const inputs = graph.inputs.map((v) => `${names.get(v)}: ${printType(v)}${v.isVariable ? ' variable' : ''}`);
  const returned = graph.outputs.map((v) => names.get(v));
  return [
    `graph ${printWord(graph.name)}(${inputs.join(', ')}) {`,
    ...lines,
    `  return${returned.length > 0 ? ` ${returned.join(', ')}` : ''}`,
    '}',
    '',
  ].join('\n');
}

/** The graphs of a model one after another, see {@link printGraph}. */
export function printGraphs(graphs: readonly Graph[], defaultsOf: DefaultsOf = noDefaults): string {
  return graphs.map((g) => printGraph(g, defaultsOf)).join('\n');
}

/** Constants print as `@name`, all other values as `%name`; values that share a name get `~2`, `~3`, … behind it. */
function nameValues(graph: Graph): Map<Value, string> {
  const names = new Map<Value, string>();
  const taken = new Set<string>();
  const give = (value: Value | undefined) => {
    if (!value || names.has(value)) return;
    const sigil = value.constant ? '@' : '%';
    let name = sigil + printName(value.name);
    for (let n = 2; taken.has(name); n++) name = sigil + printName(`${value.name}~${n}`);
    taken.add(name);
    names.set(value, name);
  };
  for (const value of graph.inputs) give(value);
  for (const node of graph.nodes()) for (const value of [...node.inputs, ...node.outputs]) give(value);
  for (const value of graph.outputs) give(value);
  return names;
}

function printName(name: string): string {
  return /^[A-Za-z0-9_./-]+$/.test(name) ? name : JSON.stringify(name);
}

function printWord(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_./-]*$/.test(name) ? name : JSON.stringify(name);
}

/** What stands behind `=` for a value that no node computes. */
function printSource(value: Value): string {
  if (value.constant) return `const ${printType(value)}${printElements(value.constant)}`;
  return `${value.isVariable ? 'variable' : 'unset'} ${printType(value)}`;
}

function printNode(node: Node, names: ReadonlyMap<Value, string>, defaultsOf: DefaultsOf): string {
  const inputs = node.inputs.map((v) => (v ? names.get(v) : '_'));
  const op = node.customCode === undefined ? node.op : `${node.op}:${printWord(node.customCode)}`;
  const options = printOptions(node.options, defaultsOf(node.op));
  const call = `${op}(${inputs.join(', ')})${options}`;
  if (node.outputs.length === 0) return call;
  const outputs = node.outputs.map((v) => names.get(v));
  const types = node.outputs.map((v) => `${printType(v)}${v.isVariable ? ' variable' : ''}`);
  return `${outputs.join(', ')} = ${call} : ${types.join(', ')}`;
}

function printOptions(options: Options, defaults: Options): string {
  const parts: string[] = [];
  for (const [name, value] of Object.entries(options))
    if (value !== undefined && !sameOption(value, defaults[name])) parts.push(`${name}: ${printOption(value)}`);
  return parts.length > 0 ? ` {${parts.join(', ')}}` : '';
}

/** True when two options are equal, element by element for lists. */
export function sameOption(a: OptionValue | undefined, b: OptionValue | undefined): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a.length !== b.length) return false;
  return Array.from(a as ArrayLike<unknown>).every((x, i) => Object.is(x, b[i]));
}

function printOption(value: OptionValue): string {
  if (value instanceof Uint8Array) return printBytes(value);
  if (typeof value === 'object') return `[${value.map(printOption).join(', ')}]`;
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'number') return printNumber(value);
  if (typeof value === 'boolean') return String(value);
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(value) && !/^(true|false|inf|nan)$/.test(value)
    ? value
    : JSON.stringify(value);
}

const printBytes = (bytes: Uint8Array): string =>
  `0x${Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('')}`;

/** `f32[1,?,3] q(0.5, 0)`; `[*]` is an unknown rank. */
export function printType(type: ValueType & { readonly quantization?: Quantization | undefined }): string {
  return `${type.dtype}${printShape(type.shape)}${type.quantization ? ` ${printQuantization(type.quantization)}` : ''}`;
}

/** `[1,?,3]`; `[*]` is an unknown rank. */
export function printShape(shape: Shape | undefined): string {
  return shape ? `[${shape.map((d) => (d < 0 ? '?' : d)).join(',')}]` : '[*]';
}

function printQuantization({ scale, zeroPoint, axis }: Quantization): string {
  const [first = 0] = scale;
  const zero = zeroPoint.some((z) => z !== 0);
  if (scale.length === 1) return `q(${printNumber(first)}, ${zeroPoint[0] ?? 0})`;
  if (scale.length > PRINTED_SCALES) return `q(axis ${axis}, ${scale.length} scales)`;
  const scales = `[${Array.from(scale, (s) => printNumber(s)).join(', ')}]`;
  return `q(axis ${axis}, ${scales}${zero ? `, [${zeroPoint.join(', ')}]` : ''})`;
}

function printElements(constant: Constant): string {
  if (constant.count > SEARCHED) return '';
  const data = constant.data();
  if (data.length <= PRINTED) {
    const elements = Array.from(data as ArrayLike<number | bigint | Uint8Array>, (x) =>
      printElement(constant.dtype, x),
    );
    return ` [${elements.join(', ')}]`;
  }
  const [first] = data;
  if (first === undefined || typeof first === 'object') return '';
  for (let i = 1; i < data.length; i++) if (!Object.is(data[i], first)) return '';
  return ` splat ${printElement(constant.dtype, first)}`;
}

function printElement(dtype: DType, x: number | bigint | Uint8Array): string {
  if (x instanceof Uint8Array) return printText(x);
  if (typeof x === 'bigint') return String(x);
  if (dtype === 'f64' || dtype === 'c128') return printNumber(x, Number);
  if (dtype === 'f16' || dtype === 'bf16') return `0x${x.toString(16).padStart(4, '0')}`;
  return printNumber(x);
}

function printText(bytes: Uint8Array): string {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  const back = new TextEncoder().encode(text);
  return back.length === bytes.length && back.every((b, i) => b === bytes[i])
    ? JSON.stringify(text)
    : printBytes(bytes);
}

/** The shortest text that `round` makes the same number of; by default rounding to float32 where the number is one. */
function printNumber(x: number, round: (text: string) => number = (s) => Math.fround(Number(s))): string {
  if (Number.isNaN(x)) return 'nan';
  if (!Number.isFinite(x)) return x > 0 ? 'inf' : '-inf';
  if (Object.is(x, -0)) return '-0';
  if (Number.isInteger(x) && Math.abs(x) < 1e15) return String(x);
  for (let digits = 6; digits <= 9; digits++) {
    const text = String(Number(x.toPrecision(digits)));
    if (round(text) === x) return text;
  }
  return String(x);
}
