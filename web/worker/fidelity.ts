import { randomInputs } from '../../src/data/random-tensor.js';
import { OutputSum } from '../../src/evaluate/compare/compare-outputs.js';
import { openCopy, TRACE, withOutputs } from '../../src/evaluate/compare/traced-model.js';
import type { OutputDifference } from '../../src/evaluate/compare/types.js';
import type { Graph, Value } from '../../src/ir/graph.js';
import type { Tensor } from '../../src/ir/tensor.js';
import { runnable } from '../../src/load.js';
import type { SignatureFacts } from '../../src/runtime/api.js';
import type { Optimized } from '../protocol.js';
import { toFailure } from './failure.js';
import { type Loaded, outputsOf, ready } from './loaded-model.js';

type Tensors = Readonly<Record<string, Tensor>>;

/** What the model in float makes of random data: what its quantized forms are compared with. */
export type FloatRun =
  | { readonly signature: SignatureFacts; readonly inputs: Tensors; readonly outputs: Tensors }
  | { readonly failure: string };

/** Runs the model in float, once. A model that does not run here can still be converted. */
export async function runFloat(file: Blob): Promise<FloatRun> {
  try {
    return await withProbe(file, (loaded) => {
      const inputs = randomInputs(loaded.signature.inputs, 1);
      const outputs = loaded.signature.outputs.filter(({ name }) => !name.startsWith(TRACE));
      return { signature: { ...loaded.signature, outputs }, inputs, outputs: probed(loaded, inputs) };
    });
  } catch (error) {
    return { failure: toFailure(error).message };
  }
}

/** What a comparison says of a quantized form. */
type Fidelity = Pick<Optimized, 'outputs' | 'isBeforeSoftmax' | 'unmeasured'>;
const NOTHING = { outputs: [], isBeforeSoftmax: false } as const;

/** How far the outputs of a quantized form are off, on the same data. */
export async function fidelity(float: FloatRun, file: Blob): Promise<Fidelity> {
  if ('failure' in float) return { ...NOTHING, unmeasured: float.failure };
  try {
    const outputs = await withProbe(file, (loaded) => differences(float.outputs, probed(loaded, float.inputs)));
    return { outputs, isBeforeSoftmax: outputs.some(({ name }) => name.startsWith(TRACE)), unmeasured: undefined };
  } catch (error) {
    return { ...NOTHING, unmeasured: toFailure(error).message };
  }
}

/** Operators that squeeze all numbers into 0..1, where errors of large numbers do not show any more. */
const SQUEEZING: readonly string[] = ['SOFTMAX', 'LOGISTIC', 'LOG_SOFTMAX'];

/** What stands for an output in a comparison: what goes into the operator that squeezes it, if there is one. */
function telling(graph: Graph, output: Value): Value | undefined {
  const { producer } = output;
  const input = producer?.inputs[0];
  if (!producer || !SQUEEZING.includes(producer.op) || !input || input.constant) return undefined;
  return graph.isOutput(input) || graph.inputs.includes(input) ? undefined : input;
}

/** The model of a file, giving what goes into the softmax or sigmoid behind its outputs too. */
async function withProbe<T>(file: Blob, use: (loaded: Loaded) => T): Promise<T> {
  const copy = openCopy(new Uint8Array(await file.arrayBuffer()), undefined);
  const wanted = copy.graph.outputs.flatMap((output) => telling(copy.graph, output) ?? []);
  const loaded = ready(await runnable(withOutputs(copy, wanted)));
  try {
    return use(loaded);
  } finally {
    loaded.model.dispose();
  }
}

/** The outputs of one run; what goes into a softmax instead, where every output has one. */
function probed(loaded: Loaded, inputs: Tensors): Tensors {
  const outputs = Object.entries(outputsOf(loaded, inputs));
  const traced = outputs.filter(([name]) => name.startsWith(TRACE));
  return Object.fromEntries(traced.length * 2 === outputs.length ? traced : outputs);
}

/** How the outputs of the same inputs differ; texts are left out. */
const differences = (float: Tensors, quantized: Tensors): OutputDifference[] =>
  Object.entries(float).flatMap(([name, tensor]) => {
    const other = quantized[name];
    if (!other || tensor.dtype === 'string') return [];
    const sum = new OutputSum(0);
    sum.add(tensor, other);
    return sum.result(name) ?? [];
  });
