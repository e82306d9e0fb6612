import { bytesSource } from '../../bytes/source.js';
import { readTflite } from '../../formats/tflite/index.js';
import type { Graph, Model, Signature, Value } from '../../ir/graph.js';
import type { LoadOptions, RunnableModel } from '../../runtime/api.js';
import { pickSignature } from '../pick-signature.js';

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
  const isPlain = model.signatures.length === 0 && key === undefined;
  const signature = isPlain ? plainSignature(model.graphs[0] as Graph) : pickSignature(model.signatures, key);
  return { model, graph: model.graphs[signature.graph] as Graph, signature };
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
