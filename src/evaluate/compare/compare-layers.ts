import { ModelError } from '../../errors.js';
import type { Graph, Value } from '../../ir/graph.js';
import type { Tensor } from '../../ir/tensor.js';
import type { RunnableModel } from '../../runtime/api.js';
import { numbersOf } from '../numbers.js';
import { activationsOf, inParts } from './activations.js';
import { HistogramSum } from './histogram.js';
import { isolatedModel, tensorLike } from './isolated-model.js';
import { matchValues } from './match-values.js';
import { ErrorSum } from './tensor-error.js';
import { openCopy, type Runner, TRACE, withOutputs } from './traced-model.js';
import type { LayerDifference } from './types.js';

/** Tensors by the names of a signature's inputs. */
export type NamedTensors = Readonly<Record<string, Tensor>>;

/** One side of a comparison. */
export interface Side {
  /** The `.tflite` file. */
  readonly bytes: Uint8Array;
  readonly signature: string | undefined;
}

export interface LayerRequest {
  readonly a: Side;
  readonly b: Side;
  /** The data of each sample, under the names that A and B have for it. */
  readonly samples: readonly { readonly a: NamedTensors; readonly b: NamedTensors }[];
  readonly run: Runner;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

export interface LayerComparison {
  readonly layers: readonly LayerDifference[];
  readonly unmatched: number;
  readonly notes: readonly string[];
}

/** Most bytes of traced tensors to hold at once, for each of the two models. */
const TRACE_BYTES = 192 << 20;

/** The same tensor in both models: its number in the list of each one's activations, and what was found of it. */
interface Pair {
  readonly a: number;
  readonly b: number;
  readonly value: Value;
  readonly nameA: string;
  readonly accumulated: ErrorSum;
  readonly isolated: ErrorSum;
  readonly histogram: HistogramSum;
}

/** Compares the tensors inside two models: when both run whole, and when each node of B gets the data of A. */
export async function compareLayers(request: LayerRequest): Promise<LayerComparison> {
  const valuesA = activationsOf(open(request.a).graph);
  const valuesB = activationsOf(open(request.b).graph);
  const matched = matchValues(valuesA, valuesB);
  const pairs = valuesB.flatMap((value, b): Pair[] => {
    const same = matched.get(value);
    if (!same) return [];
    const sums = { accumulated: new ErrorSum(), isolated: new ErrorSum(), histogram: new HistogramSum() };
    return [{ a: valuesA.indexOf(same), b, value, nameA: same.name, ...sums }];
  });
  const parts = inParts(
    pairs.map((p) => p.value),
    TRACE_BYTES,
  );
  const notes = new Set<string>();
  for (const [i, part] of parts.entries()) {
    request.onProgress?.(i, parts.length);
    const note = await comparePart(request, pairs, new Set(part));
    if (note) notes.add(note);
  }
  request.onProgress?.(parts.length, parts.length);
  return { layers: layersOf(pairs), unmatched: valuesB.length - pairs.length, notes: [...notes] };
}

const open = ({ bytes, signature }: Side) => openCopy(bytes, signature);

function layersOf(pairs: readonly Pair[]): LayerDifference[] {
  const noise = pairs.map(({ isolated }) => {
    const ratio = isolated.noiseToSignal;
    return Number.isFinite(ratio) ? ratio : 0;
  });
  const total = noise.reduce((sum, n) => sum + n, 0);
  return pairs.map(({ value, nameA, accumulated, isolated, histogram }, i) => {
    const own = isolated.result();
    return {
      name: value.name,
      nameA,
      op: value.producer?.op ?? '',
      shape: value.shape ?? [],
      dtype: value.dtype,
      accumulated: accumulated.result(),
      isolated: own.elements > 0 ? own : null,
      share: total > 0 ? (noise[i] as number) / total : 0,
      histogram: histogram.result(),
    };
  });
}

/** Compares the pairs of one part. Returns what could not be done. */
async function comparePart(
  request: LayerRequest,
  pairs: readonly Pair[],
  part: ReadonlySet<Value>,
): Promise<string | undefined> {
  const { a, b, run } = request;
  const here = pairs.filter((p) => part.has(p.value));
  // What the nodes of this part read may lie in another one.
  const read = new Set(here.flatMap((p) => p.value.producer?.inputs ?? []));
  const needed = pairs.filter((p) => part.has(p.value) || read.has(p.value));
  const copyA = open(a);
  const copyB = open(b);
  const modelA = await run(
    withOutputs(
      copyA,
      pick(
        copyA.graph,
        needed.map((p) => p.a),
      ),
    ),
  );
  const modelB = await run(
    withOutputs(
      copyB,
      pick(
        copyB.graph,
        here.map((p) => p.b),
      ),
    ),
  );
  const alone = await isolatedRun(request, needed, here);
  try {
    for (const sample of request.samples) {
      const clean = new Map(extrasOf(modelA, sample.a).map((t, i) => [needed[i] as Pair, t]));
      const whole = extrasOf(modelB, sample.b);
      const own = alone.model && extrasOf(alone.model, { ...sample.b, ...alone.inputs(clean) });
      for (const [i, pair] of here.entries()) {
        const expected = numbersOf(clean.get(pair) as Tensor);
        const numbers = numbersOf(whole[i] as Tensor);
        if (expected.length !== numbers.length) continue;
        pair.accumulated.add(expected, numbers);
        pair.histogram.add(expected, numbers);
        if (own) pair.isolated.add(expected, numbersOf(own[i] as Tensor));
      }
    }
  } finally {
    for (const model of [modelA, modelB, alone.model]) model?.dispose();
  }
  return alone.note;
}

/** Activations by their numbers. */
function pick(graph: Graph, numbers: readonly number[]): Value[] {
  const all = activationsOf(graph);
  return numbers.map((i) => all[i] as Value);
}

/** The outputs that were added to a model, from a fresh start. */
function extrasOf(model: RunnableModel, inputs: NamedTensors): Tensor[] {
  model.reset();
  return Object.entries(model.run(inputs)).flatMap(([name, tensor]) => (name.startsWith(TRACE) ? [tensor] : []));
}

interface IsolatedRun {
  readonly model?: RunnableModel;
  /** The inputs that stand for the data of A. */
  readonly inputs: (clean: ReadonlyMap<Pair, Tensor>) => NamedTensors;
  readonly note?: string;
}

/** B with its nodes apart; a model that only runs whole gives a note instead. */
async function isolatedRun(
  { b, run }: LayerRequest,
  needed: readonly Pair[],
  here: readonly Pair[],
): Promise<IsolatedRun> {
  const copy = open(b);
  const values = pick(
    copy.graph,
    needed.map((p) => p.b),
  );
  const pairOf = new Map(values.map((value, i) => [value, needed[i] as Pair]));
  const { model, inputs } = isolatedModel(
    copy,
    values,
    pick(
      copy.graph,
      here.map((p) => p.b),
    ),
  );
  const like = (value: Value, { shape, ...tensor }: Tensor) =>
    tensorLike(value, numbersOf({ shape, ...tensor }), shape);
  try {
    return {
      model: await run(model),
      inputs: (clean) =>
        Object.fromEntries(
          [...inputs].map(([name, value]) => [name, like(value, clean.get(pairOf.get(value) as Pair) as Tensor)]),
        ),
    };
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    return { inputs: () => ({}), note: `the nodes' own errors were not measured: ${error.message}` };
  }
}
