import { ModelError } from '../../../errors.js';
import type { Constant } from '../../../ir/constant.js';
import type { DType, Shape } from '../../../ir/tensor.js';
import type { TfAttrs, TfAttrValue, TfFunction, TfNode, TfTensorRef } from '../graph.js';
import { attrsOf } from './attrs.js';
import { findOp } from './op-registry.js';
import type { RawBody, RawFunction, RawGraph, RawNode, RawSource } from './raw-graph.js';

/** A node under construction. */
export interface FlatNode extends TfNode {
  inputs: TfTensorRef[];
  outputShapes?: (Shape | undefined)[];
}

/** The graph or function that nodes are made for. */
export interface Scope {
  readonly nodes: FlatNode[];
  /** Constants and handles taken over from the graph outside, and values of variables: source -> node here. */
  readonly shared: Map<unknown, FlatNode>;
  /** Nodes that write variables or fill tables. */
  readonly effects: FlatNode[];
}

/** What a node of the file has become: a node with its outputs, or the tensors that stand for its outputs. */
export type Result = FlatNode | readonly TfTensorRef[];

/** One evaluation of a graph or function body. */
export interface Frame {
  readonly body: RawBody;
  /** Path in front of the names of nodes. */
  readonly prefix: string;
  readonly scope: Scope;
  readonly args: ReadonlyMap<string, TfTensorRef>;
  readonly results: Map<string, Result>;
  /** `node:index` -> what takes the place of that output. */
  readonly cuts: ReadonlyMap<string, TfTensorRef>;
  /** Inputs of `Merge` nodes that are known only at the end. */
  readonly patches: { readonly node: FlatNode; readonly source: RawSource }[];
}

/** A variable, by the name of its node (or its shared name, in functions). */
export interface Variable {
  readonly id: string;
  readonly initial: Constant | undefined;
}

/** State of making one signature flat. */
export interface Session {
  readonly graph: RawGraph;
  readonly initialValue: (variable: string) => Constant | undefined;
  /** Variables that stay variables, because something writes them. */
  readonly written: ReadonlySet<string>;
  /** Variables found to be written. */
  readonly found: Set<string>;
  /** Nodes that hold a variable's handle. */
  readonly handles: WeakMap<TfNode, Variable>;
  /** Nodes that stand for a reference variable of TensorFlow 1: its value, or its handle when it is written. */
  readonly references: WeakMap<TfNode, Variable>;
  /** Functions -> their nodes in order of execution. */
  readonly orders: WeakMap<RawFunction, readonly RawNode[]>;
  readonly library: Map<string, TfFunction>;
  /** Names in use -> how many nodes wanted them. */
  readonly names: Map<string, number>;
  /** Functions being inlined, outermost first. */
  readonly active: string[];
  /** Whether `_output_shapes` are to be believed. */
  readonly hints: boolean;
  /** While tables are initialized, writes to variables do not count. */
  initializing: boolean;
  spent: number;
  /** Evaluates a function on arguments; its nodes go to `scope`. */
  readonly call: (raw: RawFunction, args: readonly TfTensorRef[], prefix: string, scope: Scope) => TfTensorRef[];
}

/** A node of the file being evaluated. */
export interface Context {
  readonly session: Session;
  readonly frame: Frame;
  readonly node: RawNode;
  readonly attrs: TfAttrs;
  readonly inputs: readonly TfTensorRef[];
}

/** What a rule makes of a node; undefined: keep it as it is. */
export type Rule = (context: Context) => Result | undefined;

/** Most operations evaluated for one signature; a call counts as several, for what it costs. */
const MAX_NODES = 500_000;
const CALL_COST = 10;
/** Deepest nesting of function calls. */
const MAX_CALLS = 200;

/** A tensor that is never computed, behind a branch that is not taken. */
export const DEAD: TfTensorRef = {
  node: { name: '', op: 'Dead', inputs: [], attrs: attrsOf('dead branch', {}, undefined) },
  index: 0,
};

export const newScope = (): Scope => ({ nodes: [], shared: new Map(), effects: [] });

/** The name of a node below `prefix`; a name that begins with the prefix already stays. */
export const pathOf = (prefix: string, name: string): string =>
  prefix === '' || name === prefix || name.startsWith(`${prefix}/`) ? name : `${prefix}/${name}`;

/** The path for the body of a call: the call node's own path, without a last part that only says "call". */
export const callPath = (prefix: string, name: string): string =>
  pathOf(prefix, name).replace(/(^|\/)(Stateful)?PartitionedCall(_\d+)?$/, '');

export function uniqueName(session: Session, wanted: string): string {
  const seen = session.names.get(wanted);
  session.names.set(wanted, (seen ?? 0) + 1);
  if (seen === undefined) return wanted;
  return uniqueName(session, `${wanted}_${seen}`);
}

/** Counts one more operation. @throws {ModelError} `unsupported` when there are too many */
export function spend(session: Session, cost = 1): void {
  session.spent += cost;
  if (session.spent > MAX_NODES)
    throw new ModelError('unsupported', `more than ${MAX_NODES} operations once functions are inlined.`, {
      where: session.graph.origin.name,
    });
}

