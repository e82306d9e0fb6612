import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ModelError } from '../../errors.js';
import { findPackage } from './find-package.js';
import type { Peer, PeerRequest } from './peer.js';
import { randomFeed } from './random-feed.js';

/** The part of `onnxruntime-web` that is used. */
interface Ort {
  readonly env: { readonly wasm: { numThreads: number; wasmPaths: string } };
  readonly Tensor: new (type: string, data: unknown, shape: readonly number[]) => unknown;
  readonly InferenceSession: { create(bytes: Uint8Array, options: object): Promise<Session> };
}
interface Session {
  readonly inputNames: readonly string[];
  readonly inputMetadata?: readonly { readonly type?: string; readonly shape?: readonly unknown[] }[];
  run(feeds: Readonly<Record<string, unknown>>): Promise<unknown>;
  release(): Promise<void>;
}

/** ONNX Runtime's WebAssembly build: npm `onnxruntime-web`, on an `.onnx` file. */
export async function ortPeer({ modelFile, inputs, threads, seed }: PeerRequest): Promise<Peer> {
  if (!modelFile) throw new ModelError('invalid-option', 'an .onnx file expected. Give --peer-model FILE.onnx.');
  const found = findPackage('onnxruntime-web');
  const folder = dirname(found.resolve('onnxruntime-web'));
  const ort = (await import(pathToFileURL(join(folder, 'ort.node.min.mjs')).href)) as Ort;
  ort.env.wasm.numThreads = threads;
  ort.env.wasm.wasmPaths = pathToFileURL(`${folder}/`).href;
  const bytes = new Uint8Array(readFileSync(modelFile));
  const start = performance.now();
  const session = await ort.InferenceSession.create(bytes, {
    executionProviders: ['wasm'],
    graphOptimizationLevel: 'all',
  });
  const loadMs = performance.now() - start;
  const used = new Set<(typeof inputs)[string]>();
  const feeds = session.inputNames.map((name, i) => {
    const { type = 'float32', shape = [] } = session.inputMetadata?.[i] ?? {};
    const feed = randomFeed({ name, dtype: type, shape }, Object.values(inputs), used, seed);
    return [name, new ort.Tensor(type, feed.data, feed.shape)];
  });
  const named = Object.fromEntries(feeds);
  return {
    label: `ONNX Runtime ${found.version} wasm`,
    loadMs,
    run: () => session.run(named),
    dispose: () => void session.release(),
  };
}
