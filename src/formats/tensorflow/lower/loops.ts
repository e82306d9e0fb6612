import { ModelError } from '../../../errors.js';
import { type Graph, Value } from '../../../ir/graph.js';
import type { Shape } from '../../../ir/tensor.js';
import type { TfFunction, TfNode, TfTensorRef } from '../graph.js';
import type { Lower, Lowering, OpenList } from './context.js';
import { originOf } from './dimensions.js';
import { makeList } from './lists.js';
import { argument, checkTypes, joinedShape, sameType } from './loop-types.js';
import { recurrentLayer } from './recurrent.js';
import { entryOf, knownNumbers, type Size } from './shapes.js';
import { mergeCounters, trimLoop } from './trim-loop.js';

/** A loop over functions that are made graphs. Positions are those of the loop variables that are left. */
export interface Loop {
  readonly condition: Graph;
  readonly body: Graph;
  /** Value of each variable before the loop. */
  readonly begin: readonly Value[];
  /** Output of the operation that each variable is at the end. */
  readonly outputs: readonly number[];
}

/** The variables of a loop as the operation lists them. */
interface Variables {
  readonly c: Lowering;
  readonly condition: TfFunction;
  readonly body: TfFunction;
  /** Whether each of them matters for what is read of the loop. */
  readonly live: readonly boolean[];
  /** Whether each of them is what it was, in every round. */
  readonly fixed: readonly boolean[];
}

const MAX_ROUNDS = 8;

/**
 * A loop over two graphs. Variables that nothing depends on are left out; those that no round changes and that are
 * constants become constants of the graphs.
 */
const whileLoop: Lower = (c) => {
  const body = c.functions.find(c.attrs.func('body'));
  const condition = c.functions.find(c.attrs.func('cond'));
  const fixed = body.results.map((ref, i) => ref.node === body.args[i]);
  const live = liveVariables(c, condition, body);
  const before = c.functions.count();
  const made = makeGraphs({ c, condition, body, live, fixed }, before);
  const layer = recurrentLayer(c, made);
  if (layer) return c.inputs.map((value, i) => layer.get(i) ?? value);
  const { loop, same } = mergeCounters(made);
  const results = emitLoop(c, loop);
  return c.inputs.map((value, i) => results.get(same.get(i) ?? i) ?? value);
};

/** A variable matters when the condition or a reader of the loop needs it, or another one that matters. */
function liveVariables(c: Lowering, condition: TfFunction, body: TfFunction): boolean[] {
  const needed = new Set(
    ancestorArgs(
      condition,
      condition.results.map((r) => r.node),
    ),
  );
  c.inputs.forEach((_, i) => {
    if (c.isRead(i)) needed.add(i);
  });
  if (body.effects.length > 0) for (const i of ancestorArgs(body, body.effects)) needed.add(i);
  for (const i of needed)
    for (const other of ancestorArgs(
      body,
      [body.results[i]?.node].filter((n) => n !== undefined),
    ))
      needed.add(other);
  return c.inputs.map((_, i) => needed.has(i));
}

/** Positions of the arguments that some nodes of a function need. */
function ancestorArgs(fn: TfFunction, roots: readonly TfNode[]): number[] {
  const seen = ancestors(roots);
  return fn.args.flatMap((arg, i) => (seen.has(arg) ? [i] : []));
}

function ancestors(roots: readonly TfNode[]): Set<TfNode> {
  const seen = new Set(roots);
  for (const node of seen) for (const { node: input } of node.inputs) seen.add(input);
  return seen;
}

/** A function that gives only some of its results. */
function withResults(fn: TfFunction, kept: readonly number[]): TfFunction {
  const results = kept.map((i) => fn.results[i] as TfTensorRef);
  const needed = ancestors([...results.map((r) => r.node), ...fn.effects, ...fn.args]);
  return { ...fn, results, nodes: fn.nodes.filter((n) => needed.has(n)) };
}

