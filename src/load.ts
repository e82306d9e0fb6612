import { type ByteSource, bytesSource } from './bytes/source.js';
import { ModelError } from './errors.js';
import { readTables } from './formats/tflite/read.js';
import type { Model } from './ir/graph.js';
import type { LoadOptions, RunnableModel } from './runtime/api.js';
import { compileLazily, type Platform } from './runtime/executable.js';
import { kernelsFor } from './runtime/kernels/on-demand.js';
import { makeRunnable } from './runtime/model.js';

export { bytesSource } from './bytes/source.js';
export type { DType, Quantization, Shape, Tensor, TensorData } from './ir/tensor.js';
export type * from './runtime/api.js';
export { ModelError };

/** What every JavaScript engine of a page does. */
const platform: Platform = {
  compile: compileLazily,
  startThread(code, data) {
    const text = `onmessage = ({ data }) => { ${code} }`;
    const url = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
    const worker = new (globalThis as unknown as { Worker: new (url: string) => PageWorker }).Worker(url);
    worker.postMessage(data);
    return worker;
  },
};

/** A worker of a page. */
interface PageWorker {
  postMessage(data: unknown): void;
  terminate(): void;
}

/**
 * Loads a `.tflite` model and compiles it, so that it runs: from bytes, or from a URL that `fetch` can get.
 * @throws {ModelError} `malformed-file` for bytes that are no such model, `unsupported` for what cannot run.
 */
export async function load(source: ModelSource, options: LoadOptions = {}): Promise<RunnableModel> {
  return runnable(readTables(await toSource(source)), options);
}

/** Compiles a model that was read or made already. */
export const runnable = async (model: Model, options: LoadOptions = {}): Promise<RunnableModel> =>
  makeRunnable(model, options, platform, await kernelsFor(model));

/** Where a model comes from: bytes, a file that is open, or a URL. */
export type ModelSource = string | URL | Uint8Array | ByteSource;

/** The bytes of a model, fetched if need be. */
export async function toSource(source: ModelSource): Promise<ByteSource> {
  if (source instanceof Uint8Array) return bytesSource(source);
  if (typeof source === 'object' && source !== null && 'read' in source) return source;
  if (typeof source !== 'string' && !(source instanceof URL))
    throw new ModelError('invalid-option', 'expected a model as a Uint8Array, a URL or an open file.');
  const response = await fetch(source);
  if (!response.ok) throw new Error(`${source}: ${response.status} ${response.statusText}`);
  return bytesSource(new Uint8Array(await response.arrayBuffer()), String(source));
}
