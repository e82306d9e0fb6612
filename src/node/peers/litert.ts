/**
 * Runs a `.tflite` with the real runtime: npm `@litertjs/core` in Node, without a browser. The package's own wrapper
 * wants a page and knows few element types, so its emscripten module is driven directly.
 */
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { askForRelaxedSimd } from '../runtime.js';
import { findPackage } from './find-package.js';
import type { Binding, LiteRtModule } from './litert-module.js';
import { hiddenFromModelReader, setRuntimeOptions, withShapes } from './litert-patches.js';
import {
  describe,
  inputBuffer,
  outputTensor,
  type RunInput,
  type RunTensor,
  type SignatureFacts,
} from './litert-tensors.js';

export type { RawData, RunInput, RunTensor, SignatureFacts } from './litert-tensors.js';

/** `xnnpack`: with the XNNPACK delegate. `builtin`: the optimized kernels. `reference`: the plain reference kernels. */
export type Kernel = 'xnnpack' | 'builtin' | 'reference';

/** Inputs by name, or in the order of the signature. */
export type RunInputs = Readonly<Record<string, RunInput>> | readonly RunInput[];
export interface RunOptions {
  readonly kernel?: Kernel;
  /** Key of the signature; the first one when absent. */
  readonly signature?: string;
}
/** Inputs in buffers of their own, to be run again and again. */
export interface PreparedRun {
  /** Copies the inputs in, runs, and copies the outputs out. @throws {Error} what the runtime says is wrong. */
  run(): Promise<Record<string, RunTensor>>;
  delete(): void;
}
/** A model in the runtime. Call {@link LoadedModel.delete} when done. */
export interface LoadedModel {
  readonly signatures: readonly SignatureFacts[];
  /** XNNPACK computes every node. */
  readonly isAllXnnpack: boolean;
  /** Gives the outputs by name. @throws {Error} what the runtime says is wrong. */
  run(inputs: RunInputs, signature?: string): Promise<Record<string, RunTensor>>;
  prepare(inputs: RunInputs, signature?: string): PreparedRun;
  delete(): void;
}
export interface LiteRt {
  /** Version of the package. */
  readonly version: string;
  /** `shapes`, `outputShapes`: where the model leaves sizes open, by name; these are 1 otherwise. */
  load(
    bytes: Uint8Array,
    kernel?: Kernel,
    shapes?: Readonly<Record<string, readonly number[]>>,
    outputShapes?: Readonly<Record<string, readonly number[]>>,
  ): Promise<LoadedModel>;
  /** Loads, runs once, and forgets. Inputs with shapes come by name. @throws {Error} what the runtime says is wrong. */
  run(bytes: Uint8Array, inputs: RunInputs, options?: RunOptions): Promise<Record<string, RunTensor>>;
}

/**
 * Builds of the package. `compat`: plain SIMD; it rounds as the kernels for other processors do. `relaxed`: with relaxed
 * SIMD, the fastest on one thread. `threaded`: the same with workers.
 */
export type Build = 'compat' | 'relaxed' | 'threaded';

const FILES: Readonly<Record<Build, string>> = {
  compat: 'litert_wasm_compat_internal',
  relaxed: 'litert_wasm_internal',
  threaded: 'litert_wasm_threaded_internal',
};
const loaded = new Map<Build, Promise<LiteRt>>();

/** The runtime; one of each build in a process. `threads` counts for the first call of a threaded one. */
export function loadLiteRt(build: Build = 'compat', threads = 1): Promise<LiteRt> {
  const runtime = loaded.get(build) ?? start(build, threads);
  loaded.set(build, runtime);
  return runtime;
}

async function start(build: Build, threads: number): Promise<LiteRt> {
  const { folder, version } = findPackage('@litertjs/core');
  const file = join(folder, 'wasm', `${FILES[build]}.js`);
  // The file is a classic script in a package of modules, so neither import nor require takes it.
  const wrap = new Function(
    'require',
    '__dirname',
    '__filename',
    `${readFileSync(file, 'utf8')}\n;return ModuleFactory;`,
  );
  const factory = wrap(createRequire(file), dirname(file), file) as (options: object) => Promise<LiteRtModule>;
  if (build !== 'compat') askForRelaxedSimd();
  const workers = build === 'threaded' ? workerScript(file, threads) : undefined;
  const log: string[] = [];
  const say = (line: string) => void log.push(line);
  const module = await factory({ print: say, printErr: say, ...workers?.options });
  module.setupLogging?.();
  const native: Binding = { module, environment: module.LiteRtEnvironment.create(null), log };
  const load: LiteRt['load'] = (bytes, kernel = 'xnnpack', shapes = {}, outputShapes = {}) =>
    compile(native, withShapes(bytes, shapes, outputShapes), kernel, threads);
  return {
    version,
    load,
    async run(bytes, inputs, { kernel, signature } = {}) {
      const model = await load(bytes, kernel, shapesOf(inputs));
      try {
        return await model.run(inputs, signature);
      } finally {
        model.delete();
      }
    },
  };
}

