/** Tensors of `@litertjs/core`: what crosses the border of its emscripten module. */
import type { Binding, NativeBuffer, NativeModel } from './litert-module.js';

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

/** What a model's signatures take and give. */
export function describe(model: NativeModel): SignatureFacts[] {
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

/** A buffer of the module for an input, and how to fill it. */
export interface InputBuffer {
  readonly buffer: NativeBuffer;
  fill(): void;
}

/** @throws {Error} when the elements do not fill the tensor. */
export function inputBuffer({ module, environment }: Binding, facts: TensorFacts, input: RunInput): InputBuffer {
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
  return {
    buffer,
    fill() {
      const pointer = buffer.lock(module.LiteRtTensorBufferLockMode.WRITE);
      module.HEAPU8.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), pointer);
      buffer.unlock();
    },
  };
}

/** Copies an output out of the module and frees its buffer. */
export function outputTensor({ module }: Binding, buffer: NativeBuffer): RunTensor {
  const { dtype, shape } = readType(buffer.tensorType());
  const pointer = buffer.lock(module.LiteRtTensorBufferLockMode.READ);
  const bytes = module.HEAPU8.slice(pointer, pointer + buffer.packedSize());
  buffer.unlock();
  buffer.delete();
  const View = ARRAYS[dtype];
  return { dtype, shape, data: View ? new View(bytes.buffer) : bytes };
}
