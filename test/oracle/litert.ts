/**
 * Runs a `.tflite` with the real runtime: npm `@litertjs/core` in Node, without a browser. The package's own wrapper
 * wants a page and knows few element types, so its emscripten module is driven directly. For tests only.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Binding, LiteRtModule, NativeBuffer, NativeModel } from './litert-module.js';
import { hiddenFromModelReader, setRuntimeOptions, withInputShapes } from './litert-patches.js';

/** `xnnpack`: with the XNNPACK delegate. `builtin`: the optimized kernels. `reference`: the plain reference kernels. */
export type Kernel = 'xnnpack' | 'builtin' | 'reference';

/** Elements of a tensor as the runtime holds them; types without an array of their own come as bytes. */
export type RawData =
  | Float32Array
  | Float64Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array
  | BigInt64Array
  | BigUint64Array;

export interface RunTensor {
  /** The runtime's name of the element type, such as `float32` or `int8`. */
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: RawData;
}
/** Plain elements, or with a shape where the model's has unknown sizes (else those count as 1). */
export type RunInput = RawData | { readonly data: RawData; readonly shape: readonly number[] };
/** Inputs by name, or in the order of the signature. */
export type RunInputs = Readonly<Record<string, RunInput>> | readonly RunInput[];
export interface RunOptions {
  readonly kernel?: Kernel;
  /** Key of the signature; the first one when absent. */
  readonly signature?: string;
}
export interface TensorFacts {
  readonly name: string;
  readonly dtype: string;
  /** Unknown sizes are -1. */
  readonly shape: readonly number[];
}
export interface SignatureFacts {
  readonly key: string;
  readonly inputs: readonly TensorFacts[];
  readonly outputs: readonly TensorFacts[];
}
/** A model in the runtime. Call {@link LoadedModel.delete} when done. */
export interface LoadedModel {
  readonly signatures: readonly SignatureFacts[];
  /** Gives the outputs by name. @throws {Error} what the runtime says is wrong. */
  run(inputs: RunInputs, signature?: string): Promise<Record<string, RunTensor>>;
  delete(): void;
}
export interface LiteRt {
  /** `shapes`: for inputs with unknown sizes, by name; unknown sizes are 1 otherwise. */
  load(bytes: Uint8Array, kernel?: Kernel, shapes?: Readonly<Record<string, readonly number[]>>): Promise<LoadedModel>;
  /** Loads, runs once, and forgets. Inputs with shapes come by name. @throws {Error} what the runtime says is wrong. */
  run(bytes: Uint8Array, inputs: RunInputs, options?: RunOptions): Promise<Record<string, RunTensor>>;
}

// In the order of LiteRT's own element type codes.
const TYPE_NAMES = ['none', 'float32', 'int32', 'uint8', 'int64', 'string', 'bool', 'int16', 'complex64', 'int8', 'float16', 'float64', 'complex128', 'uint64', 'resource', 'variant', 'uint32', 'uint16', 'int4', 'bfloat16']; // biome-ignore format: a list
const ARRAYS: Readonly<Record<string, new (buffer: ArrayBuffer) => RawData>> = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int16: Int16Array,
  uint16: Uint16Array,
  float16: Uint16Array,
  int8: Int8Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
};

let loaded: Promise<LiteRt> | undefined;

/** The runtime; one in each process. */
export function loadLiteRt(): Promise<LiteRt> {
  loaded ??= start();
  return loaded;
}

