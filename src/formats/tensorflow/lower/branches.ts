import { ModelError } from '../../../errors.js';
import { Constant } from '../../../ir/constant.js';
import type { Shape } from '../../../ir/tensor.js';
import type { TfFunction, TfGraph, TfNode, TfTensorRef } from '../graph.js';
import { choose } from './binary.js';
import type { Lower } from './context.js';

/** The operation that {@link chooseBranches} makes: condition, value when it holds, value when it does not. */
const CHOICE = 'BranchChoice';

/**
 * The graph with both branches of every condition of TensorFlow 1 (`Switch` and `Merge`) in it, and a choice between
 * their results; so too in the functions of its loops. Graphs with loops of TensorFlow 1 that could not be raised stay as
 * they are: their conditions cannot be told from those of the loops.
 */
export function chooseBranches(graph: TfGraph): TfGraph {
  if (graph.nodes.some((n) => /^(Ref)?(NextIteration|Enter)$/.test(n.op))) return graph;
  const library = new Map([...graph.library].map(([name, made]) => [name, inFunction(made)]));
  if (!hasBranches(graph.nodes)) return { ...graph, library };
  const rebuilt = new Rebuilt(graph.nodes);
  const { inputs, outputs } = graph.signature;
  return {
    ...graph,
    library,
    signature: { ...graph.signature, inputs, outputs: outputs.map((p) => ({ ...p, ref: rebuilt.find(p.ref) })) },
    nodes: rebuilt.nodes,
    effects: rebuilt.findAll(graph.effects),
  };
}

function inFunction(made: TfFunction): TfFunction {
  if (!hasBranches(made.nodes)) return made;
  const rebuilt = new Rebuilt(made.nodes);
  const results = made.results.map((ref) => rebuilt.find(ref));
  return { ...made, nodes: rebuilt.nodes, results, effects: rebuilt.findAll(made.effects) };
}

const hasBranches = (nodes: readonly TfNode[]): boolean => nodes.some((n) => /^(Ref)?Merge$/.test(n.op));

/** Which sides of which conditions a tensor is computed on: key of the condition -> 0 or 1, or a number among several. */
type Sides = ReadonlyMap<string, number>;

/** A graph in the making. A class, for it has a lifetime. */
class Rebuilt {
  readonly nodes: TfNode[] = [];
  /** What the outputs of the old nodes have become. */
  readonly #refs = new Map<TfNode, readonly TfTensorRef[] | TfNode>();
  /** Of tensors behind a `Switch`: `name:index` of the old ones. */
  readonly #sides = new Map<string, Sides>();

  /** The conditions of the sides, by key. */
  readonly #conditions = new Map<string, TfTensorRef>();
  /** Keys of conditions that are numbers of sides, not true or false. */
  readonly #numbered = new Set<string>();

  constructor(nodes: readonly TfNode[]) {
    for (const node of nodes) this.#add(node);
  }

  findAll(nodes: readonly TfNode[]): TfNode[] {
    return nodes.map((node) => this.find({ node, index: 0 }).node);
  }

  find(ref: TfTensorRef): TfTensorRef {
    const made = this.#refs.get(ref.node);
    if (Array.isArray(made)) return (made as readonly TfTensorRef[])[ref.index] ?? ref;
    return made ? { node: made as TfNode, index: ref.index } : ref;
  }

  #add(node: TfNode): void {
    if (/^((Ref)?Switch|_SwitchN)$/.test(node.op)) this.#bypass(node);
    else if (!/^(Ref)?Merge$/.test(node.op) || !this.#merge(node)) this.#keep(node);
  }

