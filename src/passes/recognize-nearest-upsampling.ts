import { Constant } from '../ir/constant.js';
import { type Graph, type Node, Value } from '../ir/graph.js';
import type { Shape } from '../ir/tensor.js';
import { definePass, type Pass } from './define.js';
import { integersOf, isPlainFloat, sameShape } from './match.js';
import { rewrite } from './replace.js';
import { removeUnused } from './rules.js';

/**
 * Replaces an image whose rows and columns are both repeated by RESIZE_NEAREST_NEIGHBOR, where the operator's arithmetic
 * picks the same elements. Each repetition is a TILE of an axis of size 1 behind the rows, `[N, H, 1, W, C]`, or behind
 * the columns, `[N, H, W, 1, C]`, between reshapes; the batch may be unknown.
 */
export function recognizeNearestUpsampling(): Pass {
  return definePass('recognize-nearest-upsampling', (graph) => {
    let changes = 0;
    for (const node of graph.nodes()) if (node.op === 'RESHAPE' && upsample(graph, node)) changes++;
    return changes;
  });
}

function upsample(graph: Graph, node: Node): boolean {
  const second = tileAt(graph, node.inputs[0]);
  const first = second && tileAt(graph, second.source);
  const [batch = 0, height = 0, width = 0, channels = 0] = node.output.shape ?? [];
  if (!first || !second || first.axis === second.axis || node.output.shape?.length !== 4) return false;
  if (height < 0 || width < 0 || channels < 0 || !isPlainFloat(node.output)) return false;
  const times = {
    rows: first.axis === 2 ? first.times : second.times,
    columns: first.axis === 3 ? first.times : second.times,
  };
  const rows = height / times.rows;
  const columns = width / times.columns;
  const shapes: readonly [Shape | undefined, Shape][] = [
    [first.source.shape, [batch, rows, columns, channels]],
    [first.wide, first.axis === 2 ? [batch, rows, 1, columns, channels] : [batch, rows, columns, 1, channels]],
    [second.wide, first.axis === 2 ? [batch, height, columns, 1, channels] : [batch, rows, 1, width, channels]],
  ];
  if (!shapes.every(([shape, wanted]) => sameShape(shape, wanted))) return false;
  if (!picksSame(rows, times.rows) || !picksSame(columns, times.columns)) return false;
  const tile = node.inputs[0]?.producer;
  const size = Value.constant(`${node.output.name}/size`, Constant.i32([height, width]));
  if (!rewrite(graph, node, { op: 'RESIZE_NEAREST_NEIGHBOR', inputs: [first.source, size] })) return false;
  removeUnused(graph, [tile]);
  return true;
}

interface Tile {
  /** What is tiled, before the reshapes that make room for the copies. */
  readonly source: Value;
  /** The shape that is tiled. */
  readonly wide: Shape | undefined;
  readonly axis: number;
  readonly times: number;
}

/** The TILE, of one axis only, whose result the value is but for reshapes, when nothing else reads what is between. */
function tileAt(graph: Graph, value: Value | undefined): Tile | undefined {
  const tiled = value && behindReshapes(graph, value, true);
  const tile = tiled?.producer;
  const [wide, counts] = tile?.op === 'TILE' ? tile.inputs : [];
  const times = integersOf(counts);
  if (!tiled || !wide || !times || !graph.hasOneUse(tiled)) return undefined;
  const axis = times.findIndex((t) => t !== 1);
  if (axis < 0 || times.some((t, i) => t !== 1 && i !== axis)) return undefined;
  const source = behindReshapes(graph, wide, false);
  return source && { source, wide: wide.shape, axis, times: times[axis] as number };
}

/** The value that reshapes turn into this one: the first, or (`all` of them) as far back as they go. */
function behindReshapes(graph: Graph, value: Value, all: boolean): Value | undefined {
  const isReshape = (v: Value) => RESHAPES.has(v.producer?.op ?? '') && graph.hasOneUse(v);
  if (!all) return isReshape(value) ? value.producer?.inputs[0] : undefined;
  let at: Value | undefined = value;
  while (at && isReshape(at)) at = at.producer?.inputs[0];
  return at;
}

const RESHAPES: ReadonlySet<string> = new Set(['RESHAPE', 'EXPAND_DIMS', 'SQUEEZE']);

/** True when the operator's index, `floor(i * f32(1 / times))` in f32, is `floor(i / times)` for every element. */
function picksSame(size: number, times: number): boolean {
  const scale = Math.fround(size / (size * times));
  for (let i = 0; i < size * times; i++) if (Math.floor(Math.fround(i * scale)) !== Math.floor(i / times)) return false;
  return true;
}
