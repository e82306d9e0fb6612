import { Constant } from '../ir/constant.js';
import { type Graph, type Node, Value } from '../ir/graph.js';
import type { Shape } from '../ir/tensor.js';
import { emit } from '../ops/build.js';
import { definePass, type Pass } from './define.js';
import { integersOf, sameShape } from './match.js';
import { rewrite } from './replace.js';
import { removeUnused } from './rules.js';

/**
 * Replaces an EQUAL of integers `[…, 1]` with the constants `0, 1, … N - 1` by ONE_HOT, and so a CAST to float32 or int32
 * that alone reads it.
 */
export function recognizeOneHot(): Pass {
  return definePass('recognize-one-hot', (graph) => {
    let changes = 0;
    for (const node of graph.nodes()) if (node.op === 'EQUAL' && mark(graph, node)) changes++;
    return changes;
  });
}

function mark(graph: Graph, node: Node): boolean {
  const [left, right] = node.inputs;
  const [value, classes] = right?.constant ? [left, right] : [right, left];
  const count = classCount(classes);
  if (!value || value.constant || !count || (value.dtype !== 'i32' && value.dtype !== 'i64')) return false;
  const batch = value.shape?.slice(0, -1);
  if (!batch || value.shape?.at(-1) !== 1 || (classes?.shape?.length ?? 0) > batch.length + 1) return false;
  if (batch.filter((d) => d < 0).length > 1 && !narrowSource(value, batch)) return false;
  const reader = graph.hasOneUse(node.output) ? node.output.uses[0]?.node : undefined;
  const cast = reader?.op === 'CAST' && /^[fi]32$/.test(reader.output.dtype) ? reader : undefined;
  const target = cast ?? node;
  const { name } = target.output;
  const indices = narrowSource(value, batch) ?? narrowed(graph, target, value, batch);
  const depth = Value.constant(`${name}/depth`, Constant.i32(count));
  const marks = [1, 0].map((mark) => Value.constant(`${name}/${mark ? 'on' : 'off'}`, scalar(target.output, mark)));
  if (!rewrite(graph, target, { op: 'ONE_HOT', inputs: [indices, depth, ...marks], options: { axis: -1 } }))
    return false;
  removeUnused(graph, [cast && node]);
  return true;
}

/** `N` when the constant is `[0, 1, … N - 1]` along its last axis and has no other axis. */
function classCount(value: Value | undefined): number | undefined {
  if (!value?.constant || value.constant.count < 2 || value.shape?.at(-1) !== value.constant.count) return undefined;
  const classes = integersOf(value);
  return classes?.every((c, i) => c === i) ? classes.length : undefined;
}

/** The value without its last axis of size 1, where a reshape has just added it. */
function narrowSource(value: Value, batch: Shape): Value | undefined {
  const widen = value.producer;
  const source = widen?.op === 'EXPAND_DIMS' || widen?.op === 'RESHAPE' ? widen.inputs[0] : undefined;
  return source && sameShape(source.shape, batch) ? source : undefined;
}

function narrowed(graph: Graph, before: Node, value: Value, batch: Shape): Value {
  const shape = Value.constant(`${value.name}/shape`, Constant.i32(batch));
  return emit(graph, before, { op: 'RESHAPE', name: `${value.name}/narrow`, inputs: [value, shape] })[0] as Value;
}

function scalar(like: Value, mark: number): Constant {
  if (like.dtype === 'bool') return Constant.of('bool', [], Uint8Array.of(mark));
  return like.dtype === 'f32' ? Constant.f32(mark) : Constant.i32(mark);
}
