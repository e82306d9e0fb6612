import type { TfGraph, TfModel, TfNode, TfPort, TfTensorRef } from '../graph.js';

/** Tensors that are named in the text in front of the command's options. */
const NAMED = 4;
/** Element types of tensors that can be an input of a model. */
const NUMERIC = /^(f|bf|i|u)\d+$|^bool$/;
/** A part is worth naming when it has as large a share of the operations, layers, and few ends; or is what text leaves over. */
const WORTH = 0.5;
const LAYERS = /MatMul|Conv|Einsum|While/;

/** A part of a graph that can be converted, between some tensors. */
interface Part {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: readonly TfNode[];
}

/**
 * What to do with a model that holds operations without a counterpart: the tensors at which the part behind them begins,
 * or those at which the part in front of them ends, whichever is larger. Where they work on text (`isText`), it is the part
 * behind them. Empty when there is no such part.
 */
export function cutAround(model: TfModel, isUnsupported: (node: TfNode) => boolean, isText: boolean): string {
  for (const graph of model.graphs) {
    const blocked = blockedNodes(graph, (node) => isUnsupported(node) || (isText && isOfWords(node)));
    const total = graph.nodes.filter(isOperation).length;
    const [behind, before] = [partBehind(graph, blocked), partBefore(graph, blocked)];
    const best = isText || behind.nodes.length >= before.nodes.length ? behind : before;
    const ends = best.inputs.length + best.outputs.length;
    const isWorth = best.nodes.length >= WORTH * total && ends <= NAMED && best.nodes.some((n) => LAYERS.test(n.op));
    if (ends === 0 || !(isText || isWorth)) continue;
    return best === behind
      ? `The part behind it begins at ${listed(best.inputs)}. ${command(best)}, to compute what is in front of it elsewhere.`
      : `The part in front of it ends at ${listed(best.outputs)}. ${command(best)}, to compute the rest elsewhere.`;
  }
  return '';
}

/** Words in rows of different lengths come in several tensors until the rows are filled up: the part behind that has one input. */
const isOfWords = ({ op }: TfNode): boolean => op.startsWith('Ragged');

const isOperation = (node: TfNode): boolean => node.inputs.length > 0;
const typeOf = ({ node, index }: TfTensorRef): string => node.outputTypes?.[index] ?? '';
const nameOf = ({ node, index }: TfTensorRef): string => (index === 0 ? node.name : `${node.name}:${index}`);

function listed(names: readonly string[]): string {
  const more = names.length > NAMED ? ', …' : '';
  return `${names
    .slice(0, NAMED)
    .map((n) => `'${n}'`)
    .join(', ')}${more}`;
}

const command = ({ inputs, outputs }: Part): string =>
  `Convert it with ${[...inputs.map((n) => `--input ${n}`), ...outputs.map((n) => `--output ${n}`)].join(' ')}`;

/** Nodes without a counterpart, also in the functions they call; those that make text, or read lists of such nodes. */
function blockedNodes(graph: TfGraph, isUnsupported: (node: TfNode) => boolean): Set<TfNode> {
  const calls = (node: TfNode): TfNode[] =>
    ['cond', 'body', 'then_branch', 'else_branch'].flatMap((name) => {
      const value = node.attrs.value(name);
      return value?.kind === 'func' ? (graph.library.get(value.value)?.nodes ?? []) : [];
    });
  const isBad = (node: TfNode): boolean =>
    isUnsupported(node) || (node.outputTypes?.includes('string') ?? false) || calls(node).some(isBad);
  const blocked = new Set<TfNode>();
  for (const node of graph.nodes)
    if (isBad(node) || node.inputs.some((ref) => blocked.has(ref.node) && !NUMERIC.test(typeOf(ref))))
      blocked.add(node);
  return blocked;
}

/** Nodes that a blocked one needs (`early`), and those that need a blocked one (`depending`), blocked ones included. */
function sides(nodes: readonly TfNode[], blocked: ReadonlySet<TfNode>) {
  const depending = new Set<TfNode>();
  for (const node of nodes)
    if (blocked.has(node) || node.inputs.some((ref) => depending.has(ref.node))) depending.add(node);
  const early = new Set<TfNode>();
  for (const node of [...nodes].reverse())
    if (blocked.has(node) || early.has(node)) for (const ref of node.inputs) early.add(ref.node);
  return { depending, early };
}

/**
 * The last part that holds nothing blocked. It begins at numeric results of what depends on blocked nodes, read by nodes
 * behind which there are none. Where some outputs are text, it ends at the others.
 */
function partBehind(graph: TfGraph, blocked: ReadonlySet<TfNode>): Part {
  const { outputs } = graph.signature;
  const numeric = outputs.filter((port) => NUMERIC.test(port.dtype));
  const needed = ancestors(numeric.map((port) => port.ref.node));
  const isTextLate =
    numeric.length < outputs.length && [...blocked].some((node) => !needed.has(node) && isOperation(node));
  const nodes = graph.nodes.filter((node) => needed.has(node));
  const { depending, early } = sides(nodes, blocked);
  const isLast = (node: TfNode) => !blocked.has(node) && !early.has(node);
  const begins = new Set<string>();
  const add = (ref: TfTensorRef) => {
    const isBegin = depending.has(ref.node) && !isLast(ref.node) && isOperation(ref.node);
    if (isBegin && NUMERIC.test(typeOf(ref))) begins.add(nameOf(ref));
  };
  for (const node of nodes) if (isLast(node)) node.inputs.forEach(add);
  for (const { ref } of numeric) add(ref);
  const ends = isTextLate ? numeric.map((port: TfPort) => nameOf(port.ref)) : [];
  return { inputs: [...begins], outputs: ends, nodes: nodes.filter((n) => isOperation(n) && isLast(n)) };
}

/** The first part that holds nothing blocked. It ends at the numbers that anything else reads: at floats, if there are any. */
function partBefore(graph: TfGraph, blocked: ReadonlySet<TfNode>): Part {
  const { depending } = sides(graph.nodes, blocked);
  const read = graph.nodes.filter((node) => depending.has(node)).flatMap((node) => node.inputs);
  const ends = [...read, ...graph.signature.outputs.map((port) => port.ref)].filter(
    (ref) => !depending.has(ref.node) && isOperation(ref.node) && NUMERIC.test(typeOf(ref)),
  );
  const floats = ends.filter((ref) => /^(f|bf)/.test(typeOf(ref)));
  const outputs = [...new Set((floats.length > 0 ? floats : ends).map(nameOf))];
  return { inputs: [], outputs, nodes: graph.nodes.filter((node) => isOperation(node) && !depending.has(node)) };
}

/** The nodes, and all that they need. */
function ancestors(nodes: readonly TfNode[]): Set<TfNode> {
  const found = new Set(nodes);
  for (const node of found) for (const { node: source } of node.inputs) found.add(source);
  return found;
}