/** Notes that a function is being inlined, and runs `work`. @throws {ModelError} `unsupported` for recursion */
export function within<T>(session: Session, name: string, work: () => T): T {
  if (session.active.includes(name))
    throw new ModelError('unsupported', `function '${name}' calls itself, which cannot be converted.`, {
      where: session.graph.origin.name,
    });
  if (session.active.length >= MAX_CALLS)
    throw new ModelError('unsupported', `calls are nested more than ${MAX_CALLS} deep.`, {
      where: session.graph.origin.name,
    });
  spend(session, CALL_COST);
  session.active.push(name);
  try {
    return work();
  } finally {
    session.active.pop();
  }
}

/** Makes a node that is not in the file. */
export function make(
  session: Session,
  scope: Scope,
  parts: {
    readonly name: string;
    readonly op: string;
    readonly inputs?: readonly TfTensorRef[];
    readonly attrs?: Readonly<Record<string, TfAttrValue>>;
    readonly types: readonly DType[];
    readonly shapes?: readonly (Shape | undefined)[];
    readonly value?: Constant;
  },
): FlatNode {
  spend(session);
  const { op, types, shapes, value } = parts;
  const name = uniqueName(session, parts.name);
  const node: FlatNode = {
    name,
    op,
    inputs: [...(parts.inputs ?? [])],
    attrs: attrsOf(`${op} '${name}'`, parts.attrs ?? {}, findOp(op)),
    outputTypes: types,
    ...(shapes ? { outputShapes: [...shapes] } : {}),
    ...(value ? { value } : {}),
  };
  scope.nodes.push(node);
  return node;
}

/** Makes a `Const` node. */
export function makeConst(session: Session, scope: Scope, name: string, value: Constant): FlatNode {
  const { dtype, shape } = value;
  return make(session, scope, {
    name,
    op: 'Const',
    attrs: { dtype: { kind: 'type', value: dtype }, value: { kind: 'tensor', value } },
    types: [dtype],
    shapes: [shape],
    value,
  });
}

export const output = (node: TfNode, index = 0): TfTensorRef => ({ node, index });

/** Whether a tensor comes out of the `Switch` of a branch (not of a loop). */
export const isBranch = ({ node }: TfTensorRef): boolean =>
  /^(Ref)?Switch$/.test(node.op) && node.inputs[1]?.node.op !== 'LoopCond';

/** A tensor made to depend on the branch that another comes from: a branch's constants only hang on control edges. */
export function onBranch(session: Session, scope: Scope, data: TfTensorRef, branch: TfTensorRef): TfTensorRef {
  const dtype = data.node.outputTypes?.[data.index];
  const predicate = branch.node.inputs[1];
  if (!dtype || !predicate) return data;
  const node = make(session, scope, {
    name: `${data.node.name}/Switch`,
    op: 'Switch',
    inputs: [data, predicate],
    attrs: { T: { kind: 'type', value: dtype } },
    types: [dtype, dtype],
    shapes: [data.node.outputShapes?.[data.index], data.node.outputShapes?.[data.index]],
  });
  return output(node, branch.index);
}

/** The elements of a constant tensor; undefined for others. */
export const constantOf = (ref: TfTensorRef | undefined): Constant | undefined =>
  ref?.node.op === 'Const' ? ref.node.value : undefined;

const tableOps: ReadonlySet<string> = new Set(
  ['HashTable', 'MutableHashTable', 'MutableHashTableOfTensors', 'MutableDenseHashTable', 'AnonymousHashTable'].flatMap(
    (op) => [op, `${op}V2`],
  ),
);
export const isTable = (node: TfNode): boolean => tableOps.has(node.op);

/** Constants and handles can be made anew in any graph: they need not be passed to functions. */
export const isShareable = (session: Session, { node }: TfTensorRef): boolean =>
  node.op === 'Const' || session.handles.has(node) || (isTable(node) && node.inputs.length === 0);

/** The same constant or handle, in another graph or function; it keeps its name. */
export function share(session: Session, scope: Scope, { node, index }: TfTensorRef): TfTensorRef {
  let copy = scope.shared.get(node);
  if (!copy) {
    const { outputShapes, ...rest } = node;
    copy = { ...rest, inputs: [], ...(outputShapes ? { outputShapes: [...outputShapes] } : {}) };
    scope.nodes.push(copy);
    scope.shared.set(node, copy);
    const variable = session.handles.get(node);
    if (variable) session.handles.set(copy, variable);
    const reference = session.references.get(node);
    if (reference) session.references.set(copy, reference);
  }
  return { node: copy, index };
}

/** The nodes that `roots` need, in their order. */
export function prune(nodes: readonly FlatNode[], roots: readonly TfNode[]): FlatNode[] {
  const wanted = new Set<TfNode>(roots);
  const stack: TfNode[] = [...wanted];
  for (let node = stack.pop(); node; node = stack.pop())
    for (const { node: input } of node.inputs)
      if (!wanted.has(input)) {
        wanted.add(input);
        stack.push(input);
      }
  return nodes.filter((node) => wanted.has(node));
}
