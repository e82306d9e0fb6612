import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ModelError } from '../../errors.js';
import { findPackage } from './find-package.js';
import type { Peer, PeerRequest } from './peer.js';
import { randomFeed } from './random-feed.js';

/** The part of `@tensorflow/tfjs` that is used. */
interface TfTensor {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly (number | null)[] | null;
  data(): Promise<unknown>;
  dispose(): void;
}
type Results = TfTensor | TfTensor[] | Record<string, TfTensor>;
interface TfModel {
  readonly inputs: readonly TfTensor[];
  predict(inputs: TfTensor | readonly TfTensor[]): Results;
  /** Of graph models: also for loops, branches and results of unknown size. */
  executeAsync?(inputs: TfTensor | readonly TfTensor[]): Promise<Results>;
  dispose(): void;
}
interface Tf {
  readonly version: { readonly tfjs?: string };
  setBackend(name: string): Promise<boolean>;
  ready(): Promise<void>;
  tensor(data: unknown, shape: readonly number[], dtype: string): TfTensor;
  loadGraphModel(handler: object): Promise<TfModel>;
  loadLayersModel(handler: object): Promise<TfModel>;
}
interface WasmBackend {
  setWasmPaths(folder: string): void;
  setThreadsCount(n: number): void;
}

/** Operations that TensorFlow.js does not compute at once. */
const LATER = /"op":"((Stateless)?(While|If)|Switch|Merge|Enter|Exit|NextIteration|NonMaxSuppressionV\d|Where|Unique)"/;

/** TensorFlow.js with its WebAssembly backend: npm `@tensorflow/tfjs` and `@tensorflow/tfjs-backend-wasm`. */
export async function tfjsPeer({ modelFile, inputs, threads, seed }: PeerRequest): Promise<Peer> {
  if (!modelFile) throw new ModelError('invalid-option', 'a model.json expected. Give --peer-model FOLDER/model.json.');
  const tf = findPackage('@tensorflow/tfjs').load() as Tf;
  const backend = findPackage('@tensorflow/tfjs-backend-wasm');
  const wasm = backend.load() as WasmBackend;
  wasm.setWasmPaths(`${dirname(backend.resolve('@tensorflow/tfjs-backend-wasm'))}/`);
  wasm.setThreadsCount(threads);
  await tf.setBackend('wasm');
  await tf.ready();
  const json = JSON.parse(readFileSync(modelFile, 'utf8'));
  const isGraph = json.format === 'graph-model' || json.modelTopology?.node !== undefined;
  const start = performance.now();
  const handler = fileHandler(modelFile, json);
  const model = await (isGraph ? tf.loadGraphModel(handler) : tf.loadLayersModel(handler));
  const loadMs = performance.now() - start;
  const used = new Set<(typeof inputs)[string]>();
  const feeds = model.inputs.map(({ name, dtype, shape }) => {
    const feed = randomFeed({ name, dtype, shape: shape ?? [] }, Object.values(inputs), used, seed);
    return tf.tensor(feed.data, feed.shape, dtype);
  });
  const input = feeds.length === 1 && feeds[0] ? feeds[0] : feeds;
  const isAsync = isGraph && LATER.test(JSON.stringify(json.modelTopology.node));
  return {
    label: `TensorFlow.js ${tf.version.tfjs ?? ''} wasm`,
    loadMs,
    async run() {
      const results = isAsync && model.executeAsync ? await model.executeAsync(input) : model.predict(input);
      const outputs = tensorsOf(results);
      await Promise.all(outputs.map((t) => t.data()));
      for (const t of outputs) t.dispose();
    },
    dispose() {
      for (const t of feeds) t.dispose();
      model.dispose();
    },
  };
}

function tensorsOf(result: Results): TfTensor[] {
  if (Array.isArray(result)) return result;
  return typeof result.data === 'function' ? [result as TfTensor] : Object.values(result as Record<string, TfTensor>);
}

interface WeightsGroup {
  readonly paths: readonly string[];
  readonly weights: readonly unknown[];
}

/** What TensorFlow.js calls an IO handler: topology and weights from files. */
function fileHandler(path: string, json: { readonly weightsManifest?: readonly WeightsGroup[] }): object {
  const groups = json.weightsManifest ?? [];
  const parts = groups.flatMap((g) => g.paths.map((p) => readFileSync(join(dirname(path), p))));
  const weightData = new Uint8Array(Buffer.concat(parts)).buffer;
  return { load: async () => ({ ...json, weightSpecs: groups.flatMap((g) => g.weights), weightData }) };
}
