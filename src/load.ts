/** STAND-IN: runs models with the reference kernels until the runtime's own `load` takes the place of this file. */
import { type ByteSource, bytesSource } from './bytes/source.js';
import { ModelError } from './errors.js';
import { readModel } from './formats/index.js';
import type { Graph, Model, Signature, Value } from './ir/graph.js';
import type { Shape, Tensor, TensorData } from './ir/tensor.js';
import { evaluateGraph } from './ops/evaluate.js';
import type { Inputs, InputTensor, LoadOptions, RunnableModel, TensorFacts } from './runtime/api.js';

const facts = (name: string, value: Value): TensorFacts => ({
  name,
  dtype: value.dtype,
  shape: value.shape ?? [],
  ...(value.quantization && { quantization: value.quantization }),
});

function signaturesOf(model: Model): readonly Signature[] {
  const [main] = model.graphs;
  if (model.signatures.length > 0 || !main) return model.signatures;
  const ports = (values: readonly Value[]) => values.map(({ name }, index) => ({ name, index }));
  return [{ key: 'main', graph: 0, inputs: ports(main.inputs), outputs: ports(main.outputs) }];
}

export async function load(
  source: string | URL | Uint8Array | ByteSource,
  options: LoadOptions = {},
): Promise<RunnableModel> {
  if (typeof source === 'string' || source instanceof URL) throw new Error('the stand-in takes bytes');
  const model = readModel(source instanceof Uint8Array ? bytesSource(source) : source);
  const signatures = signaturesOf(model);
  let shapes: Readonly<Record<string, Shape>> = options.inputShapes ?? {};
  const pick = (key?: string): { signature: Signature; graph: Graph } => {
    const signature = key === undefined ? signatures[0] : signatures.find((s) => s.key === key);
    if (!signature) throw new ModelError('not-found', `no signature '${key}'`);
    return { signature, graph: model.graphs[signature.graph] as Graph };
  };
  const run = (inputs: Inputs, key?: string): Record<string, Tensor> => {
    const { signature, graph } = pick(key);
    const tensors: Tensor[] = [];
    for (const [i, { name, index }] of signature.inputs.entries()) {
      const given: InputTensor | undefined = Array.isArray(inputs)
        ? inputs[i]
        : (inputs as Readonly<Record<string, InputTensor>>)[name];
      const { dtype, shape = [] } = graph.inputs[index] as Value;
      const plain = given && !('data' in given) ? { data: given as TensorData } : (given as { data: TensorData });
      const own = plain && 'shape' in plain ? (plain.shape as Shape) : (shapes[name] ?? shape);
      tensors[index] = { dtype, shape: own, data: plain.data };
    }
    const outputs = evaluateGraph(graph, tensors);
    return Object.fromEntries(signature.outputs.map(({ name, index }) => [name, outputs[index] as Tensor]));
  };
  return {
    get signatures() {
      return signatures.map(({ key, graph, inputs, outputs }) => ({
        key,
        inputs: inputs.map(({ name, index }) => {
          const own = facts(name, model.graphs[graph]?.inputs[index] as Value);
          return { ...own, shape: shapes[name] ?? own.shape };
        }),
        outputs: outputs.map(({ name, index }) => facts(name, model.graphs[graph]?.outputs[index] as Value)),
      }));
    },
    run: (inputs, { signature } = {}) => run(inputs, signature),
    resize(next) {
      shapes = { ...shapes, ...next };
    },
    reset: () => undefined,
    profile(inputs, { signature } = {}) {
      const start = performance.now();
      run(inputs, signature);
      const nodes = [...pick(signature).graph.nodes()];
      const ms = (performance.now() - start) / nodes.length;
      return nodes.map(({ op, name }) => ({ op, name, kernel: 'reference', ms, macs: 0, bytes: 0 }));
    },
    dispose: () => undefined,
  };
}