/** Workers load the module's file as CommonJS, which its package says it is not: they get a copy with another ending. */
function workerScript(file: string, threads: number) {
  const folder = mkdtempSync(join(tmpdir(), 'litert-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const copy = join(folder, 'litert.cjs');
  copyFileSync(file, copy);
  // The module makes as many workers as it believes there are processors.
  const navigator = { userAgent: '', language: 'en', hardwareConcurrency: threads };
  Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true, writable: true });
  return { options: { mainScriptUrlOrBlob: copy } };
}

async function compile(native: Binding, bytes: Uint8Array, kernel: Kernel, threads: number): Promise<LoadedModel> {
  const { module, environment } = native;
  const numThreads = setRuntimeOptions(module, kernel, threads);
  const pointer = module._malloc(bytes.byteLength);
  module.HEAPU8.set(bytes, pointer);
  const hidden = hiddenFromModelReader(bytes);
  for (const { at, length } of hidden) module.HEAPU8.fill(0, pointer + at, pointer + at + length);
  const [model, compiled] = await explained(native, async () => {
    const m = module.loadModel(environment, pointer, bytes.byteLength);
    for (const { at, length } of hidden) module.HEAPU8.set(bytes.subarray(at, at + length), pointer + at);
    const options = {
      environment: { liteRtEnvironment: environment },
      accelerator: 'wasm',
      cpuOptions: { numThreads },
      gpuOptions: {},
      webNNOptions: {},
    };
    return [m, await module.compileModel(environment, m, options)] as const;
  });
  const signatures = describe(model);
  const prepare: LoadedModel['prepare'] = (inputs, key) => {
    const index = key === undefined ? 0 : signatures.findIndex((s) => s.key === key);
    const signature = signatures[index];
    if (!signature) throw new Error(`no signature '${key}' among ${signatures.map((s) => `'${s.key}'`).join(', ')}`);
    const buffers = signature.inputs.map((facts, i) => inputBuffer(native, facts, pick(inputs, facts.name, i)));
    const handles = buffers.map((b) => b.buffer);
    return {
      async run() {
        for (const buffer of buffers) buffer.fill();
        const results = await explained(native, () => compiled.run(index, handles));
        return Object.fromEntries(
          results.map((b, i) => [signature.outputs[i]?.name ?? `${i}`, outputTensor(native, b)]),
        );
      },
      delete() {
        for (const handle of handles) handle.delete();
      },
    };
  };
  return {
    signatures,
    isAllXnnpack: compiled.isFullyAccelerated(),
    prepare,
    async run(inputs, key) {
      const prepared = prepare(inputs, key);
      const outputs = await prepared.run();
      prepared.delete();
      return outputs;
    },
    delete() {
      compiled.delete();
      model.delete();
      module._free(pointer);
    },
  };
}

function shapesOf(inputs: RunInputs): Record<string, readonly number[]> {
  return Object.fromEntries(Object.entries(inputs).flatMap(([k, v]) => ('shape' in v ? [[k, v.shape]] : [])));
}

function pick(inputs: RunInputs, name: string, i: number): RunInput {
  const input = Array.isArray(inputs) ? inputs[i] : (inputs as Record<string, RunInput>)[name];
  if (!input) throw new Error(`no input '${name}' given`);
  return input;
}

/** Turns what the runtime throws (numbers, wasm exceptions) and logs (errors beside "success") into an Error. */
async function explained<T>({ module, log }: Binding, action: () => Promise<T>): Promise<T> {
  const from = log.length;
  const logged = (pattern: RegExp) =>
    log
      .slice(from)
      .filter((line) => pattern.test(line))
      .slice(0, 4)
      .join(' / ');
  let result: T;
  try {
    result = await action();
  } catch (e) {
    let message = e instanceof Error ? e.message : String(e);
    try {
      message = module.getExceptionMessage(e)?.join(': ') ?? message;
    } catch {
      // not an exception of the module's own: its text is all there is
    }
    throw new Error(`LiteRT: ${message} (${logged(/ERROR|WARN/)})`, { cause: e });
  }
  const errors = logged(/^ERROR/);
  if (errors) throw new Error(`LiteRT: ${errors}`);
  return result;
}
