import { ModelError } from '../../../errors.js';
import type { Constant } from '../../../ir/constant.js';
import type { DType, Shape } from '../../../ir/tensor.js';
import type { TfFunction, TfGraph, TfNode, TfPort, TfTensorRef } from '../graph.js';
import { callByName, controlFlowRules } from './control-flow.js';
import { freezeRules, readReference, takesReference, writeRule, writtenVariables } from './freeze.js';
import { executionOrder } from './order.js';
import { raiseLoops } from './raise-loops.js';
import { outputIndex, type RawFunction, type RawGraph, type RawNode, type RawSource } from './raw-graph.js';
import {
  type Context,
  DEAD,
  type FlatNode,
  type Frame,
  isBranch,
  isTable,
  make,
  makeConst,
  newScope,
  onBranch,
  output,
  pathOf,
  prune,
  type Result,
  type Scope,
  type Session,
  spend,
  uniqueName,
} from './session.js';
import { isMerge, simplifyRules } from './simplify.js';

/** An input or output as a signature or an option names it. */
export interface PortRequest {
  readonly name: string;
  readonly tensorName: string;
  readonly source: RawSource;
  readonly dtype: DType;
  readonly shape: Shape | undefined;
}

export interface FlattenRequest {
  readonly graph: RawGraph;
  readonly key: string;
  readonly inputs: readonly PortRequest[];
  readonly outputs: readonly PortRequest[];
  /** Values of variables by node name; undefined when there is none. */
  readonly initialValue: (variable: string) => Constant | undefined;
  /** What helps when a variable has no value. */
  readonly remedy: string;
  /** Nodes of the graph that stand for a constant (assets), by name. */
  readonly constants: ReadonlyMap<string, Constant>;
  /** Nodes that initialize tables, by name. */
  readonly initializers: readonly string[];
  /** Whether the shapes in the file hold; not so when an input was given another shape. */
  readonly hints: boolean;
}

/**
 * Makes the graph between inputs and outputs flat: evaluates every node that the outputs need, once, on symbols for its
 * inputs. Variables that turn out to be written stay variables in a second round.
 * @throws {ModelError} `invalid-graph`, `unsupported`, or `not-found` for a variable without value
 */
export function flatten(request: FlattenRequest): TfGraph {
  let written: ReadonlySet<string> = new Set();
  for (;;) {
    const session = newSession(request, written);
    const graph = evaluateMain(session, request);
    if (session.found.size <= written.size) {
      checkComplete(session, graph, request.remedy);
      return raiseLoops(graph);
    }
    written = new Set([...written, ...session.found]);
  }
}

function newSession({ graph, initialValue, hints }: FlattenRequest, written: ReadonlySet<string>): Session {
  const session: Session = {
    graph,
    initialValue,
    written,
    found: new Set(),
    handles: new WeakMap(),
    references: new WeakMap(),
    orders: new WeakMap(),
    library: new Map<string, TfFunction>(),
    names: new Map(),
    active: [],
    hints,
    initializing: false,
    spent: 0,
    call: (raw, args, prefix, scope) => callFunction(session, raw, args, prefix, scope),
  };
  return session;
}

function evaluateMain(session: Session, request: FlattenRequest): TfGraph {
  const { graph, key, inputs, outputs, constants, initializers } = request;
  const scope = newScope();
  const cuts = new Map<string, TfTensorRef>();
  const frame: Frame = { body: graph.main, prefix: '', scope, args: new Map(), results: new Map(), cuts, patches: [] };
  const cutKeys = new Set(inputs.map(({ source }) => keyOf(source)));
  for (const [name, value] of constants)
    if (!cutKeys.has(`${name}:0`)) cuts.set(`${name}:0`, output(makeConst(session, scope, name, value)));
  const feeds = inputs.map((port) => {
    let ref = cuts.get(keyOf(port.source));
    if (!ref) {
      ref = output(makeInput(session, scope, port));
      cuts.set(keyOf(port.source), ref);
    }
    return ref;
  });
  evaluate(
    session,
    frame,
    rootsOf(
      frame,
      outputs.map(({ source }) => source),
    ),
  );
  const port = ({ name, tensorName, dtype, shape }: PortRequest, ref: TfTensorRef): TfPort => ({
    name,
    tensorName,
    ref,
    dtype,
    shape,
  });
  const inputPorts = inputs.map((p, i) => port(p, feeds[i] as TfTensorRef));
  const outputPorts = outputs.map((p) => port(p, livePick(session, frame, p)));
  const effects = [...scope.effects];
  const nodes = prune(scope.nodes, [...feeds, ...outputPorts.map((p) => p.ref)].map((r) => r.node).concat(effects));
  const initializer = nodes.some(isTable) ? initializeTables(session, frame, initializers, nodes) : [];
  const library = usedFunctions(session, nodes);
  return { signature: { key, inputs: inputPorts, outputs: outputPorts }, nodes, effects, library, initializer };
}