async function start(): Promise<LiteRt> {
  const require = createRequire(import.meta.url);
  const file = join(dirname(require.resolve('@litertjs/core')), '..', 'wasm', 'litert_wasm_compat_internal.js');
  // The file is a classic script in a package of modules, so neither import nor require takes it.
  const wrap = new Function(
    'require',
    '__dirname',
    '__filename',
    `${readFileSync(file, 'utf8')}\n;return ModuleFactory;`,
  );
  const factory = wrap(createRequire(file), dirname(file), file) as (options: object) => Promise<LiteRtModule>;
  const log: string[] = [];
  const say = (line: string) => void log.push(line);
  const module = await factory({ print: say, printErr: say });
  module.setupLogging?.();
  const native: Binding = { module, environment: module.LiteRtEnvironment.create(null), log };
  const load: LiteRt['load'] = (bytes, kernel = 'xnnpack', shapes = {}) =>
    compile(native, withInputShapes(bytes, shapes), kernel);
  return {
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

async function compile(native: Binding, bytes: Uint8Array, kernel: Kernel): Promise<LoadedModel> {
  const { module, environment } = native;
  const numThreads = setRuntimeOptions(module, kernel);
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
  return {
    signatures,
    async run(inputs, key) {
      const index = key === undefined ? 0 : signatures.findIndex((s) => s.key === key);
      const signature = signatures[index];
      if (!signature) throw new Error(`no signature '${key}' among ${signatures.map((s) => `'${s.key}'`).join(', ')}`);
      const buffers = signature.inputs.map((facts, i) => inputBuffer(native, facts, pick(inputs, facts.name, i)));
      const results = await explained(native, () => compiled.run(index, buffers));
      for (const buffer of buffers) buffer.delete();
      return Object.fromEntries(results.map((b, i) => [signature.outputs[i]?.name ?? `${i}`, outputTensor(native, b)]));
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

function describe(model: NativeModel): SignatureFacts[] {
  return Array.from({ length: model.getNumSignatures() }, (_, s) => {
    const signature = model.getSignature(s);
    const side = (names: string[], typeAt: (i: number) => ReturnType<NativeModel['getInputTensorType']>) =>
      names.map((name, i) => ({ name, ...readType(typeAt(i)) }));
    const facts = {
      key: signature.key(),
      inputs: side(list(signature.inputNames()), (i) => model.getInputTensorType(s, i)),
      outputs: side(list(signature.outputNames()), (i) => model.getOutputTensorType(s, i)),
    };
    signature.delete();
    return facts;
  });

  function list(vector: ReturnType<ReturnType<NativeModel['getSignature']>['inputNames']>): string[] {
    const items = Array.from({ length: vector.size() }, (_, i) => vector.get(i));
    vector.delete();
    return items;
  }
}

function readType(type: ReturnType<NativeModel['getInputTensorType']>): { dtype: string; shape: number[] } {
  const element = type.elementType();
  const layout = type.layout();
  const dimensions = layout.dimensions();
  const shape = Array.from({ length: dimensions.size() }, (_, i) => dimensions.get(i));
  for (const handle of [dimensions, layout, type]) handle.delete();
  const code = typeof element === 'number' ? element : element.value;
  return { dtype: TYPE_NAMES[code] ?? `type${code}`, shape };
}

function inputBuffer({ module, environment }: Binding, facts: TensorFacts, input: RunInput): NativeBuffer {
  const data = 'data' in input ? input.data : input;
  const shape = 'data' in input ? input.shape : facts.shape.map((d) => (d < 0 ? 1 : d));
  const sizes = new module.VectorInt32();
  for (const d of shape) sizes.push_back(d);
  const layout = module.LiteRtLayout.create(sizes);
  const type = module.LiteRtRankedTensorType.create({ value: TYPE_NAMES.indexOf(facts.dtype) }, layout);
  const size = type.bytes();
  if (size !== data.byteLength)
    throw new Error(`input '${facts.name}' [${shape}] ${facts.dtype} takes ${size} bytes, ${data.byteLength} given`);
  const { HOST_MEMORY } = module.LiteRtTensorBufferType;
  const buffer = module.LiteRtTensorBuffer.createManaged(environment, HOST_MEMORY, type, size);
  for (const handle of [type, layout, sizes]) handle.delete();
  const pointer = buffer.lock(module.LiteRtTensorBufferLockMode.WRITE);
  module.HEAPU8.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), pointer);
  buffer.unlock();
  return buffer;
}

function outputTensor({ module }: Binding, buffer: NativeBuffer): RunTensor {
  const { dtype, shape } = readType(buffer.tensorType());
  const pointer = buffer.lock(module.LiteRtTensorBufferLockMode.READ);
  const bytes = module.HEAPU8.slice(pointer, pointer + buffer.packedSize());
  buffer.unlock();
  buffer.delete();
  const View = ARRAYS[dtype];
  return { dtype, shape, data: View ? new View(bytes.buffer) : bytes };
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
