import dagre from '@dagrejs/dagre';
import type { GraphData } from '../report/graph-data.js';

/** Where a node is drawn: its centre. */
export interface PlacedNode {
  readonly x: number;
  readonly y: number;
}

/** A layout: places by node id, and points of the edges in the order of the graph's. */
export interface GraphLayout {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly (readonly PlacedNode[])[];
}

export const NODE_WIDTH = 196;
export const NODE_HEIGHT = 40;
const GAP = 34;
/** Nodes that are laid out together; longer parts without a place to cut are laid out row by row. */
const MOST_TOGETHER = 500;

interface Part {
  readonly from: number;
  readonly to: number;
}

/**
 * Layers from top to bottom. The graph is cut where a single edge leads on, and each part is laid out on its own: that
 * looks the same and takes time in proportion to the number of nodes.
 */
export function layoutGraph({ nodes, edges }: GraphData): GraphLayout {
  const places: PlacedNode[] = new Array<PlacedNode>(nodes.length);
  const points: PlacedNode[][] = edges.map(() => []);
  const parts = partsOf(nodes.length, edges);
  const laid = parts.map((part) => layoutPart(part, edges));
  const width = Math.max(...laid.map((l) => l.width), NODE_WIDTH);
  let top = 0;
  for (const [i, { from }] of parts.entries()) {
    const part = laid[i] as PartLayout;
    const left = (width - part.width) / 2;
    const shifted = ({ x, y }: PlacedNode): PlacedNode => ({ x: Math.round(x + left), y: Math.round(y + top) });
    for (const [k, place] of part.nodes.entries()) places[from + k] = shifted(place);
    for (const [edge, line] of part.edges) points[edge] = line.map(shifted);
    top += part.height + GAP;
  }
  for (const [i, [a, b]] of edges.entries())
    if (points[i]?.length === 0) points[i] = straight(places[a] as PlacedNode, places[b] as PlacedNode);
  return { width, height: Math.max(top - GAP, NODE_HEIGHT), nodes: places, edges: points };
}

const straight = (a: PlacedNode, b: PlacedNode): PlacedNode[] => [
  { x: a.x, y: a.y + NODE_HEIGHT / 2 },
  { x: b.x, y: b.y - NODE_HEIGHT / 2 },
];

/** Runs of nodes such that one edge at most leads from one to the next and none further. */
function partsOf(count: number, edges: GraphData['edges']): Part[] {
  const crossing = new Int32Array(count + 1);
  for (const [a, b] of edges)
    for (const [at, change] of [
      [a + 1, 1],
      [b + 1, -1],
    ] as const)
      crossing[at] = (crossing[at] as number) + change;
  const parts: Part[] = [];
  let open = 0;
  let from = 0;
  for (let i = 1; i < count; i++) {
    open += crossing[i] as number;
    if (open > 1) continue;
    parts.push({ from, to: i });
    from = i;
  }
  parts.push({ from, to: count });
  return joined(parts);
}

/** Small parts together, up to 60 nodes, so that few layouts are made. */
function joined(parts: readonly Part[]): Part[] {
  const out: Part[] = [];
  for (const part of parts) {
    const last = out.at(-1);
    if (last && part.to - last.from <= 60) out[out.length - 1] = { from: last.from, to: part.to };
    else out.push(part);
  }
  return out;
}

interface PartLayout {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly (readonly [number, readonly PlacedNode[]])[];
}

function layoutPart({ from, to }: Part, edges: GraphData['edges']): PartLayout {
  const inside = [...edges.entries()].filter(([, [a, b]]) => a >= from && b < to);
  return to - from > MOST_TOGETHER ? layoutRows(from, to, inside) : layoutLayers(from, to, inside);
}

type NumberedEdge = readonly [number, readonly [number, number]];

function layoutLayers(from: number, to: number, edges: readonly NumberedEdge[]): PartLayout {
  const graph = new dagre.graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: 'TB', nodesep: 24, ranksep: GAP, marginx: 0, marginy: 0 });
  for (let i = from; i < to; i++) graph.setNode(String(i), { width: NODE_WIDTH, height: NODE_HEIGHT });
  for (const [i, [a, b]] of edges) graph.setEdge(String(a), String(b), {}, String(i));
  dagre.layout(graph);
  const { width = NODE_WIDTH, height = NODE_HEIGHT } = graph.graph() as { width?: number; height?: number };
  const place = (i: number) => graph.node(String(i)) as PlacedNode;
  return {
    width,
    height,
    nodes: Array.from({ length: to - from }, (_, k) => place(from + k)),
    edges: edges.map(([i, [a, b]]) => {
      const { points = [] } = graph.edge({ v: String(a), w: String(b), name: String(i) }) as { points?: PlacedNode[] };
      return [i, points] as const;
    }),
  };
}

/** Nodes in rows by their longest way from the start. */
function layoutRows(from: number, to: number, edges: readonly NumberedEdge[]): PartLayout {
  const depth = new Int32Array(to - from);
  for (const [, [a, b]] of [...edges].sort(([, [, x]], [, [, y]]) => x - y))
    depth[b - from] = Math.max(depth[b - from] as number, (depth[a - from] as number) + 1);
  const rows: number[] = [];
  const nodes = Array.from(depth, (d) => {
    const column = rows[d] ?? 0;
    rows[d] = column + 1;
    return { x: NODE_WIDTH / 2 + column * (NODE_WIDTH + 24), y: NODE_HEIGHT / 2 + d * (NODE_HEIGHT + GAP) };
  });
  const columns = rows.reduce((most, n) => Math.max(most, n), 1);
  return {
    width: columns * (NODE_WIDTH + 24) - 24,
    height: rows.length * (NODE_HEIGHT + GAP) - GAP,
    nodes,
    edges: [],
  };
}