const keyOf = ({ node, index }: RawSource): string => `${node}:${index}`;

const rootsOf = (frame: Frame, sources: readonly RawSource[]): string[] =>
  sources.filter((s) => !frame.cuts.has(keyOf(s))).map((s) => s.node);

function makeInput(session: Session, scope: Scope, { source, dtype, shape }: PortRequest): FlatNode {
  return make(session, scope, {
    name: source.node,
    op: 'Placeholder',
    attrs: { dtype: { kind: 'type', value: dtype }, shape: { kind: 'shape', value: shape } },
    types: [dtype],
    shapes: [shape],
  });
}

function livePick(session: Session, frame: Frame, { tensorName, source }: PortRequest): TfTensorRef {
  const ref = pick(session, frame, source);
  if (ref && ref !== DEAD) return ref;
  throw new ModelError('invalid-graph', 'the output lies behind a branch that is never taken.', { where: tensorName });
}

/** Evaluates the nodes that fill tables, on the same handles. */
function initializeTables(
  session: Session,
  frame: Frame,
  initializers: readonly string[],
  used: readonly TfNode[],
): TfNode[] {
  const before = frame.scope.effects.length;
  session.initializing = true;
  evaluate(session, frame, initializers);
  session.initializing = false;
  const tables = new Set(used.filter(isTable));
  const fills = frame.scope.effects.slice(before).filter((n) => n.inputs.some((ref) => tables.has(ref.node)));
  return prune(frame.scope.nodes, fills);
}

/** Functions that the nodes, or functions they use, refer to. */
function usedFunctions(session: Session, nodes: readonly TfNode[]): Map<string, TfFunction> {
  const used = new Map<string, TfFunction>();
  const todo = [...nodes];
  for (let node = todo.pop(); node; node = todo.pop()) {
    for (const name of ['cond', 'body', 'then_branch', 'else_branch', 'branches']) {
      if (!session.graph.factsOf(node.op)?.attrs.has(name)) continue;
      const value = node.attrs.value(name);
      const names =
        value?.kind === 'func' ? [value.value] : value?.kind === 'list' ? value.value.map((v) => v.value) : [];
      for (const key of names as string[]) {
        const made = session.library.get(key);
        if (!made || used.has(key)) continue;
        used.set(key, made);
        todo.push(...made.nodes);
      }
    }
  }
  return used;
}

function checkComplete(session: Session, { signature, nodes, library }: TfGraph, remedy: string): void {
  const inputs = new Set(signature.inputs.map((port) => port.ref.node));
  for (const node of nodes)
    if (/^Placeholder(V2)?$/.test(node.op) && !inputs.has(node))
      throw new ModelError(
        'invalid-graph',
        'the outputs need this placeholder, and it is not an input. Name it as one, ' +
          'or export the model with a default for it.',
        { where: `${node.op} '${node.name}'` },
      );
  for (const node of [...nodes, ...[...library.values()].flatMap((f) => f.nodes)]) {
    const variable = session.handles.get(node);
    if (variable && !node.value && !session.written.has(variable.id))
      throw new ModelError('not-found', `the variable has no value in a checkpoint. ${remedy}`, {
        where: `variable '${variable.id}'`,
      });
  }
}

function callFunction(
  session: Session,
  raw: RawFunction,
  args: readonly TfTensorRef[],
  prefix: string,
  scope: Scope,
): TfTensorRef[] {
  const frame: Frame = {
    body: raw,
    prefix,
    scope,
    args: new Map(raw.args.map((arg, i) => [arg.name, args[i] as TfTensorRef])),
    results: new Map(),
    cuts: new Map(),
    patches: [],
  };
  const roots = raw.results.map((r) => r.node).filter((name) => !raw.argNames.has(name));
  let order = session.orders.get(raw);
  if (!order) {
    order = executionOrder(raw, [...roots, ...raw.controls], (source) => !raw.argNames.has(source.node));
    session.orders.set(raw, order);
  }
  evaluateInOrder(session, frame, order);
  return raw.results.map((source) => need(session, frame, source, `function '${raw.name}'`));
}

/** Evaluates what `roots` need and is not evaluated yet. */
function evaluate(session: Session, frame: Frame, roots: readonly string[]): void {
  evaluateInOrder(
    session,
    frame,
    executionOrder(frame.body, roots, (source) => !frame.cuts.has(keyOf(source))),
  );
}

function evaluateInOrder(session: Session, frame: Frame, order: readonly RawNode[]): void {
  for (const node of order) {
    if (frame.results.has(node.name)) continue;
    spend(session);
    frame.results.set(node.name, evaluateNode(session, frame, node));
  }
  for (const { node, source } of frame.patches.splice(0))
    node.inputs.push(need(session, frame, source, `${node.op} '${node.name}'`));
}

