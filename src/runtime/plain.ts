import { assert, ModelError } from '../errors.js';
import type { Node } from '../ir/graph.js';
import { elementCount, isComplex, isStatic, type Tensor } from '../ir/tensor.js';
import type { Philox } from '../numerics/philox.js';
import { requireOp } from '../ops/build.js';
import type { OutputType } from '../ops/define.js';
import { TRACKED } from '../ops/elements.js';
import { intermediatesOf } from '../ops/evaluate.js';
import { runCustom } from './custom-ops.js';
import { atNode } from './node-errors.js';
import { elementBytes } from './operands.js';
import type { StepTimer } from './profile.js';
import { draws, generatorOf } from './random.js';

/** What a node may need beyond its inputs: the other graphs of the model, and what it keeps between runs. */
export interface RunContext {
  /** Runs graph `index` of the model. */
  runGraph(index: number, inputs: readonly Tensor[]): Tensor[];
  /** Runs graph `body` on its own results while graph `condition` says so; undefined when these graphs need more. */
  runLoop(condition: number, body: number, inputs: readonly Tensor[]): Tensor[] | undefined;
  /** Called in every round of a loop. @throws {ModelError} `invalid-data` when it takes too many, or too long. */
  checkRound(round: number): void;
  /** Runs graph `index` if it has not run since the start or the last reset. */
  runOnce(index: number): void;
  /** Most bytes that the results of a node may take. */
  memoryLimit(): number;
  /** Contents of variables and tables, and generators of random numbers, by name. */
  readonly resources: Map<string, unknown>;
  /** Takes the time of all steps while a model is profiled. */
  timer?: Pick<StepTimer, 'time'> | undefined;
}

type PlainNode = (node: Node, inputs: readonly Tensor[], context: RunContext) => readonly Tensor[];

const option = (node: Node, name: string): number => Number(node.options[name] ?? 0);

const isTrue = (tensor: Tensor | undefined): boolean => {
  if (tensor?.dtype !== 'bool')
    throw new ModelError('invalid-graph', `expected a bool as the condition, got ${tensor?.dtype ?? 'nothing'}`);
  return (tensor.data as Uint8Array)[0] === 1;
};

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const handleOf = (tensor: Tensor | undefined): string => {
  const [bytes] = (tensor?.data ?? []) as readonly Uint8Array[];
  return decoder.decode(bytes);
};

/** A table of a running model: what each key maps to. */
type Table = Map<string, bigint | Uint8Array>;

/** The keys of a table, as strings with a character for each byte or as decimal numbers. */
const tableKeys = (tensor: Tensor | undefined): string[] =>
  Array.from(tensor?.data as ArrayLike<bigint | Uint8Array>, (key) =>
    typeof key === 'bigint' ? `${key}` : String.fromCharCode(...key),
  );

/** @throws {ModelError} `invalid-data` when the table has not been filled. */
function tableOf(handle: Tensor | undefined, { resources }: RunContext): Table {
  const table = resources.get(handleOf(handle)) as Table | undefined;
  if (!table) throw new ModelError('invalid-data', `${handleOf(handle)} is read before it is filled`);
  return table;
}

/** Operators that run other graphs, or that read and write what lives between runs. */
const CONTEXTUAL: Readonly<Record<string, PlainNode>> = {
  WHILE(node, inputs, context) {
    const [condition, body] = [option(node, 'condSubgraphIndex'), option(node, 'bodySubgraphIndex')];
    const results = context.runLoop(condition, body, inputs);
    if (results) return results;
    let values = inputs;
    for (let i = 0; isTrue(context.runGraph(condition, values)[0]); i++) {
      context.checkRound(i);
      values = context.runGraph(body, values);
    }
    return values;
  },
  IF(node, [condition, ...values], context) {
    const branch = isTrue(condition) ? 'thenSubgraphIndex' : 'elseSubgraphIndex';
    return context.runGraph(option(node, branch), values);
  },
  CALL: (node, inputs, context) => context.runGraph(option(node, 'subgraph'), inputs),
  CALL_ONCE(node, _, context) {
    context.runOnce(option(node, 'initSubgraphIndex'));
    return [];
  },
  VAR_HANDLE(node) {
    const { container, sharedName } = node.options;
    const name = `variable '${container ? `${container}/` : ''}${sharedName ?? ''}'`;
    return [{ dtype: 'resource', shape: [1], data: [encoder.encode(name)] }];
  },
  READ_VARIABLE(_, [handle], context) {
    const value = context.resources.get(handleOf(handle)) as Tensor | undefined;
    if (!value)
      throw new ModelError(
        'invalid-data',
        `expected ${handleOf(handle)} to hold a value, got none. Run the signature that sets it first; a model without ` +
          'one was written without its weights: convert it again.',
      );
    return [value];
  },
  ASSIGN_VARIABLE(_, [handle, value], context) {
    assert(value, 'a value to assign');
    context.resources.set(handleOf(handle), { ...value, data: (value.data as Float32Array).slice() });
    return [];
  },
  HASHTABLE: (node) => [
    { dtype: 'resource', shape: [1], data: [encoder.encode(`table ${node.options.tableId ?? 0}`)] },
  ],
  HASHTABLE_IMPORT(_, [handle, keys, values], context) {
    const name = handleOf(handle);
    if (context.resources.has(name)) return [];
    const table: Table = new Map();
    for (const [i, key] of tableKeys(keys).entries())
      if (!table.has(key)) table.set(key, values?.data[i] as bigint | Uint8Array);
    context.resources.set(name, table);
    return [];
  },
  HASHTABLE_FIND(_, [handle, keys, otherwise], context) {
    assert(keys && otherwise, 'keys, and the value of those that are missing');
    const table = tableOf(handle, context);
    const [missing] = otherwise.data as ArrayLike<bigint | Uint8Array> as [bigint | Uint8Array];
    const found = tableKeys(keys).map((key) => table.get(key) ?? missing);
    const data = otherwise.dtype === 'i64' ? BigInt64Array.from(found as bigint[]) : (found as Uint8Array[]);
    return [{ dtype: otherwise.dtype, shape: keys.shape, data }];
  },
  HASHTABLE_SIZE: (_, [handle], context) => [
    { dtype: 'i64', shape: [1], data: BigInt64Array.of(BigInt(tableOf(handle, context).size)) },
  ],
  ...Object.fromEntries(Object.entries(draws).map(([op, draw]) => [op, random(draw)])),
};

