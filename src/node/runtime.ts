import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { readTables } from '../formats/tflite/read.js';
import type { Model } from '../ir/graph.js';
import { type ModelSource, toSource } from '../load.js';
import type { LoadOptions, RunnableModel } from '../runtime/api.js';
import { compileLazily, type ModuleCompiler, type Platform } from '../runtime/executable.js';
import { allKernels } from '../runtime/kernels/index.js';
import { makeRunnable } from '../runtime/model.js';
import { detectFeatures } from '../wasm/features.js';
import { openFile } from './files.js';

export { bytesSource, ModelError, type ModelSource } from '../load.js';
export type * from '../runtime/api.js';

/**
 * Compiles with the optimizing compiler at once. Older V8 begins with code that is three times slower and replaces a
 * function only between its calls, so that the first inferences are slow.
 */
const compileEagerly: ModuleCompiler = (bytes) => {
  setFlagsFromString('--no-liftoff');
  setFlagsFromString('--no-wasm-lazy-compilation');
  try {
    return compileLazily(bytes);
  } finally {
    setFlagsFromString('--liftoff');
    setFlagsFromString('--wasm-lazy-compilation');
  }
};

/** This V8 has fast code from the second inference on, and ends the process when it cannot begin with the slower code. */
const BEGINS_SLOWLY = 14;

const platform: Platform = {
  compile: Number.parseInt(process.versions.v8, 10) < BEGINS_SLOWLY ? compileEagerly : compileLazily,
  startThread(code, data) {
    const text = `const data = require('node:worker_threads').workerData; ${code}`;
    const worker = new Worker(text, { eval: true, workerData: data });
    // A thread that waits for work does not keep the process alive.
    worker.unref();
    return { terminate: () => void worker.terminate() };
  },
};

/** Node before 22 has relaxed SIMD, but not unasked. */
export function askForRelaxedSimd(): void {
  if (!detectFeatures().relaxed) setFlagsFromString('--experimental-wasm-relaxed-simd');
}

/** Compiles a model that was read or made already. */
export function runnable(model: Model, options: LoadOptions = {}): RunnableModel {
  if (options.relaxedSimd !== false) askForRelaxedSimd();
  return makeRunnable(model, options, platform, allKernels);
}

/**
 * Loads a `.tflite` model from a path, a URL or bytes, and compiles it at full speed from the first run on.
 * @throws {ModelError} `not-found`, `malformed-file`, or `unsupported` for what cannot run.
 */
export async function load(source: ModelSource, options: LoadOptions = {}): Promise<RunnableModel> {
  const path = pathOf(source);
  const bytes = path === undefined ? await toSource(source) : openFile(path);
  return runnable(readTables(bytes), options);
}

function pathOf(source: ModelSource): string | undefined {
  if (source instanceof URL) return source.protocol === 'file:' ? fileURLToPath(source) : undefined;
  return typeof source === 'string' && !/^(https?|data):/.test(source) ? source : undefined;
}
