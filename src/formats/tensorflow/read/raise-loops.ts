import type { TfFunction, TfGraph, TfNode, TfTensorRef } from '../graph.js';
import { attrsOf } from './attrs.js';
import { findOp } from './op-registry.js';

const is = (node: TfNode | undefined, op: string): boolean => node?.op === op || node?.op === `Ref${op}`;

/** One variable of a loop of TensorFlow 1: `Enter -> Merge -> Switch -> …body… -> NextIteration -> Merge`. */
interface LoopVariable {
  readonly enter: TfNode;
  readonly merge: TfNode;
  readonly switch: TfNode | undefined;
  readonly next: TfNode;
}

interface Frame {
  readonly name: string;
  readonly variables: readonly LoopVariable[];
  /** `Enter` nodes of what no round changes. */
  readonly fixed: readonly TfNode[];
  readonly condition: TfNode;
}

/**
 * Loops of TensorFlow 1, whose nodes pass tensors around in frames, as `While` nodes over functions: inner ones first. A
 * graph whose frames have another form stays as it is.
 */
export function raiseLoops(graph: TfGraph): TfGraph {
  let current = graph;
  const left = () => new Set(current.nodes.filter((n) => is(n, 'Enter')).map(frameOf));
  for (let names = left(); names.size > 0; ) {
    const raised = [...names].map((name) => raiseFrame(current, name)).find((made) => made !== undefined);
    if (!raised) return graph;
    current = raised;
    const after = left();
    if (after.size >= names.size) return graph;
    names = after;
  }
  return current;
}

const frameOf = (node: TfNode): string => node.attrs.string('frame_name');

function raiseFrame(graph: TfGraph, name: string): TfGraph | undefined {
  const frame = frameIn(graph, name);
  if (!frame) return undefined;
  const nodes = [...frame.variables.map((v) => v.enter), ...frame.fixed];
  const results = frame.variables.map((v) => v.next.inputs[0] as TfTensorRef);
  const condition = functionOf(`${name}/cond`, frame, [frame.condition.inputs[0] as TfTensorRef]);
  const body = functionOf(`${name}/body`, frame, results);
  if (!condition || !body) return undefined;
  const types = nodes.map((n) => n.inputs[0]?.node.outputTypes?.[n.inputs[0].index] ?? 'f32');
  const loop: TfNode = {
    name: name.replace(/\/while_context$/, '') || 'while',
    op: 'While',
    inputs: nodes.map((n) => n.inputs[0] as TfTensorRef),
    attrs: attrsOf(
      `While '${name}'`,
      { cond: { kind: 'func', value: condition.name }, body: { kind: 'func', value: body.name } },
      findOp('While'),
    ),
    outputTypes: types,
  };
  return withLoop(graph, frame, loop, [condition, body]);
}

/** The frame of that name, when its nodes have the form of a loop. */
function frameIn(graph: TfGraph, name: string): Frame | undefined {
  const enters = graph.nodes.filter((n) => is(n, 'Enter') && frameOf(n) === name);
  const merges = new Map<TfNode, TfNode>();
  for (const node of graph.nodes)
    if (is(node, 'Merge') && node.inputs[0] && is(node.inputs[0].node, 'Enter')) merges.set(node.inputs[0].node, node);
  const variables: LoopVariable[] = [];
  let condition: TfNode | undefined;
  for (const enter of enters) {
    const merge = merges.get(enter);
    if (!merge) continue;
    const next = merge.inputs[1]?.node;
    const choice = graph.nodes.find(
      (n) => is(n, 'Switch') && n.inputs[0]?.node === merge && is(n.inputs[1]?.node, 'LoopCond'),
    );
    if (!next || !is(next, 'NextIteration')) return undefined;
    condition ??= choice?.inputs[1]?.node;
    variables.push({ enter, merge, switch: choice, next });
  }
  if (!condition || variables.length === 0) return undefined;
  return { name, variables, fixed: enters.filter((n) => !merges.has(n)), condition };
}