/** Draws from a generator that goes on from run to run. */
function random(draw: (typeof draws)[string]): PlainNode {
  return (node, inputs, { resources }) => {
    const name = `random numbers of '${node.name}'`;
    const generator = (resources.get(name) as Philox | undefined) ?? generatorOf(node);
    resources.set(name, generator);
    return [draw(generator, inputs, node)];
  };
}

/** True for operators that have no kernel of their own and yet run. */
export const isContextual = (op: string): boolean => op in CONTEXTUAL;

/** The name of what runs an operator without a kernel of its own. */
export const plainKernel = (op: string): string => (/^(WHILE|IF|CALL|CALL_ONCE)$/.test(op) ? 'graphs' : 'reference');

/**
 * Runs a node with the plain kernel of its operator. `types` are those of its outputs as far as known.
 * @throws {ModelError} `unsupported` when nothing here runs it.
 */
export function runPlain(
  node: Node,
  inputs: readonly (Tensor | undefined)[],
  types: readonly OutputType[],
  context: RunContext,
): readonly Tensor[] {
  const run = () => {
    const contextual = CONTEXTUAL[node.op];
    if (contextual) return contextual(node, inputs as readonly Tensor[], context).map((t, i) => shapedAs(t, types[i]));
    if (node.op === 'CUSTOM') return runCustom(node, inputs);
    const op = requireOp(node.op);
    if (!op.reference) throw new ModelError('unsupported', 'no kernel runs this operator.');
    const known = types.every((t) => isStatic(t.shape)) ? types : inferred(node, inputs, types);
    checkSize(known, context.memoryLimit());
    const results = op.reference(inputs, known, { ...op.defaults, ...node.options }, intermediatesOf(node));
    for (const tensor of results) checkWhole(tensor);
    return results;
  };
  return atNode(node, run, inputs);
}

/** @throws {ModelError} `unsupported` when the results would be larger than allowed. */
function checkSize(types: readonly OutputType[], limit: number): void {
  for (const { dtype, shape } of types)
    if (isStatic(shape) && !(elementCount(shape) * elementBytes(dtype) <= limit))
      throw new ModelError('unsupported', `expected a result of at most ${limit} bytes, got ${dtype} [${shape}]`);
}

/** @throws {ModelError} `invalid-graph` when elements and shape do not fit: the operands broke a rule that no check knows. */
function checkWhole({ dtype, shape, data }: Tensor): void {
  if (!shape.every((d) => Number.isInteger(d) && d >= 0))
    throw new ModelError(
      'invalid-graph',
      'expected operands that say the size of the result. The model may be damaged.',
    );
  const count = elementCount(shape) * (isComplex(dtype) ? 2 : 1);
  if (data.length !== count)
    throw new ModelError('invalid-graph', `expected ${count} elements as the result [${shape}], got ${data.length}`);
}

/** Handles have the shape that the file gives them. */
const shapedAs = (tensor: Tensor, type: OutputType | undefined): Tensor =>
  tensor.dtype === 'resource' && isStatic(type?.shape) ? { ...tensor, shape: type.shape } : tensor;

/** The types for the tensors that the node really gets; sizes that depend on data stay -1. */
function inferred(node: Node, inputs: readonly (Tensor | undefined)[], types: readonly OutputType[]): OutputType[] {
  const op = requireOp(node.op);
  const known = inputs.map((tensor) => {
    if (!tensor) return undefined;
    const { dtype, shape, data, quantization } = tensor;
    const isSmall = data.length <= TRACKED && dtype !== 'string' && dtype !== 'resource';
    const elements = isSmall ? Array.from(data as ArrayLike<number | bigint>, Number) : undefined;
    return { dtype, shape, elements, quantization };
  });
  return op.infer(known, { ...op.defaults, ...node.options }).map((type, i) => ({
    ...type,
    dtype: op.choosesType ? (types[i]?.dtype ?? type.dtype) : type.dtype,
    quantization: types[i]?.quantization,
  }));
}
