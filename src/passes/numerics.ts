import { ModelError } from '../errors.js';
import type { Graph, Value } from '../ir/graph.js';
import { seededData } from '../ir/seeded.js';
import { elementCount, type Shape, type Tensor } from '../ir/tensor.js';
import { evaluateGraph } from '../ops/evaluate.js';

/** Outputs may move by this much, relative to the largest element of the output. */
const TOLERANCE = 1e-4;

const FLOAT_MAX = 3.4028234663852886e38;

/** Pseudo-random inputs for a graph that depend only on the names of its inputs; unknown sizes are 1 unless told. */
export function seededInputs(graph: Graph, sizes: (value: Value) => Shape | undefined = () => undefined): Tensor[] {
  return graph.inputs.map((value) => {
    const shape = sizes(value) ?? (value.shape ?? []).map((d) => (d < 0 ? 1 : d));
    return { dtype: value.dtype, shape, data: seededData(value.dtype, elementCount(shape), value.name) };
  });
}

/** The outputs of a graph for {@link seededInputs}; undefined when some operator has no reference kernel. */
export const seededOutputs = (graph: Graph): Tensor[] | undefined =>
  evaluated(() => evaluateGraph(graph, seededInputs(graph)));

/** What an evaluation gives; undefined when some operator has no reference kernel. */
export function evaluated(work: () => Tensor[]): Tensor[] | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof ModelError && error.code === 'unsupported') return undefined;
    throw error;
  }
}

/**
 * How the second list of tensors differs from the first, as a sentence; undefined when they are equal up to rounding.
 * Infinities equal the largest float32.
 */
export function describeMove(before: readonly Tensor[], after: readonly Tensor[]): string | undefined {
  for (const [i, a] of before.entries()) {
    const b = after[i];
    if (!b) return `output ${i} is gone`;
    if (a.dtype !== b.dtype || String(a.shape) !== String(b.shape))
      return `output ${i} was ${a.dtype} [${a.shape}], is ${b.dtype} [${b.shape}]`;
    const move = firstMove(a, b);
    if (move) return `output ${i}${move}`;
  }
  return undefined;
}

function firstMove(a: Tensor, b: Tensor): string | undefined {
  if (a.dtype === 'string') return undefined;
  const x = Array.from(a.data as ArrayLike<number | bigint>, finite);
  const y = Array.from(b.data as ArrayLike<number | bigint>, finite);
  const largest = x.reduce((m, v) => (Number.isNaN(v) ? m : Math.max(m, Math.abs(v))), 0);
  const differs = (v: number, w: number) => !Object.is(v, w) && !(Math.abs(v - w) <= TOLERANCE * largest + 1e-7);
  const moved = x.flatMap((v, i) => (differs(v, y[i] as number) ? [i] : []));
  const [at] = moved;
  if (at === undefined) return undefined;
  return `[${at}] was ${x[at]}, is ${y[at]} (${moved.length} of ${x.length} elements moved)`;
}

const finite = (v: number | bigint): number => Math.min(Math.max(Number(v), -FLOAT_MAX), FLOAT_MAX);
