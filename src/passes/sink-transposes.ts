import { assert } from '../errors.js';
import type { Graph, Node, Value } from '../ir/graph.js';
import { addNode } from '../ops/build.js';
import { definePass, type Pass } from './define.js';
import { type Followed, followPermutation, inverseOf, type Permutation } from './follow-permutation.js';
import { permutationOf, permutationOperand } from './merge-transposes.js';
import { canReplace, refineShape, replaceNode, rewrite } from './replace.js';

/**
 * Moves TRANSPOSEs below operators that do not care for the order of axes (elementwise ones, CONCATENATION, PAD, SLICE,
 * SPLIT, reductions, …), where they meet the TRANSPOSEs back and both go. This frees the inside of a model whose layers
 * want channels first from all but the TRANSPOSEs at its ends.
 *
 * Works on connected regions of such operators, all of whose computed operands are transposed in the same way, and only
 * where fewer TRANSPOSEs remain.
 */
export function sinkTransposes(): Pass {
  return definePass('sink-transposes', (graph) => {
    let changes = 0;
    const permutations = new Map<string, Permutation>();
    for (const node of graph.nodes()) {
      const permutation = node.op === 'TRANSPOSE' && node.inputs[0] ? permutationOf(node) : undefined;
      if (permutation?.some((axis, i) => axis !== i)) permutations.set(permutation.join(), permutation);
    }
    for (const permutation of permutations.values()) while (moveFirst(graph, permutation)) changes++;
    return changes;
  });
}

/** Moves one region that is worth it; the others may be different ones afterwards. Each move takes TRANSPOSEs away. */
function moveFirst(graph: Graph, permutation: Permutation): boolean {
  for (const region of findRegions(graph, permutation)) {
    prune(graph, region);
    if (gainOf(graph, region) <= 0) continue;
    move(graph, region);
    return true;
  }
  return false;
}

/** Operators to compute on plain values, in order, and the TRANSPOSEs that feed them. */
interface Region {
  readonly permutation: Permutation;
  readonly nodes: Map<Node, Followed>;
  readonly feeding: Set<Node>;
}

/** All nodes that can follow the permutation, in connected parts. */
function findRegions(graph: Graph, permutation: Permutation): Region[] {
  const regionOf = new Map<Value, Region>();
  const regions = new Set<Region>();
  const key = permutation.join();
  for (const node of graph.nodes()) {
    if (node.op === 'TRANSPOSE') {
      if (!canFeed(node, key, regionOf)) continue;
      const region: Region = { permutation, nodes: new Map(), feeding: new Set([node]) };
      regions.add(region);
      regionOf.set(node.output, region);
      continue;
    }
    if (!node.inputs.some((v) => v && regionOf.has(v))) continue;
    const followed = followPermutation(node, permutation, (v) => regionOf.has(v));
    if (!followed) continue;
    const region = unite(regionOf, regions, node);
    region.nodes.set(node, followed);
    for (const [i, output] of node.outputs.entries())
      if (followed.outputs[i]?.join() === key) regionOf.set(output, region);
  }
  return [...regions].filter((r) => r.nodes.size > 0);
}

/** A TRANSPOSE that reads a region's value may be about to go; a later region can begin with it. */
function canFeed(node: Node, key: string, regionOf: ReadonlyMap<Value, Region>): boolean {
  const [input] = node.inputs;
  return input !== undefined && !input.constant && !regionOf.has(input) && permutationOf(node)?.join() === key;
}

/** Makes the regions of a node's operands one. Nodes are met in order, so each keeps its own in order after sorting. */
function unite(regionOf: Map<Value, Region>, regions: Set<Region>, node: Node): Region {
  const [first, ...others] = new Set(node.inputs.flatMap((v) => (v && regionOf.get(v)) || []));
  assert(first, 'a node of no region');
  for (const other of others) {
    for (const [n, followed] of other.nodes) first.nodes.set(n, followed);
    for (const n of other.feeding) first.feeding.add(n);
    regions.delete(other);
    for (const [value, region] of regionOf) if (region === other) regionOf.set(value, first);
  }
  return first;
}

/** Takes out nodes at the lower end as long as that costs no TRANSPOSE: the region that remains is the one worth moving. */
function prune(graph: Graph, region: Region): void {
  let gain = gainOf(graph, region);
  for (let isChanged = true; isChanged; ) {
    isChanged = false;
    for (const [node, followed] of [...region.nodes].reverse()) {
      if (node.outputs.some((v) => v.uses.some((use) => region.nodes.has(use.node)))) continue;
      region.nodes.delete(node);
      const without = gainOf(graph, region);
      if (without >= gain) {
        gain = without;
        isChanged = true;
      } else region.nodes.set(node, followed);
    }
  }
}

