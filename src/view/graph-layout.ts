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
  /** The node before it that all edges into it come from. */
  readonly source?: number | undefined;
}

/**
 * Layers from top to bottom. The graph is cut where all edges that lead on come from one node, and each part is laid out on
 * its own below that node: that looks the same and takes time in proportion to the number of nodes.
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
    for (const [edge, line] of part.edges)
      points[edge] = fromSource(line.map(shifted), places, (edges[edge] as readonly [number, number])[0], from);
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

/** A line that comes from a node above the part begins at that node. */
function fromSource(line: PlacedNode[], places: readonly PlacedNode[], source: number, from: number): PlacedNode[] {
  if (source >= from) return line;
  const { x, y } = places[source] as PlacedNode;
  return [{ x, y: y + NODE_HEIGHT / 2 }, ...line.slice(1)];
}

/** Runs of nodes such that all edges into each come from a single node before it. */
function partsOf(count: number, edges: GraphData['edges']): Part[] {
  const last = new Int32Array(count).fill(-1);
  for (const [a, b] of edges) last[a] = Math.max(last[a] as number, b);
  const ending: number[][] = Array.from({ length: count }, () => []);
  for (let a = 0; a < count; a++) if ((last[a] as number) > a) ending[last[a] as number]?.push(a);
  const parts: Part[] = [];
  const open = new Set<number>();
  let from = 0;
  let source: number | undefined;
  for (let i = 1; i < count; i++) {
    if ((last[i - 1] as number) >= i) open.add(i - 1);
    for (const a of ending[i - 1] ?? []) open.delete(a);
    if (open.size > 1) continue;
    parts.push({ from, to: i, source });
    from = i;
    [source] = open;
  }
  parts.push({ from, to: count, source });
  return joined(parts);
}

/** Small parts together, up to 60 nodes, so that few layouts are made. */
function joined(parts: readonly Part[]): Part[] {
  const out: Part[] = [];
  for (const part of parts) {
    const last = out.at(-1);
    if (last && part.to - last.from <= 60) out[out.length - 1] = { ...last, to: part.to };
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

function layoutPart({ from, to, source }: Part, edges: GraphData['edges']): PartLayout {
  const inside = [...edges.entries()].filter(([, [a, b]]) => (a >= from || a === source) && b >= from && b < to);
  if (to - from <= MOST_TOGETHER) return layoutLayers({ from, to, source }, inside);
  return layoutRows(
    from,
    to,
    inside.filter(([, [a]]) => a >= from),
  );
}

type NumberedEdge = readonly [number, readonly [number, number]];

function layoutLayers({ from, to, source }: Part, edges: readonly NumberedEdge[]): PartLayout {
  const graph = new dagre.graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: 'TB', nodesep: 24, ranksep: GAP, marginx: 0, marginy: 0 });
  for (let i = from; i < to; i++) graph.setNode(String(i), { width: NODE_WIDTH, height: NODE_HEIGHT });
  // A point in the place of the source leads its edges around the nodes.
  if (source !== undefined) graph.setNode(String(source), { width: 0, height: 0 });
  for (const [i, [a, b]] of edges) graph.setEdge(String(a), String(b), {}, String(i));
  dagre.layout(graph);
  const { width = NODE_WIDTH, height = NODE_HEIGHT } = graph.graph() as { width?: number; height?: number };
  const drawn = Array.from({ length: to - from }, (_, k) => graph.node(String(from + k)) as PlacedNode);
  const top = drawn.reduce((least, { y }) => Math.min(least, y - NODE_HEIGHT / 2), Infinity);
  const raised = ({ x, y }: PlacedNode): PlacedNode => ({ x, y: y - top });
  return {
    width,
    height: height - top,
    nodes: drawn.map(raised),
    edges: edges.map(([i, [a, b]]) => {
      const { points = [] } = graph.edge({ v: String(a), w: String(b), name: String(i) }) as { points?: PlacedNode[] };
      return [i, points.map(raised)] as const;
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
