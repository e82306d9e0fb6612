import type { GraphData, GraphNodeData } from '../report/graph-data.js';
import { escapeXml } from './escape-xml.js';
import { layoutGraph, NODE_HEIGHT, NODE_WIDTH, type PlacedNode } from './graph-layout.js';
import { kernelClass } from './kernel-class.js';

const LONGEST = 27;
const LONGEST_OP = 22;
const SQUEEZED = ` textLength="${NODE_WIDTH - 24}" lengthAdjust="spacingAndGlyphs"`;
/** The end of a name says more than its beginning. */
const short = (name: string): string => (name.length > LONGEST ? `…${name.slice(name.length - LONGEST + 1)}` : name);

/** A graph as an SVG element: a group with `data-node` for each node, which a script can make clickable. */
export function graphSvg(data: GraphData): string {
  const { width, height, nodes, edges } = layoutGraph(data);
  const margin = 12;
  const box = `${-margin} ${-margin} ${width + 2 * margin} ${height + 2 * margin}`;
  const lines = edges.map((points) => `<path d="${pathOf(points)}"/>`);
  const boxes = data.nodes.map((node, i) => nodeSvg(node, nodes[i] as PlacedNode, i === 0));
  return (
    `<svg class="graph" viewBox="${box}" width="${Math.round(width + 2 * margin)}" height="${Math.round(height + 2 * margin)}" role="group" aria-label="Graph of the model, ${data.nodes.length} nodes">` +
    `<g class="edges" fill="none">${lines.join('')}</g>${boxes.join('')}</svg>`
  );
}

function pathOf(points: readonly PlacedNode[]): string {
  const at = ({ x, y }: PlacedNode) => `${Math.round(x)} ${Math.round(y)}`;
  const [first, ...rest] = points;
  return first ? `M${at(first)}L${rest.map(at).join('L')}` : '';
}

/** One node can be reached by the tabulator; the others by arrows from there. */
function nodeSvg(node: GraphNodeData, { x, y }: PlacedNode, isFirst: boolean): string {
  const left = Math.round(x - NODE_WIDTH / 2);
  const top = Math.round(y - NODE_HEIGHT / 2);
  const label = `${node.op} ${node.name}${node.shape ? `, [${node.shape.join(', ')}]` : ''}`;
  return (
    `<g class="node ${kernelClass(node)}" data-node="${node.id}" tabindex="${isFirst ? 0 : -1}" role="button" transform="translate(${left} ${top})"><title>${escapeXml(label)}</title>` +
    `<rect width="${NODE_WIDTH}" height="${NODE_HEIGHT}" rx="8"/>` +
    `<text class="op" x="12" y="17"${node.op.length > LONGEST_OP ? SQUEEZED : ''}>${escapeXml(node.op)}</text>` +
    `<text class="name" x="12" y="31">${escapeXml(short(node.name))}</text></g>`
  );
}
