import { Constant } from '../ir/constant.js';
import { type Graph, type Node, Value } from '../ir/graph.js';
import type { Shape } from '../ir/tensor.js';
import { definePass, type Pass } from './define.js';
import { integersOf, isPlainFloat } from './match.js';
import { rewrite } from './replace.js';
import { removeUnused } from './rules.js';

/** Every element of an axis repeated: an axis of size 1 added behind it, tiled, and merged with it. */
interface Repeat {
  readonly source: Value;
  readonly axis: number;
  readonly times: number;
}

/**
 * Replaces an image whose rows and columns are both repeated (each by EXPAND_DIMS or RESHAPE, TILE, RESHAPE) by
 * RESIZE_NEAREST_NEIGHBOR, where the operator's arithmetic picks the same elements.
 */
export function recognizeNearestUpsampling(): Pass {
  return definePass('recognize-nearest-upsampling', (graph) => {
    let changes = 0;
    for (const node of [...graph.nodes()].reverse()) if (node.alive && upsample(graph, node)) changes++;
    return changes;
  });
}

function upsample(graph: Graph, node: Node): boolean {
  const outer = repeatAt(graph, node);
  const inner = outer && graph.hasOneUse(outer.source) ? repeatAt(graph, outer.source.producer) : undefined;
  if (!outer || !inner || outer.axis + inner.axis !== 3) return false;
  const shape = inner.source.shape as Shape;
  const times = [1, 2].map((axis) => (outer.axis === axis ? outer.times : inner.times));
  if (!times.every((t, i) => picksSame(shape[i + 1] as number, t))) return false;
  const sizes = times.map((t, i) => t * (shape[i + 1] as number));
  const tile = node.inputs[0]?.producer;
  const size = Value.constant(`${node.output.name}/size`, Constant.i32(sizes));
  if (!rewrite(graph, node, { op: 'RESIZE_NEAREST_NEIGHBOR', inputs: [inner.source, size] })) return false;
  removeUnused(graph, [tile]);
  return true;
}

/** The repetition that ends in the node, a RESHAPE, on axis 1 or 2 of `[N, H, W, C]` with known H, W and C. */
function repeatAt(graph: Graph, node: Node | undefined): Repeat | undefined {
  const tiled = node?.op === 'RESHAPE' ? node.inputs[0] : undefined;
  const tile = tiled?.producer;
  const widened = tile?.op === 'TILE' ? tile.inputs[0] : undefined;
  const widen = widened?.producer;
  const source = widen?.op === 'EXPAND_DIMS' || widen?.op === 'RESHAPE' ? widen.inputs[0] : undefined;
  if (!node || !tile || !widened || !source || !isPlainFloat(node.output)) return undefined;
  if (!graph.hasOneUse(tiled as Value) || !graph.hasOneUse(widened)) return undefined;
  const times = integersOf(tile.inputs[1]);
  const shape = source.shape;
  if (!times || shape?.length !== 4 || shape.slice(1).some((d) => d < 0)) return undefined;
  const added = times.findIndex((t) => t !== 1);
  const axis = added - 1;
  if ((axis !== 1 && axis !== 2) || times.some((t, i) => t !== 1 && i !== added)) return undefined;
  const count = times[added] as number;
  const wide = [...shape.slice(0, added), 1, ...shape.slice(added)];
  const merged = shape.map((d, i) => (i === axis ? d * count : d));
  if (String(widened.shape) !== String(wide) || String(node.output.shape) !== String(merged)) return undefined;
  return { source, axis, times: count };
}

/** True when the operator's index, `floor(i * f32(1 / times))` in f32, is `floor(i / times)` for every element. */
function picksSame(size: number, times: number): boolean {
  const scale = Math.fround(size / (size * times));
  for (let i = 0; i < size * times; i++) if (Math.floor(Math.fround(i * scale)) !== Math.floor(i / times)) return false;
  return true;
}
