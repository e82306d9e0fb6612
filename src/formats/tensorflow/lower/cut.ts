import type { TfGraph, TfModel, TfNode } from '../graph.js';

/** Inputs that are named in an error. */
const NAMED = 4;
/** Element types of tensors that can be an input of a model. */
const NUMERIC = /^(f|bf|i|u)\d+$|^bool$/;

/**
 * What to do with a model whose first part works on text or tables: the tensors at which the part behind it begins, each a
 * numeric result of an operation without a counterpart that others read. Empty when there are none.
 */
export function cutBehind(model: TfModel, isUnsupported: (node: TfNode) => boolean): string {
  const names = new Set(model.graphs.flatMap((graph) => frontier(graph, isUnsupported)));
  if (names.size === 0) return '';
  const listed = [...names].slice(0, NAMED).map((n) => `'${n}'`);
  const more = names.size > NAMED ? ', …' : '';
  const how = `Convert it with --input ${[...names].join(' --input ')}`;
  return `The part behind it begins at ${listed.join(', ')}${more}. ${how}, to compute that text part elsewhere.`;
}

/**
 * The tensors at which the last part begins that holds nothing unsupported: numeric results of what depends on text or
 * tables, read by nodes behind which there is no such thing.
 */
function frontier(graph: TfGraph, isUnsupported: (node: TfNode) => boolean): string[] {
  const isBlocked = (node: TfNode) => isUnsupported(node) || isText(node);
  const depends = new Set<TfNode>();
  for (const node of graph.nodes)
    if (isBlocked(node) || node.inputs.some((source) => depends.has(source.node))) depends.add(node);
  /** Nodes that something blocked reads, sooner or later. */
  const early = new Set<TfNode>();
  for (const node of [...graph.nodes].reverse())
    if (isBlocked(node) || early.has(node)) for (const source of node.inputs) early.add(source.node);
  const isLast = (node: TfNode) => !isBlocked(node) && !early.has(node);
  const leaving = new Set<string>();
  const add = ({ node, index }: { readonly node: TfNode; readonly index: number }) => {
    const isBegin = depends.has(node) && !isLast(node) && node.inputs.length > 0;
    if (isBegin && NUMERIC.test(node.outputTypes?.[index] ?? ''))
      leaving.add(index === 0 ? node.name : `${node.name}:${index}`);
  };
  for (const node of graph.nodes) if (isLast(node)) node.inputs.forEach(add);
  for (const { ref } of graph.signature.outputs) add(ref);
  return [...leaving];
}

const isText = (node: TfNode): boolean => node.outputTypes?.some((t) => t === 'string') ?? false;
