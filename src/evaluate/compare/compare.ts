import { bytesSource } from '../../bytes/source.js';
import { withGivenShapes } from '../../data/given-shapes.js';
import { randomInputs } from '../../data/random-tensor.js';
import { ModelError } from '../../errors.js';
import { byteAccount, readTflite } from '../../formats/tflite/index.js';
import type { Model } from '../../ir/graph.js';
import { bitsOf, elementCount, isStatic, type Shape, type Tensor } from '../../ir/tensor.js';
import { constantsOf } from '../../quantize/plan.js';
import type { RunnableModel, SignatureFacts, TensorFacts } from '../../runtime/api.js';
import { pickSignature } from '../pick-signature.js';
import { REPRODUCIBLE } from '../reproducible.js';
import { compareConstants } from './compare-constants.js';
import { compareLayers, type LayerComparison, type NamedTensors, type Side } from './compare-layers.js';
import { OutputSum } from './compare-outputs.js';
import type { Runner } from './traced-model.js';
import type { Comparison, ModelFacts } from './types.js';

/** A model of a comparison. */
export interface ComparedModel {
  readonly name: string;
  /** The `.tflite` file. */
  readonly bytes: Uint8Array;
}

export interface CompareOptions {
  /** Key of the signature; the first one of A when absent. */
  readonly signature?: string | undefined;
  /** Data by the names of A's inputs, one entry for each sample; random data from `seed` when absent. */
  readonly inputs?: readonly NamedTensors[] | undefined;
  /** Sizes of A's inputs that it leaves open, by name, for random data; 1 when absent. */
  readonly inputShapes?: Readonly<Record<string, Shape>> | undefined;
  /** What the data is called in the result. */
  readonly data?: string;
  /** Random samples (default 4). */
  readonly samples?: number | undefined;
  /** Default 1. */
  readonly seed?: number | undefined;
  /** Compare the tensors inside, too (default true). */
  readonly layers?: boolean | undefined;
  /** Most elements of each output to keep as an example (default 1000). */
  readonly sampleElements?: number | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/**
 * Compares two models on the same data: outputs, the tensors inside, constants, operators.
 * @throws {ModelError} `invalid-data` for models whose inputs or outputs do not fit one another; what the runtime throws.
 */
export async function compareModels(
  a: ComparedModel,
  b: ComparedModel,
  runner: Runner,
  options: CompareOptions = {},
): Promise<Comparison> {
  const run: Runner = (model, more) => runner(model, { ...REPRODUCIBLE, ...more });
  const [modelA, modelB] = [a, b].map(({ bytes }) => readTflite(bytesSource(bytes))) as [Model, Model];
  const runA = await run(modelA);
  const runB = await run(modelB);
  const signatureA = pickSignature(runA.signatures, options.signature, a.name);
  const signatureB =
    runB.signatures.find((s) => s.key === signatureA.key) ?? pickSignature(runB.signatures, undefined, b.name);
  const { samples: count = 4, seed = 1 } = options;
  // The first sample is what `run --seed` and `benchmark --seed` take.
  const wanted = withGivenShapes(signatureA.inputs, options.inputShapes);
  const inputs = options.inputs ?? Array.from({ length: count }, (_, sample) => randomInputs(wanted, seed, sample));
  const rename = inputNames(signatureA, signatureB);
  const samples = inputs.map((tensors) => ({
    a: tensors,
    b: Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [rename.get(name) ?? name, tensor])),
  }));
  const outputs = compareOutputs([runA, signatureA], [runB, signatureB], samples, options.sampleElements ?? 1000);
  runA.dispose();
  runB.dispose();
  const side = ({ bytes }: ComparedModel, { key }: SignatureFacts, { signatures }: Model): Side => ({
    bytes,
    signature: signatures.length > 0 ? key : undefined,
  });
  const inner: LayerComparison =
    options.layers === false
      ? { layers: [], unmatched: 0, notes: [] }
      : await compareLayers({
          a: side(a, signatureA, modelA),
          b: side(b, signatureB, modelB),
          samples,
          run,
          onProgress: options.onProgress,
        });
  const facts = [factsOf(a, modelA), factsOf(b, modelB)] as const;
  return {
    a: facts[0],
    b: facts[1],
    signature: signatureA.key,
    data: options.data ?? `random, seed ${seed}`,
    samples: samples.length,
    outputs,
    layers: inner.layers,
    unmatched: inner.unmatched,
    constants: compareConstants(modelA, modelB),
    graph: operatorDifferences(facts[0].operators, facts[1].operators),
    notes: [
      ...inner.notes,
      ...(modelB.graphs.length > 1 ? ['tensors inside loops and branches were not compared'] : []),
    ],
  };
}

