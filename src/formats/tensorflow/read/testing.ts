import { readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { encodeTextFormat } from '../../../bytes/protobuf-text.js';
import { bytesSource, type FileTree, memoryTree } from '../../../bytes/source.js';
import { elementCount, type Shape } from '../../../ir/tensor.js';
import { type Messages, messageTables } from '../../../schema/tensorflow.gen.js';
import type { TfFunction, TfGraph, TfNode, TfTensorRef } from '../graph.js';

const root = fileURLToPath(new URL('../../../../test/fixtures/tensorflow/', import.meta.url));

/** The files of a fixture, in memory. */
export function fixtureFiles(name: string): Record<string, Uint8Array> {
  const files: Record<string, Uint8Array> = {};
  for (const path of readdirSync(root + name, { recursive: true }) as string[]) {
    const full = `${root}${name}/${path}`;
    if (statSync(full).isFile()) files[path.replaceAll('\\', '/')] = Uint8Array.from(readFileSync(full));
  }
  return files;
}

export const fixtureTree = (name: string): FileTree => memoryTree(fixtureFiles(name), name);
export const fixtureSource = (path: string) => bytesSource(Uint8Array.from(readFileSync(root + path)), path);

const types: Readonly<Record<string, number>> = { DT_FLOAT: 1, DT_INT32: 3, DT_STRING: 7, DT_INT64: 9, DT_BOOL: 10 };
const typeNumber = (name: string): number | undefined => (name === 'DT_RESOURCE' ? 20 : types[name]);

/** A message in binary format from its text format. */
export const messageBytes = (message: keyof Messages, text: string): Uint8Array =>
  encodeTextFormat(messageTables, message, text, typeNumber, 'test');

/** A GraphDef file from text format. */
export const graphFile = (text: string) => bytesSource(messageBytes('GraphDef', text), 'graph.pb');

/** `inputs` and `outputs` of one run of a signature, as TensorFlow computed them. */
export interface ExpectedRun {
  readonly signature: string;
  readonly inputs: Readonly<Record<string, Value>>;
  readonly outputs: Readonly<Record<string, Value>>;
}
export const expectedRuns = (name: string): ExpectedRun[] =>
  JSON.parse(readFileSync(`${root}${name}/expected.json`, 'utf8'));

type Element = number | string | boolean;
/** A tensor, its elements row-major. */
export interface Value {
  readonly shape: Shape;
  readonly data: readonly Element[];
}

/** Runs a flat graph on plain arrays: enough operations for the fixtures, written for clearness, not for speed. */
export function runGraph(graph: TfGraph, feeds: Readonly<Record<string, Value>>): Record<string, Value> {
  const run: Run = { graph, values: new Map(), variables: new Map(), tables: new Map() };
  for (const { name, ref } of graph.signature.inputs) run.values.set(ref.node, [feeds[name] as Value]);
  runNodes(run, graph.initializer);
  runNodes(run, graph.nodes);
  return Object.fromEntries(graph.signature.outputs.map(({ name, ref }) => [name, tensorOf(run, ref)]));
}

interface Run {
  readonly graph: TfGraph;
  readonly values: Map<TfNode, readonly Value[]>;
  readonly variables: Map<string, Value>;
  readonly tables: Map<string, Map<Element, Element>>;
}

const tensorOf = (run: Run, { node, index }: TfTensorRef): Value => {
  const value = run.values.get(node)?.[index];
  if (!value) throw new Error(`${node.op} '${node.name}' has no value ${index}`);
  return value;
};

function runNodes(run: Run, nodes: readonly TfNode[]): void {
  for (const node of nodes) if (!run.values.has(node)) run.values.set(node, runNode(run, node));
}

function runFunction(run: Run, name: string, args: readonly Value[]): Value[] {
  const made = run.graph.library.get(name) as TfFunction;
  const inner: Run = { ...run, values: new Map() };
  made.args.forEach((arg, k) => {
    inner.values.set(arg, [args[k] as Value]);
  });
  runNodes(inner, made.nodes);
  return made.results.map((ref) => tensorOf(inner, ref));
}

const binary: Readonly<Record<string, (a: number, b: number) => Element>> = {
  AddV2: (a, b) => Math.fround(a + b),
  Sub: (a, b) => Math.fround(a - b),
  Mul: (a, b) => Math.fround(a * b),
  BiasAdd: (a, b) => Math.fround(a + b),
  Less: (a, b) => a < b,
  Greater: (a, b) => a > b,
};

function runNode(run: Run, node: TfNode): readonly Value[] {
  const { attrs, op } = node;
  const inputs = node.inputs.map((ref) => tensorOf(run, ref));
  const [a, b, c] = inputs as [Value, Value, Value];
  const decoder = new TextDecoder();
  switch (op) {
    case 'Const': {
      const { shape } = node.value as NonNullable<TfNode['value']>;
      const data = Array.from(node.value?.data() as ArrayLike<unknown>, (v) =>
        v instanceof Uint8Array ? decoder.decode(v) : Number(v),
      );
      return [{ shape, data }];
    }
    case 'VarHandleOp':
      if (!run.variables.has(node.name) && node.value)
        run.variables.set(node.name, { shape: node.value.shape, data: node.value.numbers() });
      return [{ shape: [], data: [node.name] }];
    case 'ReadVariableOp':
      return [run.variables.get(a.data[0] as string) as Value];
    case 'AssignAddVariableOp':
      run.variables.set(a.data[0] as string, broadcast(binary.AddV2!, run.variables.get(a.data[0] as string)!, b));
      return [];
    case 'HashTableV2':
      return [{ shape: [], data: [node.name] }];
    case 'LookupTableImportV2':
      run.tables.set(a.data[0] as string, new Map(b.data.map((key, i) => [key, c.data[i] as Element])));
      return [];
    case 'InitializeTableFromTextFileV2': {
      const lines = readFileSync(`${root}words/${b.data[0]}`, 'utf8').trim().split('\n');
      run.tables.set(a.data[0] as string, new Map(lines.map((line, i) => [line, i])));
      return [];
    }
    case 'LookupTableFindV2': {
      const table = run.tables.get(a.data[0] as string);
      return [{ shape: b.shape, data: b.data.map((key) => table?.get(key) ?? (c.data[0] as Element)) }];
    }
    case 'While': {
      let state: Value[] = inputs;
      while (runFunction(run, attrs.func('cond'), state)[0]?.data[0])
        state = runFunction(run, attrs.func('body'), state);
      return state;
    }
    case 'StatelessIf':
    case 'If':
      return runFunction(run, attrs.func(a.data[0] ? 'then_branch' : 'else_branch'), inputs.slice(1));
    case 'StatelessCase':
    case 'Case': {
      const names = attrs.funcs('branches');
      return runFunction(run, (names[a.data[0] as number] ?? names.at(-1)) as string, inputs.slice(1));
    }
    case 'MatMul':
      return [matMul(a, b)];
    case 'Relu':
      return [{ shape: a.shape, data: a.data.map((v) => Math.max(0, v as number)) }];
    case 'Cast':
      return [{ shape: a.shape, data: a.data.map((v) => Math.trunc(Number(v))) }];
    case 'SelectV2':
      return [{ shape: b.shape, data: a.data.map((v, i) => (v ? b : c).data[i] as Element) }];
    case 'Sum':
      return [{ shape: [], data: [a.data.reduce<number>((s, v) => s + (v as number), 0)] }];
    case 'Shape':
      return [{ shape: [a.shape.length], data: a.shape }];
    case 'Pack':
      return [{ shape: [inputs.length, ...a.shape], data: inputs.flatMap((v) => v.data) }];
    case 'Reshape':
      return [reshape(a, b.data as number[])];
    case 'GatherV2':
      return [gather(a, b)];
    case 'StridedSlice':
      return [slice(attrs.int('shrink_axis_mask'), inputs)];
    case 'Split':
      return columns(b, attrs.int('num_split'));
    case 'ConcatV2':
      return [concat(inputs.slice(0, -1), inputs.at(-1)?.data[0] as number)];
    default: {
      const compute = binary[op];
      if (!compute) throw new Error(`no test kernel for ${op}`);
      return [broadcast(compute, a, b)];
    }
  }
}

/** Element by element; the shorter operand repeats along leading axes, or both are scalars. */
function broadcast(compute: (a: number, b: number) => Element, a: Value, b: Value): Value {
  const [large] = a.data.length >= b.data.length ? [a] : [b];
  const data = large.data.map((_, i) =>
    compute(a.data[i % a.data.length] as number, b.data[i % b.data.length] as number),
  );
  return { shape: large.shape, data };
}

function matMul(a: Value, b: Value): Value {
  const [rows, inner] = a.shape as [number, number];
  const cols = b.shape[1] as number;
  const at = (v: Value, i: number): number => v.data[i] as number;
  const data = Array.from({ length: rows * cols }, (_, i) => {
    let sum = 0;
    for (let k = 0; k < inner; k++) sum += at(a, Math.floor(i / cols) * inner + k) * at(b, k * cols + (i % cols));
    return Math.fround(sum);
  });
  return { shape: [rows, cols], data };
}

function reshape(a: Value, shape: readonly number[]): Value {
  const known = shape.reduce((n, d) => (d < 0 ? n : n * d), 1);
  return { shape: shape.map((d) => (d < 0 ? a.data.length / known : d)), data: a.data };
}

function gather(a: Value, indices: Value): Value {
  const size = elementCount(a.shape.slice(1));
  const data = indices.data.flatMap((i) => a.data.slice(Number(i) * size, (Number(i) + 1) * size));
  return { shape: [...indices.shape, ...a.shape.slice(1)], data };
}

/** A range of the first axis; an end of 0 stands for all. */
function slice(shrink: number, [a, begin, end]: readonly Value[]): Value {
  const [rows = 1, ...rest] = (a as Value).shape;
  const size = elementCount(rest);
  const from = begin?.data[0] as number;
  const to = (end?.data[0] as number) || rows;
  const data = (a as Value).data.slice(from * size, to * size);
  return { shape: shrink & 1 ? rest : [to - from, ...rest], data };
}

function columns(a: Value, count: number): Value[] {
  const [rows, cols] = a.shape as [number, number];
  const width = cols / count;
  return Array.from({ length: count }, (_, part) => ({
    shape: [rows, width],
    data: a.data.filter((__, i) => Math.floor((i % cols) / width) === part),
  }));
}

function concat(parts: readonly Value[], axis: number): Value {
  const [first] = parts as [Value];
  if (axis === 0)
    return {
      shape: [parts.reduce((n, p) => n + (p.shape[0] as number), 0), ...first.shape.slice(1)],
      data: parts.flatMap((p) => p.data),
    };
  const rows = first.shape[0] as number;
  const row = (p: Value, r: number): readonly Element[] => {
    const width = p.shape[1] as number;
    return p.data.slice(r * width, (r + 1) * width);
  };
  const width = parts.reduce((n, p) => n + (p.shape[1] as number), 0);
  return { shape: [rows, width], data: Array.from({ length: rows }, (_, r) => parts.flatMap((p) => row(p, r))).flat() };
}