/** How many TRANSPOSEs fewer there are when the region is moved. */
function gainOf(graph: Graph, region: Region): number {
  let gain = 0;
  for (const node of region.feeding)
    if (!graph.isOutput(node.output) && node.output.uses.every((use) => region.nodes.has(use.node))) gain++;
  for (const [node, followed] of region.nodes)
    for (const [i, value] of node.outputs.entries()) {
      const permutation = followed.outputs[i] as Permutation;
      if (isIdentity(permutation)) continue;
      const readers = value.uses.map((use) => use.node).filter((n) => !region.nodes.has(n));
      const undo = inverseOf(permutation).join();
      gain += readers.filter((n) => permutationAt(n, value)?.join() === undo).length;
      if (graph.isOutput(value) || readers.some((n) => !permutationAt(n, value))) gain--;
    }
  return gain;
}

const isIdentity = (permutation: Permutation): boolean => permutation.every((axis, i) => axis === i);

/** The permutation of a node that transposes the value. */
const permutationAt = (node: Node, value: Value): Permutation | undefined =>
  node.op === 'TRANSPOSE' && node.inputs[0] === value ? permutationOf(node) : undefined;

function move(graph: Graph, region: Region): void {
  const order = [...graph.nodes()].filter((n) => region.nodes.has(n));
  const plain = new Map<Value, Value>();
  for (const node of region.feeding) plain.set(node.output, node.inputs[0] as Value);
  for (const node of order) moveNode(graph, node, region.nodes.get(node) as Followed, plain);
  for (const node of order)
    for (const [i, value] of node.outputs.entries())
      redirect(graph, value, plain.get(value) as Value, region, region.nodes.get(node)?.outputs[i] as Permutation);
  for (const node of order.reverse()) graph.remove(node);
  for (const node of region.feeding)
    if (node.output.uses.length === 0 && !graph.isOutput(node.output)) graph.remove(node);
}

/** Adds the node's counterpart on plain values in front of it. */
function moveNode(graph: Graph, node: Node, followed: Followed, plain: Map<Value, Value>): void {
  const inputs = followed.operands.map((operand, i) => {
    const value = node.inputs[i] as Value;
    if (operand === 'moved') return plain.get(value) as Value;
    return operand === 'same' ? value : operand();
  });
  const name = `${node.outputs[0]?.name}/plain`;
  const results = addNode(graph, node, { op: node.op, name, inputs, options: followed.options });
  if (results[0]?.producer) results[0].producer.name = node.name;
  for (const [i, old] of node.outputs.entries()) {
    const result = results[i] as Value;
    const permutation = followed.outputs[i] as Permutation;
    if (old.shape) {
      const { shape } = old;
      result.shape = refineShape(
        result.shape,
        inverseOf(permutation).map((axis) => shape[axis] as number),
      );
    }
    plain.set(old, result);
  }
}

/** Makes the readers outside of the region read the plain value, transposed where they need it. */
function redirect(graph: Graph, from: Value, plain: Value, region: Region, permutation: Permutation): void {
  const { name } = from;
  const outside = from.uses.map((use) => use.node).filter((n) => !region.nodes.has(n));
  for (const node of outside) {
    const outer = permutationAt(node, from);
    if (!outer) continue;
    compose(
      graph,
      node,
      plain,
      outer.map((axis) => permutation[axis] as number),
    );
  }
  const isNeeded = graph.isOutput(from) || from.uses.some((use) => !region.nodes.has(use.node));
  if (isIdentity(permutation)) graph.replaceUses(from, plain);
  else if (isNeeded) {
    const inputs = [plain, permutationOperand(name, permutation)];
    const [transposed] = addNode(graph, from.producer, { op: 'TRANSPOSE', name, inputs });
    assert(transposed, 'TRANSPOSE has a result');
    transposed.shape = refineShape(transposed.shape, from.shape);
    graph.replaceUses(from, transposed);
    return;
  }
  if (!graph.isOutput(plain)) plain.name = name;
}

/** Makes a TRANSPOSE one of the plain value; nothing at all when it puts the axes back. */
function compose(graph: Graph, node: Node, plain: Value, permutation: Permutation): void {
  if (isIdentity(permutation) && canReplace(graph, node.output, plain)) replaceNode(graph, node, [plain]);
  else rewrite(graph, node, { op: 'TRANSPOSE', inputs: [plain, permutationOperand(node.output.name, permutation)] });
}
