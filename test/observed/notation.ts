import type { Graph, Node, Options, Value } from '../../src/ir/graph.js';
import type { DType } from '../../src/ir/tensor.js';
import { findOp } from '../../src/ops/registry.js';
import { enums } from '../../src/schema/tflite.gen.js';

/** Names of element types where the notation has others than the graph. */
const NAMES: Readonly<Partial<Record<DType, string>>> = {
  f64: 'float64',
  f16: 'float16',
  u8: 'uint8',
  u16: 'uint16',
  c64: 'complex64',
};
/** Options that the recorded lines leave out. */
const OMITTED: ReadonlySet<string> = new Set([
  'quantizedBiasType',
  'potScaleInt16',
  'asymmetricQuantizeInputs',
  'weightsFormat',
  'inDataType',
  'outDataType',
]);
/** Constants up to this many elements show them. */
const SHOWN = 8;
/** Recorded numbers are cut after six digits. */
const TOLERANCE = 3e-6;

/** One operator in the notation of observed-lowerings.json, taken apart. */
export interface Line {
  readonly op: string;
  readonly version: number;
  readonly inputs: readonly Operand[];
  readonly outputs: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
}

interface Operand {
  /** `f32[2,3]`, or `-` for an absent one. */
  readonly type: string;
  readonly isConstant: boolean;
  /** Numbers of a small constant. */
  readonly values: readonly number[] | undefined;
}

/** The nodes of a graph as lines, but for the copies that make outputs of inputs and constants: the records have none. */
export function linesOf(graph: Graph): Line[] {
  return [...graph.nodes()].filter((node) => !isCopy(graph, node)).map(lineOf);
}

function isCopy(graph: Graph, node: Node): boolean {
  const [source] = node.inputs;
  return node.op === 'RESHAPE' && source?.producer === undefined && `${source?.shape}` === `${node.output.shape}`
    ? graph.isOutput(node.output)
    : false;
}

function lineOf(node: Node): Line {
  const op = findOp(node.op);
  const options: Options = { ...op?.defaults, ...node.options };
  const facts = (v: Value) => ({ dtype: v.dtype, shape: v.shape, quantization: v.quantization, isSparse: false });
  const version = op?.version({
    inputs: node.inputs.map((v) => v && facts(v)),
    outputs: node.outputs.map(facts),
    options,
  });
  return {
    op: node.customCode ? `CUSTOM:${node.customCode}` : node.op,
    version: version ?? 1,
    inputs: node.inputs.map(operandOf),
    outputs: node.outputs.map(typeOf),
    options: numbered(options),
  };
}

function operandOf(value: Value | undefined): Operand {
  if (!value) return { type: '-', isConstant: false, values: undefined };
  const { constant } = value;
  const shown = constant && constant.count <= SHOWN && constant.dtype !== 'string';
  return { type: typeOf(value), isConstant: constant !== undefined, values: shown ? constant.numbers() : undefined };
}

const typeOf = ({ dtype, shape }: Value): string => `${NAMES[dtype] ?? dtype}[${shape ?? ''}]`;

/** Options with the members of enums as the numbers of the schema. */
function numbered(options: Options): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(options).flatMap(([name, value]) =>
      OMITTED.has(name) || value === undefined
        ? []
        : [
            [
              name,
              typeof value === 'string' ? numberOf(name, value) : typeof value === 'bigint' ? Number(value) : value,
            ],
          ],
    ),
  );
}

function numberOf(option: string, member: string): number | string {
  const type = { padding: 'Padding', mode: 'MirrorPadMode', fusedActivationFunction: 'ActivationFunctionType' }[option];
  return enums[type ?? 'TensorType']?.values[member] ?? member;
}

/** Takes a recorded line apart. */
export function parseLine(text: string): Line {
  const [, op = '', version = '1', inputs = '', outputs = '', options = ''] =
    /^(?:\[\d+\] )?([\w:]+?)(?:@v(\d+))?\((.*)\) -> (.*?)(?: (\{.*\}))?$/.exec(text) ?? [];
  const json = options.replaceAll("'", '"').replaceAll('False', 'false').replaceAll('True', 'true');
  return {
    op,
    version: Number(version),
    inputs: split(inputs).map(parseOperand),
    outputs: split(outputs),
    options: json === '' ? {} : (JSON.parse(json) as Record<string, unknown>),
  };
}

