import { Constant } from '../../../ir/constant.js';
import type { TfGraph, TfNode, TfTensorRef } from '../graph.js';

/** A stateless random operation -> the one that keeps its generator, and how many inputs its key takes. */
const PLAIN: Readonly<Record<string, { readonly op: string; readonly keys: number }>> = {
  StatelessRandomNormal: { op: 'RandomStandardNormal', keys: 1 },
  StatelessRandomNormalV2: { op: 'RandomStandardNormal', keys: 3 },
  StatelessRandomUniform: { op: 'RandomUniform', keys: 1 },
  StatelessRandomUniformV2: { op: 'RandomUniform', keys: 3 },
  StatelessRandomUniformInt: { op: 'RandomUniformInt', keys: 1 },
  StatelessRandomUniformIntV2: { op: 'RandomUniformInt', keys: 3 },
};

/** The same random numbers, of a seed that is a constant: shape, seed, limits. */
const SEEDED: Readonly<Record<string, string>> = {
  RandomStandardNormal: 'StatelessRandomNormal',
  RandomUniform: 'StatelessRandomUniform',
};

/**
 * The graph with random operations that take their seeds as tensors made to take constants. The seed of a variable is the
 * first one that it holds: operators keep their generators from run to run, as the model keeps the variable, which nothing
 * needs then. Where the seed is unknown, any numbers will do.
 */
export function withKnownSeeds(graph: TfGraph): TfGraph {
  if (!graph.nodes.some((n) => PLAIN[n.op])) return graph;
  const made = new Map<TfNode, TfNode>();
  const nodes: TfNode[] = [];
  const moved = (ref: TfTensorRef): TfTensorRef => ({ node: made.get(ref.node) ?? ref.node, index: ref.index });
  for (const node of graph.nodes) {
    const seed = PLAIN[node.op] && seedOf(node);
    if (seed) nodes.push(seed);
    const inputs = (PLAIN[node.op] ? drawInputs(node, seed) : node.inputs).map(moved);
    const op = drawOp(node, seed);
    const isSame = op === node.op && inputs.every((ref, i) => ref.node === node.inputs[i]?.node);
    const kept = isSame ? node : { ...node, op, inputs };
    made.set(node, kept);
    nodes.push(kept);
  }
  const outputs = graph.signature.outputs.map((port) => ({ ...port, ref: moved(port.ref) }));
  const effects = graph.effects.map((n) => made.get(n) ?? n);
  return { ...graph, signature: { ...graph.signature, outputs }, nodes: withoutKeys(nodes), effects };
}

/** The nodes without the keys that nothing is drawn from any more. */
function withoutKeys(nodes: readonly TfNode[]): TfNode[] {
  const read = new Set(nodes.flatMap((node) => node.inputs.map((ref) => ref.node)));
  return nodes.filter((node) => node.op !== 'StatelessRandomGetKeyCounter' || read.has(node));
}

function drawOp({ op }: TfNode, seed: TfNode | undefined): string {
  const plain = PLAIN[op]?.op;
  return plain ? ((seed && SEEDED[plain]) ?? plain) : op;
}

function drawInputs(node: TfNode, seed: TfNode | undefined): readonly TfTensorRef[] {
  const [shape, ...rest] = node.inputs;
  const limits = rest.slice(PLAIN[node.op]?.keys);
  const isSeeded = seed && SEEDED[PLAIN[node.op]?.op ?? ''];
  return [...(shape ? [shape] : []), ...(isSeeded ? [{ node: seed, index: 0 }] : []), ...limits];
}

/** A constant with the two seeds of a random operation; undefined when they are computed. */
function seedOf(node: TfNode): TfNode | undefined {
  const key = node.inputs[1]?.node;
  const numbers = key && numbersOf(key.op === 'StatelessRandomGetKeyCounter' ? key.inputs[0]?.node : key);
  if (numbers?.length !== 2) return undefined;
  const value = Constant.of('i64', [2], BigInt64Array.from(numbers, BigInt));
  return { name: `${node.name}/seed`, op: 'Const', inputs: [], attrs: node.attrs, value, outputTypes: ['i64'] };
}

/** The elements of a constant or variable, behind what Keras does to its seeds: casts, a product, a remainder. */
function numbersOf(node: TfNode | undefined): readonly number[] | undefined {
  if (!node || node.value) return node?.value?.numbers();
  const [first, second] = node.inputs;
  if (/^(Cast|ReadVariableOp)$/.test(node.op)) return numbersOf(first?.node);
  const [by] = /^(FloorMod|Mul)$/.test(node.op) ? (numbersOf(second?.node) ?? []) : [];
  if (by === undefined) return undefined;
  return numbersOf(first?.node)?.map((n) => (node.op === 'Mul' ? n * by : n % by));
}