  #keep(node: TfNode): void {
    const inputs = node.inputs.map((ref) => this.find(ref));
    const isSame = inputs.every((ref, i) => ref.node === node.inputs[i]?.node && ref.index === node.inputs[i]?.index);
    const kept = isSame ? node : { ...node, inputs };
    this.nodes.push(kept);
    this.#refs.set(node, kept);
    const sides = this.#common(node.inputs);
    if (sides.size > 0) for (let i = 0; i < outputCount(node); i++) this.#sides.set(keyOf({ node, index: i }), sides);
  }

  #sidesOf(ref: TfTensorRef): Sides {
    return this.#sides.get(keyOf(ref)) ?? new Map();
  }

  #common(refs: readonly TfTensorRef[]): Map<string, number> {
    return new Map(refs.flatMap((ref) => [...this.#sidesOf(ref)]));
  }

  /** A `Switch` passes its data to both sides, `_SwitchN` to several. */
  #bypass(node: TfNode): void {
    const [data, condition] = node.inputs as [TfTensorRef, TfTensorRef];
    const sides = [...Array(node.op === '_SwitchN' ? node.attrs.int('num_outs') : 2).keys()];
    this.#refs.set(
      node,
      sides.map(() => this.find(data)),
    );
    const outer = this.#common(node.inputs);
    const key = keyOf(this.find(condition));
    for (const index of sides) this.#sides.set(keyOf({ node, index }), new Map([...outer, [key, index] as const]));
    this.#conditions.set(key, this.find(condition));
    if (node.op === '_SwitchN') this.#numbered.add(key);
  }

  /** A `Merge` of the sides of one condition becomes a choice. False when its inputs are not that. */
  #merge(node: TfNode): boolean {
    const all = node.inputs.map((ref) => this.#sidesOf(ref));
    const keys = [...(all[0]?.keys() ?? [])].reverse();
    const key = keys.find(
      (k) => all.every((sides) => sides.has(k)) && new Set(all.map((sides) => sides.get(k))).size > 1,
    );
    const condition = key && this.#conditions.get(key);
    if (!key || !condition || new Set(all.map((sides) => sides.get(key))).size < all.length) return false;
    const bySide = new Map(all.map((sides, i) => [sides.get(key) as number, node.inputs[i] as TfTensorRef]));
    this.#refs.set(node, [{ node: this.#chosen(node, condition, bySide), index: 0 }]);
    const sides = this.#common(node.inputs);
    sides.delete(key);
    if (sides.size > 0) this.#sides.set(keyOf({ node, index: 0 }), sides);
    return true;
  }

  /** A choice between two sides; between more, of the first one or a choice between the others. The last one is for the rest. */
  #chosen(node: TfNode, condition: TfTensorRef, bySide: ReadonlyMap<number, TfTensorRef>): TfNode {
    const sides = [...bySide].sort(([a], [b]) => a - b).map(([side, ref]) => [side, this.find(ref)] as const);
    const [first, last] = [sides[0]?.[1], sides.at(-1)?.[1]] as [TfTensorRef, TfTensorRef];
    if (!this.#numbered.has(keyOf(condition))) return this.#choice(node, 0, [condition, last, first], node.name);
    return sides.slice(0, -1).reduceRight<TfTensorRef>((others, [side, ref], i) => {
      const name = i === 0 ? node.name : `${node.name}/${side}`;
      return { node: this.#choice(node, 0, [this.#isSide(node, name, condition, side), ref, others], name), index: 0 };
    }, last).node;
  }

  /** Whether a condition that is a number has one of its values. */
  #isSide({ attrs }: TfNode, name: string, condition: TfTensorRef, side: number): TfTensorRef {
    const value = Constant.i32(side);
    const number: TfNode = { name: `${name}/side`, op: 'Const', inputs: [], attrs, value, outputTypes: ['i32'] };
    const inputs = [condition, { node: number, index: 0 }];
    const equal: TfNode = { name: `${name}/is_side`, op: 'Equal', inputs, attrs, outputTypes: ['bool'] };
    this.nodes.push(number, equal);
    return { node: equal, index: 0 };
  }

  #choice(node: TfNode, index: number, inputs: readonly TfTensorRef[], name: string): TfNode {
    const dtype = node.outputTypes?.[index];
    const made: TfNode = {
      name,
      op: CHOICE,
      inputs,
      attrs: node.attrs,
      ...(dtype ? { outputTypes: [dtype] } : {}),
      outputShapes: [node.outputShapes?.[index]],
    };
    this.nodes.push(made);
    return made;
  }
}

const keyOf = ({ node, index }: TfTensorRef): string => `${node.name}:${index}`;
const outputCount = (node: TfNode): number => Math.max(node.outputTypes?.length ?? 1, 1);

/** Both branches are computed; the choice is between tensors of one shape. */
const branchChoice: Lower = (c) => {
  const [condition, yes, no] = [c.input(0), c.input(1), c.input(2)];
  if (yes === no) return [yes];
  // `Switch` takes a scalar only; a placeholder without a shape does not say that it is one.
  condition.shape ??= [];
  const truth = condition.dtype === 'bool' ? condition : c.emit('NOT_EQUAL', [condition, c.scalar(condition, 0)]);
  if (!areAlike(yes.shape, no.shape))
    throw new ModelError(
      'unsupported',
      `chooses when the model runs between tensors of shapes ${printed(yes.shape)} and ${printed(no.shape)}. ` +
        'Make the condition a constant of the model, or give both branches one shape.',
    );
  if ((condition.shape?.length ?? 0) > 0)
    throw new ModelError('unsupported', 'chooses by a condition that is no scalar.');
  c.warn('the condition is known only when the model runs; both branches are computed, and one result is taken.');
  return [choose(c, truth, yes, no)];
};

/** Whether both are known to have one rank, and no sizes that differ. */
const areAlike = (a: Shape | undefined, b: Shape | undefined): boolean =>
  a !== undefined && a.length === b?.length && a.every((d, i) => d === b[i] || d < 0 || (b[i] as number) < 0);

const printed = (shape: Shape | undefined): string =>
  shape ? `[${shape.map((d) => (d < 0 ? '?' : d))}]` : 'of unknown rank';

/** The choice between the results of two branches. */
export const branchChoices: Readonly<Record<string, Lower>> = { [CHOICE]: branchChoice };