const split = (list: string): string[] => (list === '' ? [] : list.split(', '));

function parseOperand(text: string): Operand {
  const [type = '', values] = text.replace(/^c:/, '').split('=');
  const numbers = values
    ?.slice(1, -1)
    .split(',')
    .map((v) => (v === 'True' ? 1 : v === 'False' ? 0 : Number(v)));
  return { type, isConstant: text.startsWith('c:'), values: numbers };
}

/** What differs between a graph and recorded lines, in any order of independent nodes; empty when nothing does. */
export function compareLines(actual: readonly Line[], expected: readonly Line[]): string[] {
  const left = [...actual];
  const missing = expected.filter((line) => {
    const at = left.findIndex((l) => sameLine(l, line));
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  return [...missing.map((l) => `- ${format(l)}`), ...left.map((l) => `+ ${format(l)}`)];
}

/**
 * What differs between the operators of a model and recorded lines, in their order; empty when nothing does. Where the
 * weights of a case are not those of the record, `weights` leaves float constants out.
 */
export function compareInOrder(
  actual: readonly Line[],
  expected: readonly Line[],
  { weights }: { readonly weights: boolean },
): string[] {
  const plain = (line: Line): Line => ({
    ...line,
    inputs: line.inputs.map((input, i) => {
      const isShape = line.op === 'RESHAPE' && i === 1; // may leave a size open that another names
      return isShape || (!weights && input.type.startsWith('f32')) ? { ...input, values: undefined } : input;
    }),
  });
  return Array.from({ length: Math.max(actual.length, expected.length) }, (_, i) => {
    const [got, wanted] = [actual[i], expected[i]];
    if (got && wanted && sameLine(plain(got), plain(wanted))) return [];
    return [`${i}: expected ${wanted ? format(wanted) : 'nothing'}`, `${i}: got ${got ? format(got) : 'nothing'}`];
  }).flat();
}

function sameLine(actual: Line, expected: Line): boolean {
  return (
    actual.op === expected.op &&
    actual.version === expected.version &&
    sameList(actual.inputs, expected.inputs, sameOperand) &&
    sameList(actual.outputs, expected.outputs, (a, b) => a === b) &&
    sameOptions(actual, expected)
  );
}

function sameList<T>(a: readonly T[], b: readonly T[], same: (x: T, y: T) => boolean): boolean {
  return a.length === b.length && a.every((x, i) => same(x, b[i] as T));
}

function sameOperand(a: Operand, b: Operand): boolean {
  if (a.type !== b.type || a.isConstant !== b.isConstant) return false;
  return !a.values || !b.values || sameList(a.values, b.values, sameNumber);
}

const sameNumber = (a: number, b: number): boolean =>
  Object.is(a, b) || Math.abs(a - b) <= TOLERANCE * Math.max(1, Math.abs(b));

/** Options that a recorded line does not show have their schema defaults. */
function sameOptions(actual: Line, expected: Line): boolean {
  const defaults = numbered(findOp(actual.op)?.defaults ?? {});
  const names = new Set([...Object.keys(actual.options), ...Object.keys(expected.options)]);
  return [...names].every((name) =>
    sameOption(actual.options[name] ?? defaults[name], expected.options[name] ?? defaults[name]),
  );
}

function sameOption(a: unknown, b: unknown): boolean {
  if (typeof a === 'number' && typeof b === 'number') return sameNumber(a, b);
  if (Array.isArray(a) && Array.isArray(b)) return sameList(a, b, sameOption);
  return a === b;
}

function format({ op, version, inputs, outputs, options }: Line): string {
  const operands = inputs.map((i) => `${i.isConstant ? 'c:' : ''}${i.type}${i.values ? `=[${i.values}]` : ''}`);
  const shown = Object.keys(options).length > 0 ? ` ${JSON.stringify(options)}` : '';
  return `${op}${version > 1 ? `@v${version}` : ''}(${operands.join(', ')}) -> ${outputs.join(', ')}${shown}`;
}
