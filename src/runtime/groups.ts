import type { Graph, Node, Value } from '../ir/graph.js';

/** A node, and the elementwise nodes behind it that its kernel applies before it stores the result. */
export interface Group {
  readonly root: Node;
  /** In order; each reads the result of the one before, which nothing else needs. */
  readonly chain: readonly Node[];
}

/** Whether a kernel takes the nodes behind it in. */
export interface FusionRules {
  /** The node's kernel applies stages. */
  fuses(node: Node): boolean;
  /** The node can be a stage on its input `value`. */
  isStage(node: Node, value: Value): boolean;
}

/**
 * The nodes of a list in groups, in an order in which they can run: a group stands where its last node stood, so that
 * everything its stages read is there. `graph` says which values leave.
 */
export function groupNodes(graph: Graph, nodes: readonly Node[], rules: FusionRules): Group[] {
  const inList = new Set(nodes);
  const taken = new Set<Node>();
  const endingAt = new Map<Node, Group>();
  for (const root of nodes) {
    if (taken.has(root)) continue;
    const chain: Node[] = [];
    if (rules.fuses(root))
      for (let last = root; ; ) {
        const next = stageBehind(graph, last, rules);
        if (!next || !inList.has(next) || taken.has(next)) break;
        chain.push(next);
        taken.add(next);
        last = next;
      }
    endingAt.set(chain.at(-1) ?? root, { root, chain });
  }
  return nodes.flatMap((node) => endingAt.get(node) ?? []);
}

function stageBehind(graph: Graph, node: Node, rules: FusionRules): Node | undefined {
  const [value, ...others] = node.outputs;
  if (!value || others.length > 0 || !graph.hasOneUse(value)) return undefined;
  const next = value.uses[0]?.node;
  return next && rules.isStage(next, value) ? next : undefined;
}