function evaluateNode(session: Session, frame: Frame, node: RawNode): Result {
  const where = `${node.op} '${node.name}'`;
  const { attrs } = session.graph.detailsOf(node);
  const inputs: TfTensorRef[] = [];
  const pending: RawSource[] = [];
  for (const source of node.inputs) {
    const ref = isMerge(node.op) ? pick(session, frame, source) : need(session, frame, source, where);
    if (ref) inputs.push(ref);
    else pending.push(source);
  }
  if (!isMerge(node.op) && (inputs.includes(DEAD) || node.controls.some((name) => isDead(frame.results.get(name)))))
    return [...(session.graph.detailsOf(node).types ?? inputs), DEAD].map(() => DEAD);
  const context: Context = { session, frame, node, attrs, inputs };
  if (!takesReference(node.op))
    inputs.forEach((ref, i) => {
      if (session.references.has(ref.node) && session.handles.has(ref.node)) inputs[i] = readReference(context, ref);
    });
  const made = ruleFor(session, node)?.(context) ?? writeRule(context) ?? keepNode(context);
  if (isMerge(node.op) && !Array.isArray(made)) {
    const kept = made as FlatNode;
    kept.inputs = kept.inputs.filter((ref) => ref !== DEAD);
    for (const source of pending) frame.patches.push({ node: kept, source });
  }
  return inputs.length === 0 && node.inputs.length === 0 ? onBranches(context, made) : made;
}

/** The outputs of a node without inputs that runs in a branch: its control edges say so, and they are going to vanish. */
function onBranches({ session, frame, node }: Context, made: Result): Result {
  const pivots = node.controls.flatMap((name) => {
    const result = frame.results.get(name);
    const [ref] = Array.isArray(result) ? (result as TfTensorRef[]) : [];
    return ref && isBranch(ref) ? [ref] : [];
  });
  if (pivots.length === 0) return made;
  const refs = Array.isArray(made)
    ? (made as TfTensorRef[])
    : (session.graph.detailsOf(node).types ?? []).map((_, i) => output(made as FlatNode, i));
  return refs.map((ref) => pivots.reduce((data, pivot) => onBranch(session, frame.scope, data, pivot), ref));
}

function ruleFor(session: Session, { op }: RawNode) {
  return (
    controlFlowRules.get(op) ??
    freezeRules.get(op) ??
    simplifyRules.get(op) ??
    (session.graph.hasFunction(op) ? callByName : undefined)
  );
}

const isDead = (result: Result | undefined): boolean =>
  Array.isArray(result) && result.length > 0 && result.every((ref) => ref === DEAD);

/** Takes a node over as it is. */
function keepNode(context: Context): FlatNode {
  const { session, frame, node, attrs, inputs } = context;
  const { types, shapes } = session.graph.detailsOf(node);
  const made: FlatNode = {
    name: uniqueName(session, pathOf(frame.prefix, node.name)),
    op: node.op === '_Arg' ? 'Placeholder' : node.op,
    inputs: [...inputs],
    attrs,
    ...(types ? { outputTypes: types } : {}),
    ...(session.hints && shapes ? { outputShapes: [...shapes] } : {}),
  };
  frame.scope.nodes.push(made);
  if (
    writtenVariables(context).length > 0 ||
    /^(Initialize|LookupTable(Import|Insert|Remove)|MutableHashTable.*Insert)/.test(node.op)
  )
    frame.scope.effects.push(made);
  return made;
}

function need(session: Session, frame: Frame, source: RawSource, where: string): TfTensorRef {
  const ref = pick(session, frame, source);
  if (ref) return ref;
  throw new ModelError('invalid-graph', `an input '${source.node}' expected, there is no such tensor.`, { where });
}

/** What a tensor of the file has become; undefined when its node is not evaluated (yet). */
function pick(session: Session, frame: Frame, source: RawSource): TfTensorRef | undefined {
  const arg = frame.args.get(source.node) ?? frame.cuts.get(keyOf(source));
  if (arg) return arg;
  const raw = frame.body.nodes.get(source.node);
  const result = frame.results.get(source.node);
  if (!raw || !result) return undefined;
  if (isDead(result)) return DEAD;
  const index = outputIndex(session.graph, raw, source);
  const made = Array.isArray(result) ? (result as TfTensorRef[])[index] : undefined;
  if (made) return made;
  const node = result as FlatNode;
  if (!Array.isArray(result) && index >= 0 && index < (node.outputTypes?.length ?? 65536)) return { node, index };
  throw new ModelError('invalid-graph', `no output ${index}.`, { where: `${raw.op} '${raw.name}'` });
}
