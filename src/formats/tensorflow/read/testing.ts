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

type Kernel = (run: Run, node: TfNode, inputs: [Value, Value, Value]) => readonly Value[];

const decoder = new TextDecoder();
const nameOf = (handle: Value): string => handle.data[0] as string;
const handle: Kernel = (_, node) => [{ shape: [], data: [node.name] }];
const choose = (names: readonly string[], index: number): string => (names[index] ?? names.at(-1)) as string;

const kernels: Readonly<Record<string, Kernel>> = {
  Const: (_, { value }) => {
    const data = Array.from(value?.data() as ArrayLike<unknown>, (v) =>
      v instanceof Uint8Array ? decoder.decode(v) : Number(v),
    );
    return [{ shape: value?.shape ?? [], data }];
  },
  VarHandleOp: (run, node, inputs) => {
    if (!run.variables.has(node.name) && node.value)
      run.variables.set(node.name, { shape: node.value.shape, data: node.value.numbers() });
    return handle(run, node, inputs);
  },
  ReadVariableOp: (run, _, [variable]) => [run.variables.get(nameOf(variable)) as Value],
  AssignAddVariableOp: (run, _, [variable, by]) => {
    const before = run.variables.get(nameOf(variable)) as Value;
    run.variables.set(
      nameOf(variable),
      broadcast((a, b) => Math.fround(a + b), before, by),
    );
    return [];
  },
  HashTableV2: handle,
  LookupTableImportV2: (run, _, [table, keys, values]) => {
    run.tables.set(nameOf(table), new Map(keys.data.map((key, i) => [key, values.data[i] as Element])));
    return [];
  },
  InitializeTableFromTextFileV2: (run, _, [table, path]) => {
    const lines = readFileSync(`${root}words/${path.data[0]}`, 'utf8').trim().split('\n');
    run.tables.set(nameOf(table), new Map(lines.map((line, i) => [line, i])));
    return [];
  },
  LookupTableFindV2: (run, _, [table, keys, missing]) => {
    const entries = run.tables.get(nameOf(table));
    return [{ shape: keys.shape, data: keys.data.map((key) => entries?.get(key) ?? (missing.data[0] as Element)) }];
  },
  While: (run, { attrs }, inputs) => {
    let state: Value[] = inputs;
    while (runFunction(run, attrs.func('cond'), state)[0]?.data[0]) state = runFunction(run, attrs.func('body'), state);
    return state;
  },
  If: (run, { attrs }, [condition, ...operands]) =>
    runFunction(run, attrs.func(condition.data[0] ? 'then_branch' : 'else_branch'), operands),
  Case: (run, { attrs }, [index, ...operands]) =>
    runFunction(run, choose(attrs.funcs('branches'), index.data[0] as number), operands),
  Switch: (_, __, [data, predicate]) => (predicate.data[0] ? [DEAD, data] : [data, DEAD]),
  GatherNd: (_, __, [a, indices]) => [gather(a, { shape: indices.shape.slice(0, -1), data: indices.data })],
  MatMul: (_, __, [a, b]) => [matMul(a, b)],
  Relu: (_, __, [a]) => [{ shape: a.shape, data: a.data.map((v) => Math.max(0, v as number)) }],
  Cast: (_, __, [a]) => [{ shape: a.shape, data: a.data.map((v) => Math.trunc(Number(v))) }],
  SelectV2: (_, __, [c, a, b]) => [{ shape: a.shape, data: c.data.map((v, i) => (v ? a : b).data[i] as Element) }],
  Sum: (_, __, [a]) => [{ shape: [], data: [a.data.reduce<number>((s, v) => s + (v as number), 0)] }],
  Shape: (_, __, [a]) => [{ shape: [a.shape.length], data: a.shape }],
  Pack: (_, __, inputs) => [{ shape: [inputs.length, ...inputs[0].shape], data: inputs.flatMap((v) => v.data) }],
  Reshape: (_, __, [a, shape]) => [reshape(a, shape.data as number[])],
  GatherV2: (_, __, [a, indices]) => [gather(a, indices)],
  StridedSlice: (_, { attrs }, inputs) =>
    attrs.int('new_axis_mask') > 0
      ? [{ shape: [...inputs[0].shape, 1], data: inputs[0].data }]
      : [slice(attrs.int('shrink_axis_mask'), inputs)],
  Split: (_, { attrs }, [, a]) => columns(a, attrs.int('num_split')),
  ConcatV2: (_, __, inputs) => [concat(inputs.slice(0, -1), inputs.at(-1)?.data[0] as number)],
};

/** The value behind a branch that is not taken. */
const DEAD: Value = { shape: [-1], data: [] };

function runNode(run: Run, node: TfNode): readonly Value[] {
  const inputs = node.inputs.map((ref) => tensorOf(run, ref)) as [Value, Value, Value];
  if (node.op === 'Merge') return [inputs.find((v) => v !== DEAD) ?? DEAD];
  if (inputs.includes(DEAD)) return [DEAD, DEAD];
  const kernel = kernels[node.op.replace(/^Stateless/, '')];
  if (kernel) return kernel(run, node, inputs);
  const compute = binary[node.op];
  if (!compute) throw new Error(`no test kernel for ${node.op}`);
  return [broadcast(compute, inputs[0], inputs[1])];
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
