import { ModelError } from '../../../errors.js';
import { Graph, Value, type ValueType } from '../../../ir/graph.js';
import { addNode } from '../../../ops/build.js';
import type { TfFunction } from '../graph.js';
import type { Lower, Lowering } from './context.js';
import { argument, checkTypes, joinedShape } from './loop-types.js';
import { int32Input } from './shapes.js';

/** A function as a graph over operands that are no constants, and the values that stand for these. */
interface Branch {
  readonly graph: Graph;
  readonly args: readonly Value[];
}

/** A branch of a condition: constants among the operands are built in. */
function makeBranch(c: Lowering, fn: TfFunction, operands: readonly Value[]): Branch {
  const args = operands.map((value, i) =>
    value.constant ? Value.constant(value.name, value.constant) : argument(`${c.node.name}/arg${i}`, value),
  );
  return { graph: c.functions.lower(fn, args), args };
}

/** Leaves out the inputs that no branch reads; gives the operands that are left. */
function trimmed(branches: readonly Branch[], operands: readonly Value[]): Value[] {
  const isRead = ({ graph, args }: Branch, i: number) => {
    const arg = args[i] as Value;
    return !arg.constant && (arg.uses.length > 0 || graph.isOutput(arg));
  };
  const kept = operands.flatMap((_, i) => (branches.some((b) => isRead(b, i)) ? [i] : []));
  for (const { graph, args } of branches)
    graph.inputs.splice(0, graph.inputs.length, ...kept.map((i) => args[i] as Value));
  return kept.map((i) => operands[i] as Value);
}

/** The types of what either branch gives. */
function resultTypes(branches: readonly Branch[]): ValueType[] {
  const [first, ...others] = branches.map((b) => b.graph.outputs);
  for (const other of others) checkTypes(other, first ?? [], 'result of a branch');
  return (first ?? []).map(({ dtype, shape }, i) => ({
    dtype,
    shape: others.reduce((s, other) => joinedShape(s, other[i]?.shape, undefined), shape),
  }));
}

/** A condition is true when it is not zero. */
function truthOf(c: Lowering, condition: Value): Value {
  if ((condition.shape?.length ?? 0) > 0 || condition.dtype === 'string')
    throw new ModelError('unsupported', 'chooses by a condition that is no number.');
  return condition.dtype === 'bool' ? condition : c.emit('NOT_EQUAL', [condition, c.scalar(condition, 0)]);
}

const ifElse: Lower = (c) => {
  const operands = c.inputs.slice(1);
  const branches = ['then_branch', 'else_branch'].map((name) =>
    makeBranch(c, c.functions.find(c.attrs.func(name)), operands),
  );
  const left = trimmed(branches, operands);
  const [thenSubgraphIndex, elseSubgraphIndex] = branches.map((b) => c.functions.add(b.graph)) as [number, number];
  const options = { thenSubgraphIndex, elseSubgraphIndex };
  return c.append('IF', [truthOf(c, c.input(0)), ...left], resultTypes(branches), { options });
};

/** One IF in the other for each branch but the last, which also stands for indices out of range. */
const choice: Lower = (c) => {
  const operands = c.inputs.slice(1);
  const branches = c.attrs.funcs('branches').map((name) => makeBranch(c, c.functions.find(name), operands));
  const left = trimmed(branches, operands);
  const types = resultTypes(branches);
  const index = int32Input(c, 0);
  const graphs = branches.map((b) => c.functions.add(b.graph));
  const [first = 0] = graphs;
  let other = graphs.at(-1) as number;
  if (graphs.length === 1) return c.append('CALL', left, types, { options: { subgraph: other } });
  // Graphs that compare the index themselves take it in front of the operands, and so do all others then.
  const isNested = graphs.length > 2;
  if (isNested) for (const branch of branches) prependUnread(branch, index);
  for (let i = graphs.length - 2; i > 0; i--) {
    const options = { thenSubgraphIndex: graphs[i] as number, elseSubgraphIndex: other };
    other = c.functions.add(stepOf(c, index, left, types, i, options));
  }
  const inputs = [c.emit('EQUAL', [index, c.i32(0)]), ...(isNested ? [index] : []), ...left];
  return c.append('IF', inputs, types, { options: { thenSubgraphIndex: first, elseSubgraphIndex: other } });
};

/** A graph that compares the index with a number and runs one graph or another. */
function stepOf(
  c: Lowering,
  index: Value,
  operands: readonly Value[],
  types: readonly ValueType[],
  number: number,
  options: { readonly thenSubgraphIndex: number; readonly elseSubgraphIndex: number },
): Graph {
  const graph = new Graph(`${c.node.name}/branch_${number}_or_later`);
  const args = [index, ...operands].map((v) => argument(`${graph.name}/${v.name}`, v));
  graph.inputs.push(...args);
  const constant = c.i32(number);
  const [isEqual] = addNode(graph, undefined, {
    op: 'EQUAL',
    name: `${graph.name}/equal`,
    inputs: [args[0], constant],
  });
  const outputs = types.map((t, i) => argument(`${graph.name}/result_${i}`, t));
  graph.append({ op: 'IF', name: graph.name, inputs: [isEqual, ...args], outputs, options });
  graph.outputs.push(...outputs);
  return graph;
}

/** An input in front that the graph does not read. */
function prependUnread({ graph }: Branch, like: Value): void {
  graph.inputs.unshift(argument(`${graph.name}/index`, like));
}

/** Branches over functions. */
export const conditions: Readonly<Record<string, Lower>> = {
  Case: choice,
  If: ifElse,
  StatelessCase: choice,
  StatelessIf: ifElse,
};
