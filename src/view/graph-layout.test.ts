import { expect, it } from 'vitest';
import type { GraphData } from '../report/graph-data.js';
import { layoutGraph, NODE_HEIGHT, NODE_WIDTH } from './graph-layout.js';

const graphOf = (count: number, edges: GraphData['edges']): GraphData => ({
  name: 'main',
  nodes: Array.from({ length: count }, (_, id) => ({ id, name: `n${id}`, op: 'ADD' }) as GraphData['nodes'][number]),
  edges,
});

/** Blocks of a residual net: a node, three after it, and their sum with it. */
function residual(blocks: number): GraphData {
  const edges: [number, number][] = [];
  for (let i = 0; i < blocks; i++) {
    const a = 4 * i;
    edges.push([a, a + 1], [a + 1, a + 2], [a + 2, a + 3], [a + 3, a + 4], [a, a + 4]);
  }
  return graphOf(4 * blocks + 1, edges);
}

it('nodes of a long residual net do not overlap, edges lead down, and few rows are wide', () => {
  const graph = residual(300);
  const { nodes, edges, width } = layoutGraph(graph);
  for (const [i, [a, b]] of graph.edges.entries()) {
    expect(nodes[b]!.y).toBeGreaterThan(nodes[a]!.y);
    const line = edges[i]!;
    expect(line[0]!.y).toBeLessThanOrEqual(nodes[a]!.y + NODE_HEIGHT / 2 + 1);
    expect(line.at(-1)!.y).toBeGreaterThanOrEqual(nodes[b]!.y - NODE_HEIGHT / 2 - 1);
    for (let k = 1; k < line.length; k++) expect(line[k]!.y).toBeGreaterThanOrEqual(line[k - 1]!.y);
  }
  const sorted = [...nodes].sort((p, q) => p.y - q.y);
  for (let i = 1; i < sorted.length; i++) {
    const [p, q] = [sorted[i - 1]!, sorted[i]!];
    expect(q.y - p.y >= NODE_HEIGHT || Math.abs(q.x - p.x) >= NODE_WIDTH).toBe(true);
  }
  expect(width).toBeLessThan(3 * NODE_WIDTH);
  // A shortcut is led around the nodes that it passes.
  const shortcut = edges[graph.edges.findIndex(([a, b]) => a === 400 && b === 404)]!;
  for (const node of [401, 402, 403])
    for (const { x, y } of shortcut)
      expect(Math.abs(x - nodes[node]!.x) < NODE_WIDTH / 2 && Math.abs(y - nodes[node]!.y) < NODE_HEIGHT / 2).toBe(
        false,
      );
});

it('a graph of one node, and one of none that are connected', () => {
  expect(layoutGraph(graphOf(1, []))).toMatchObject({ width: NODE_WIDTH, height: NODE_HEIGHT });
  const { nodes } = layoutGraph(graphOf(3, []));
  expect(nodes).toHaveLength(3);
});
