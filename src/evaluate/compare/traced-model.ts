import { bytesSource } from '../../bytes/source.js';
import { ModelError } from '../../errors.js';
import { readTflite } from '../../formats/tflite/index.js';
import type { Graph, Model, Signature, Value } from '../../ir/graph.js';
import type { Tensor } from '../../ir/tensor.js';
import { floats } from '../../ops/floats.js';
import type { LoadOptions, RunnableModel } from '../../runtime/api.js';

/** Outputs that were added to a model are called this and their number. */
export const TRACE = 'trace#';

/** Compiles a model for running; Node and pages have their own. */
export type Runner = (model: Model, options?: LoadOptions) => RunnableModel | Promise<RunnableModel>;

/** The model of a file that may be changed at will: constants stay views of the bytes. */
export interface OpenCopy {
  readonly model: Model;
  readonly graph: Graph;
  readonly signature: Signature;
}

/** Reads the bytes anew. @throws {ModelError} `not-found` for a signature that is not there. */
export function openCopy(bytes: Uint8Array, key: string | undefined): OpenCopy {
  const model = readTflite(bytesSource(bytes));
  const signature = signatureOf(model, key);
  return { model, graph: model.graphs[signature.graph] as Graph, signature };
}

function signatureOf(model: Model, key: string | undefined): Signature {
  if (model.signatures.length === 0 && key === undefined) return plainSignature(model.graphs[0] as Graph);
  const found = key === undefined ? model.signatures[0] : model.signatures.find((s) => s.key === key);
  if (found) return found;
  const keys = model.signatures.map((s) => `'${s.key}'`).join(', ') || 'none';
  throw new ModelError('not-found', `signature '${key}' expected, the model has ${keys}.`);
}

/** Inputs and outputs under the names of their tensors. */
function plainSignature(graph: Graph): Signature {
  const named = (values: readonly Value[]) => values.map(({ name }, index) => ({ name, index }));
  return { key: 'main', graph: 0, inputs: named(graph.inputs), outputs: named(graph.outputs) };
}

/**
 * A model that gives the values of `wanted` too, under names that begin with {@link TRACE}: what leaves a graph is neither computed
 * along with something else nor overwritten.
 */
export function withOutputs({ model, graph, signature }: OpenCopy, wanted: readonly Value[]): Model {
  const first = graph.outputs.length;
  graph.outputs.push(...wanted);
  const outputs = [...signature.outputs, ...wanted.map((_, i) => ({ name: `${TRACE}${i}`, index: first + i }))];
  return { ...model, signatures: [{ ...signature, outputs }] };
}

/** The numbers that a tensor stands for. */
export const numbersOf = (tensor: Tensor): Float32Array =>
  tensor.quantization?.scale.length || isFloat(tensor)
    ? floats(tensor)
    : Float32Array.from(tensor.data as ArrayLike<number>, Number);

const isFloat = ({ dtype }: Tensor): boolean =>
  dtype === 'f32' || dtype === 'f16' || dtype === 'bf16' || dtype === 'f64';
