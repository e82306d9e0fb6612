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

/** Names of unsupported operations, numeric ones, whose readers need nothing else of that kind. */
function frontier(graph: TfGraph, isUnsupported: (node: TfNode) => boolean): string[] {
  const blocked = new Set<TfNode>();
  for (const node of graph.nodes) if (isUnsupported(node) || isText(node)) blocked.add(node);
  const leaving = new Set<TfNode>();
  const add = ({ node, index }: { readonly node: TfNode; readonly index: number }) => {
    if (blocked.has(node) && node.inputs.length > 0 && NUMERIC.test(node.outputTypes?.[index] ?? '')) leaving.add(node);
  };
  for (const node of graph.nodes) if (!blocked.has(node)) node.inputs.forEach(add);
  for (const { ref } of graph.signature.outputs) add(ref);
  return [...leaving].map((node) => node.name);
}

const isText = (node: TfNode): boolean => node.outputTypes?.some((t) => t === 'string') ?? false;