/** A part of a frame as a function of the loop's variables; undefined when it holds another loop. */
function functionOf(name: string, frame: Frame, wanted: readonly TfTensorRef[]): TfFunction | undefined {
  const args: TfNode[] = [];
  const made = new Map<TfNode, TfNode>();
  const nodes: TfNode[] = [];
  const argument = (source: TfNode, stands: readonly (TfNode | undefined)[]) => {
    const from = source.inputs[0] as TfTensorRef;
    const dtype = from.node.outputTypes?.[from.index] ?? 'f32';
    const arg: TfNode = {
      name: `${name}/${args.length}`,
      op: 'Placeholder',
      inputs: [],
      attrs: attrsOf(`Placeholder '${name}'`, { dtype: { kind: 'type', value: dtype } }, findOp('Placeholder')),
      outputTypes: [dtype],
    };
    args.push(arg);
    for (const node of stands) if (node) made.set(node, arg);
  };
  for (const v of frame.variables) argument(v.enter, [v.merge, v.switch]);
  for (const enter of frame.fixed) argument(enter, [enter]);
  const isArgument = new Set(args);
  const refTo = ({ node, index }: TfTensorRef): TfTensorRef => {
    const found = made.get(node) as TfNode;
    return isArgument.has(found) ? { node: found, index: 0 } : { node: found, index };
  };
  for (const node of inOrder(
    wanted.map((r) => r.node),
    made,
  )) {
    if (/^(Ref)?(Enter|Exit|NextIteration)$|^LoopCond$/.test(node.op)) return undefined;
    const copy = node.inputs.length === 0 ? node : { ...node, inputs: node.inputs.map(refTo) };
    made.set(node, copy);
    nodes.push(copy);
  }
  const results = [
    ...wanted.map(refTo),
    ...(wanted.length === 1 && !name.endsWith('/body') ? [] : frame.fixed.map((n) => refTo({ node: n, index: 0 }))),
  ];
  return { name, args, nodes: [...args, ...nodes], results, effects: [] };
}

/** Nodes that others need, each behind those it needs; not beyond `known` ones. */
function inOrder(roots: readonly TfNode[], known: ReadonlyMap<TfNode, TfNode>): TfNode[] {
  const order = new Set<TfNode>();
  const seen = new Set<TfNode>();
  const stack = roots.map((node) => ({ node, isLeaving: false }));
  for (let top = stack.pop(); top; top = stack.pop()) {
    if (top.isLeaving) order.add(top.node);
    if (top.isLeaving || seen.has(top.node) || known.has(top.node)) continue;
    seen.add(top.node);
    stack.push({ node: top.node, isLeaving: true });
    for (const { node } of top.node.inputs) stack.push({ node, isLeaving: false });
  }
  return [...order];
}

/** The graph with a node in the place of a frame. */
function withLoop(graph: TfGraph, frame: Frame, loop: TfNode, functions: readonly TfFunction[]): TfGraph {
  const index = new Map(frame.variables.map((v, i) => [v.switch, i]));
  const exits = new Map<TfNode, number>();
  for (const node of graph.nodes) {
    const at = is(node, 'Exit') ? index.get(node.inputs[0]?.node) : undefined;
    if (at !== undefined) exits.set(node, at);
  }
  const resolve = ({ node, index: i }: TfTensorRef): TfTensorRef => {
    const at = exits.get(node);
    return at === undefined ? { node, index: i } : { node: loop, index: at };
  };
  const { outputs } = graph.signature;
  const roots = [
    ...outputs.map((p) => resolve(p.ref).node),
    ...graph.effects,
    ...graph.signature.inputs.map((p) => p.ref.node),
  ];
  // Every copy is there before any is connected: loops that are left go in circles.
  const order = inOrderThrough(roots, resolve);
  const made = new Map<TfNode, TfNode>();
  const inputs = new Map<TfNode, TfTensorRef[]>();
  for (const node of order.filter((n) => n.inputs.length > 0)) {
    const list: TfTensorRef[] = [];
    inputs.set(node, list);
    made.set(node, { ...node, inputs: list });
  }
  const rebuilt = (ref: TfTensorRef): TfTensorRef => {
    const to = resolve(ref);
    return { node: made.get(to.node) ?? to.node, index: to.index };
  };
  for (const [node, list] of inputs) list.push(...node.inputs.map(rebuilt));
  const nodes = order.map((node) => made.get(node) ?? node);
  const library = new Map([...graph.library, ...functions.map((f) => [f.name, f] as const)]);
  const signature = { ...graph.signature, outputs: outputs.map((p) => ({ ...p, ref: rebuilt(p.ref) })) };
  return { ...graph, signature, nodes, library, effects: graph.effects.map((n) => made.get(n) ?? n) };
}

/** As {@link inOrder}, along inputs that `resolve` replaces; back edges of loops that are left count as seen. */
function inOrderThrough(roots: readonly TfNode[], resolve: (ref: TfTensorRef) => TfTensorRef): TfNode[] {
  const order = new Set<TfNode>();
  const seen = new Set<TfNode>();
  const stack = roots.map((node) => ({ node, isLeaving: false })).reverse();
  for (let top = stack.pop(); top; top = stack.pop()) {
    if (top.isLeaving) order.add(top.node);
    if (top.isLeaving || seen.has(top.node)) continue;
    seen.add(top.node);
    stack.push({ node: top.node, isLeaving: true });
    for (const ref of top.node.inputs) stack.push({ node: resolve(ref).node, isLeaving: false });
  }
  return [...order];
}