/** Lowers the functions until the types that the body gives are those that it takes. */
function makeGraphs(variables: Variables, before: number): Loop {
  const { c, condition, body, live, fixed } = variables;
  const kept = c.inputs.flatMap((_, i) => (live[i] ? [i] : []));
  const types = c.inputs.map(({ dtype, shape }) => ({ dtype, shape }));
  const hints = c.attrs.has('output_shapes') ? c.attrs.shapes('output_shapes') : [];
  for (let round = 0; round < MAX_ROUNDS; round++) {
    c.functions.forget(before);
    const argsOf = (fn: TfFunction) =>
      fn.args.map((_, i) => {
        const { constant } = c.input(i);
        if (fixed[i] && constant) return Value.constant(c.input(i).name, constant);
        return argument(`${c.node.name}/arg${i}`, types[i] as Value); // short: functions are told theirs by whole paths
      });
    const bodyArgs = argsOf(body);
    const lowered = c.functions.lower(withResults(body, kept), bodyArgs);
    checkTypes(
      lowered.outputs,
      kept.map((i) => types[i] as Value),
      'result of the body',
    );
    let changed = false;
    for (const [at, i] of kept.entries()) {
      if (fixed[i]) continue;
      const type = types[i] as Value;
      const open = c.openLists.get(c.input(i));
      const shape = open
        ? longer(
            openShape(type.shape, itemOf(bodyArgs[i] as Value), knownNumbers(open.count)?.[0] ?? -1),
            lowered.outputs[at]?.shape,
          )
        : joinedShape(type.shape, lowered.outputs[at]?.shape, hints[i]);
      if (sameType(type, { dtype: type.dtype, shape })) continue;
      types[i] = { dtype: type.dtype, shape };
      changed = true;
    }
    if (changed) continue;
    const keep = (graph: Graph, args: readonly Value[]) => {
      const wanted = kept.flatMap((i) => (args[i]?.constant ? [] : [args[i] as Value]));
      graph.inputs.splice(0, graph.inputs.length, ...wanted);
    };
    const conditionArgs = argsOf(condition);
    const test = c.functions.lower(condition, conditionArgs);
    keep(lowered, bodyArgs);
    keep(test, conditionArgs);
    const variable = kept.filter((i) => !bodyArgs[i]?.constant);
    lowered.outputs.splice(
      0,
      lowered.outputs.length,
      ...variable.map((i) => lowered.outputs[kept.indexOf(i)] as Value),
    );
    const begin = variable.map((i) => closed(c, c.input(i), bodyArgs, lowered));
    return trimLoop({ condition: test, body: lowered, begin, outputs: variable }, (i) => c.isRead(i));
  }
  throw new ModelError('unsupported', 'has variables whose shapes do not settle.');
}

/** The element that a body writes to a list, or to what the list grows to for it. */
function itemOf(list: Value): Value | undefined {
  const growth = list.uses.find(({ node, index }) => node.op === 'CONCATENATION' && index === 0)?.node;
  const node = (growth?.output ?? list).uses.find(
    ({ node, index }) => node.op === 'DYNAMIC_UPDATE_SLICE' && index === 0,
  )?.node;
  return node?.inputs[1]?.producer?.inputs[0];
}

/** The shape of a list with what its element tells. */
function openShape(shape: Shape | undefined, item: Value | undefined, length: number): Shape | undefined {
  if (!item?.shape) return shape;
  const sizes = shape?.length === item.shape.length + 1 ? shape : [length, ...item.shape.map(() => -1)];
  return sizes.map((d, i) => (d < 0 && i > 0 ? (item.shape?.[i - 1] as number) : d));
}

/** The shape of a list of unknown length where the body gives another length than it takes. */
function longer(shape: Shape | undefined, next: Shape | undefined): Shape | undefined {
  const isSame = !shape || shape.length !== next?.length || shape[0] === next[0];
  return isSame ? shape : [-1, ...shape.slice(1)];
}

/** A list whose elements the body tells, made in front of the loop; any other value as it is. */
function closed(c: Lowering, value: Value, args: readonly Value[], body: Graph): Value {
  const open = c.openLists.get(value);
  if (!open) return value;
  const arg = args[c.inputs.indexOf(value)] as Value;
  return makeList(c, value.dtype, open.count, elementSizes(c, open, arg, args, body));
}

function elementSizes(c: Lowering, open: OpenList, list: Value, args: readonly Value[], body: Graph): Size[] {
  const item = itemOf(list);
  const known = list.shape?.slice(1) ?? open.sizes;
  if (!known) throw new ModelError('unsupported', 'writes a list whose elements have an unknown shape.');
  return known.map((size, axis) => {
    if (size >= 0) return size;
    const origin = item && (originOf({ value: item, axis }) ?? similar(body, item, axis, list));
    const at = origin ? args.indexOf(origin.value) : -1;
    if (!origin || at < 0)
      throw new ModelError('unsupported', `writes a list whose elements have an unknown size along axis ${axis}.`);
    return entryOf(c, c.emit('SHAPE', [c.input(at)], { outType: 'INT32' }), origin.axis);
  });
}

/** Another variable of the element's type: a state that the element becomes. */
function similar(body: Graph, item: Value, axis: number, list: Value) {
  const value = body.inputs.find((v) => v !== list && sameType(v, item));
  return value && { value, axis };
}

/** Adds the operator; gives the outputs by their position in the operation. */
function emitLoop(c: Lowering, { condition, body, begin, outputs }: Loop): ReadonlyMap<number, Value> {
  const options = { condSubgraphIndex: c.functions.add(condition), bodySubgraphIndex: c.functions.add(body) };
  const types = body.inputs.map(({ dtype, shape }) => ({ dtype, shape }));
  const results = c.append('WHILE', begin, types, { options });
  return new Map(outputs.map((i, at) => [i, results[at] as Value]));
}

/** Loops over functions. */
export const loops: Readonly<Record<string, Lower>> = { StatelessWhile: whileLoop, While: whileLoop };
