import { ModelError } from '../../../errors.js';
import type { RawBody, RawNode, RawSource } from './raw-graph.js';

const isBackEdge = (from: RawNode, to: RawNode): boolean =>
  /^(Ref)?NextIteration$/.test(from.op) && /^(Ref)?Merge$/.test(to.op);

/**
 * The nodes that `roots` need, through data and control edges, each after the nodes it needs. The edge out of a
 * `NextIteration` counts as pointing backwards. `follows` tells which data edges count at all.
 * @throws {ModelError} `invalid-graph` for cycles and for inputs that do not exist
 */
export function executionOrder(
  body: RawBody,
  roots: readonly string[],
  follows: (source: RawSource) => boolean,
): RawNode[] {
  const order: RawNode[] = [];
  const state = new Map<RawNode, 'open' | 'done'>();
  const later: RawNode[] = [];

  const childrenOf = (node: RawNode): RawNode[] => {
    const children: RawNode[] = [];
    for (const source of node.inputs) {
      if (!follows(source)) continue;
      const child = body.nodes.get(source.node);
      if (!child)
        throw new ModelError('invalid-graph', `an input '${source.node}' expected, there is no such node.`, {
          where: `${node.op} '${node.name}'`,
        });
      if (isBackEdge(child, node)) later.push(child);
      else children.push(child);
    }
    for (const name of node.controls) {
      const child = body.nodes.get(name);
      if (child) children.push(child);
    }
    return children;
  };

  const visit = (root: RawNode): void => {
    const stack = [{ node: root, children: childrenOf(root), next: 0 }];
    state.set(root, 'open');
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const child = top.children[top.next++];
      if (!child) {
        state.set(top.node, 'done');
        order.push(top.node);
        stack.pop();
      } else if (!state.has(child)) {
        state.set(child, 'open');
        stack.push({ node: child, children: childrenOf(child), next: 0 });
      } else if (state.get(child) === 'open')
        throw new ModelError('invalid-graph', 'the node needs its own result.', {
          where: `${child.op} '${child.name}' in ${body.name}`,
        });
    }
  };

  for (const name of roots) {
    const root = body.nodes.get(name);
    if (!root) throw new ModelError('invalid-graph', `a node '${name}' expected, there is none.`, { where: body.name });
    if (!state.has(root)) visit(root);
  }
  for (let node = later.pop(); node; node = later.pop()) if (!state.has(node)) visit(node);
  return order;
}
