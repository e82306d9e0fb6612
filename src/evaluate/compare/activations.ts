import type { Graph, Node, Value } from '../../ir/graph.js';
import { type DType, elementCount } from '../../ir/tensor.js';

const FLOATS: ReadonlySet<DType> = new Set(['f32', 'f16', 'bf16', 'f64']);
const INTEGERS: ReadonlySet<DType> = new Set(['i8', 'u8', 'i16', 'i32', 'i4']);

/** Numbers that can be compared: floats, or integers that stand for some. */
export const isNumeric = ({ dtype, quantization }: Value): boolean =>
  FLOATS.has(dtype) || (INTEGERS.has(dtype) && (quantization?.scale.length ?? 0) > 0);

/** Whether the value depends on the data: what constants alone decide, such as dequantized weights, does not. */
export function dependsOnData(graph: Graph): (value: Value) => boolean {
  const depends = new Set<Value>(graph.inputs);
  for (const node of graph.nodes())
    if (node.inputs.some((v) => v && (depends.has(v) || v.isVariable)) || isSource(node))
      for (const output of node.outputs) depends.add(output);
  return (value) => depends.has(value);
}

const isSource = ({ op }: Node): boolean => /RANDOM|VAR_HANDLE|READ_VARIABLE/.test(op);

/** The tensors between the nodes of a graph that hold numbers made of the data, in order. */
export function activationsOf(graph: Graph): Value[] {
  const depends = dependsOnData(graph);
  return [...graph.nodes()].flatMap((n) => n.outputs).filter((v) => isNumeric(v) && depends(v));
}

/** Values in parts of at most `bytes` of float32 numbers, unknown sizes counting as 1. */
export function inParts(values: readonly Value[], bytes: number): Value[][] {
  const parts: Value[][] = [];
  let room = 0;
  for (const value of values) {
    const size = 4 * elementCount((value.shape ?? []).map((d) => Math.max(d, 1)));
    if (parts.length === 0 || size > room) {
      parts.push([]);
      room = bytes;
    }
    parts.at(-1)?.push(value);
    room -= size;
  }
  return parts;
}