/** Name of A's input -> that of B's: the same one, or the one in the same place when no name is the same. */
function inputNames(a: SignatureFacts, b: SignatureFacts): Map<string, string> {
  const sameNames = a.inputs.every(({ name }) => b.inputs.some((i) => i.name === name));
  const pairs = a.inputs.map((input, i) => {
    const other = sameNames ? b.inputs.find((o) => o.name === input.name) : b.inputs[i];
    return { input, other };
  });
  for (const { input, other } of pairs)
    if (a.inputs.length !== b.inputs.length || !other || other.dtype !== input.dtype || !fits(input.shape, other.shape))
      throw new ModelError(
        'invalid-data',
        `the inputs of the two models do not fit: ${describe(a)} and ${describe(b)}. ` +
          'Compare models that take the same data.',
      );
  return new Map(pairs.map(({ input, other }) => [input.name, (other as TensorFacts).name]));
}

const fits = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((d, i) => d === b[i] || d < 0 || (b[i] as number) < 0);

const describe = ({ inputs }: SignatureFacts): string =>
  inputs.map(({ name, dtype, shape }) => `'${name}' ${dtype} [${shape.map((d) => (d < 0 ? '?' : d))}]`).join(', ') ||
  'none';

function compareOutputs(
  [runA, a]: readonly [RunnableModel, SignatureFacts],
  [runB, b]: readonly [RunnableModel, SignatureFacts],
  samples: readonly { readonly a: NamedTensors; readonly b: NamedTensors }[],
  limit: number,
) {
  const sameNames = a.outputs.some(({ name }) => b.outputs.some((o) => o.name === name));
  const pairs = a.outputs.flatMap(({ name, dtype }, i) => {
    const other = sameNames ? b.outputs.find((o) => o.name === name) : b.outputs[i];
    return other && dtype !== 'string' ? [{ name, other: other.name, sum: new OutputSum(limit) }] : [];
  });
  if (pairs.length === 0) throw new ModelError('invalid-data', 'the two models have no output in common.');
  for (const sample of samples) {
    for (const model of [runA, runB]) model.reset();
    const results = [runA.run(sample.a, { signature: a.key }), runB.run(sample.b, { signature: b.key })] as const;
    for (const { name, other, sum } of pairs) sum.add(results[0][name] as Tensor, results[1][other] as Tensor);
  }
  return pairs.flatMap(({ name, sum }) => sum.result(name) ?? []);
}

function factsOf({ name, bytes }: ComparedModel, { graphs }: Model): ModelFacts {
  const nodes = graphs.flatMap((g) => [...g.nodes()]);
  const count = (keys: readonly (readonly [string, number])[]) => {
    const sums: Record<string, number> = {};
    for (const [key, n] of keys) sums[key] = (sums[key] ?? 0) + n;
    return Object.fromEntries(Object.entries(sums).sort(([x], [y]) => (x < y ? -1 : 1)));
  };
  const weights = graphs.flatMap(constantsOf).map(({ dtype, constant }) => {
    const shape = constant?.shape ?? [];
    return [dtype, isStatic(shape) ? Math.ceil((elementCount(shape) * bitsOf(dtype)) / 8) : 0] as const;
  });
  return {
    name,
    bytes: bytes.byteLength,
    nodes: nodes.length,
    operators: count(nodes.map((n) => [n.customCode ?? n.op, 1])),
    weightBytes: count(weights),
    account: byteAccount(bytesSource(bytes)),
  };
}

function operatorDifferences(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>) {
  const ops = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
  return ops.map((op) => ({ op, a: a[op] ?? 0, b: b[op] ?? 0 })).filter((row) => row.a !== row.b);
}
