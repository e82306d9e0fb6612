import { ModelError } from './errors.js';
import type { DType, Tensor, TensorData } from './ir/tensor.js';
import type { InputTensor, RunnableModel, SignatureFacts, TensorFacts } from './runtime/api.js';

/** Element types of TensorFlow.js that models have. */
type TfDType = 'float32' | 'int32' | 'bool';

/** The part of a tensor of TensorFlow.js that is used. */
export interface TfTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  dataSync(): ArrayLike<number>;
}

/** The part of TensorFlow.js that is used: the module `tf` of any of its packages. */
export interface Tf<T extends TfTensor> {
  tensor(data: never, shape: never, dtype: never): T;
}

/** Tensors for a model: the only one, those of the signature in order, or by name. */
export type TfInputs<T extends TfTensor> = T | readonly T[] | Readonly<Record<string, T>>;

/** An input or output as the models of TensorFlow.js describe theirs; unknown sizes are null. */
export interface TfTensorInfo {
  readonly name: string;
  readonly shape: readonly (number | null)[];
  readonly dtype: TfDType;
}

/** A model that takes and gives tensors of TensorFlow.js. */
export interface TfModel<T extends TfTensor> {
  readonly inputs: readonly TfTensorInfo[];
  readonly outputs: readonly TfTensorInfo[];
  /**
   * Computes the outputs: a tensor when there is one, else by name. Inputs are the caller's to dispose, outputs too.
   * @throws {ModelError} `invalid-data` for tensors that do not fit, `not-found` for names that do not exist.
   */
  predict(inputs: TfInputs<T>): T | Record<string, T>;
  /** As {@link predict}, with as many tensors as the model has outputs, in their order. */
  execute(inputs: TfInputs<T>): T[];
  /** Frees the model. */
  dispose(): void;
}

/** Element types here -> those of TensorFlow.js, which has no other numbers. */
const TF_DTYPES: Readonly<Partial<Record<DType, TfDType>>> = { f32: 'float32', bool: 'bool' };
const tfDType = (dtype: DType): TfDType => TF_DTYPES[dtype] ?? 'int32';

/**
 * A model with the face that models of TensorFlow.js have, so that it can stand in their place:
 * `withTfjs(await load('model.tflite'), tf).predict(image)`. Nothing of TensorFlow.js is imported.
 * @param options.signature Key of the signature; the first one when absent.
 */
export function withTfjs<T extends TfTensor>(
  model: RunnableModel,
  tf: Tf<T>,
  options: { readonly signature?: string } = {},
): TfModel<T> {
  const { signature: key } = options;
  const signature = key === undefined ? model.signatures[0] : model.signatures.find((s) => s.key === key);
  if (!signature) throw new ModelError('not-found', `the model has no signature '${key ?? ''}'.`);
  const run = (inputs: TfInputs<T>): Record<string, T> => {
    const results = model.run(toTensors(inputs, signature), { signature: signature.key });
    return Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, fromTensor(tf, tensor)]));
  };
  return {
    inputs: signature.inputs.map(infoOf),
    outputs: signature.outputs.map(infoOf),
    predict(inputs) {
      const outputs = run(inputs);
      const all = Object.values(outputs);
      return all.length === 1 ? (all[0] as T) : outputs;
    },
    execute: (inputs) => Object.values(run(inputs)),
    dispose: () => model.dispose(),
  };
}

const infoOf = ({ name, dtype, shape }: TensorFacts): TfTensorInfo => ({
  name,
  dtype: tfDType(dtype),
  shape: shape.map((d) => (d < 0 ? null : d)),
});

const isTensor = (value: unknown): value is TfTensor =>
  typeof value === 'object' && value !== null && typeof (value as TfTensor).dataSync === 'function';

function toTensors<T extends TfTensor>(
  inputs: TfInputs<T>,
  { inputs: facts }: SignatureFacts,
): Record<string, InputTensor> {
  const list: readonly T[] | undefined = isTensor(inputs) ? [inputs as T] : Array.isArray(inputs) ? inputs : undefined;
  if (list && list.length !== facts.length)
    throw new ModelError('invalid-data', `${facts.length} tensors expected, got ${list.length}.`);
  const named = list
    ? list.map((t, i) => [facts[i]?.name ?? '', t] as const)
    : Object.entries(inputs as Record<string, T>);
  return Object.fromEntries(
    named.map(([name, t]) => [
      name,
      toTensor(
        t,
        facts.find((f) => f.name === name),
      ),
    ]),
  );
}

interface NumberArray {
  from(data: ArrayLike<number>): TensorData;
  [Symbol.hasInstance](value: unknown): boolean;
}

const ARRAYS: Readonly<Partial<Record<DType, NumberArray>>> = {
  f32: Float32Array,
  f64: Float64Array,
  i8: Int8Array,
  u8: Uint8Array,
  i16: Int16Array,
  u16: Uint16Array,
  i32: Int32Array,
  u32: Uint32Array,
  bool: Uint8Array,
};

/** The elements of a tensor, of the type that the model wants where TensorFlow.js has only int32. */
function toTensor(tensor: TfTensor, facts: TensorFacts | undefined): InputTensor {
  const shape = [...tensor.shape];
  const dtype = facts?.dtype ?? 'f32';
  if (facts && tensor.dtype !== tfDType(dtype))
    throw new ModelError(
      'invalid-data',
      `input '${facts.name}': a tensor of ${tfDType(dtype)} expected, got ${tensor.dtype}. Call tensor.cast('${tfDType(dtype)}').`,
    );
  const data = tensor.dataSync();
  if (dtype === 'i64') return { data: BigInt64Array.from(data as ArrayLike<number> & Iterable<number>, BigInt), shape };
  const array: NumberArray = ARRAYS[dtype] ?? Float32Array;
  return { data: data instanceof array ? (data as unknown as TensorData) : array.from(data), shape };
}

/** @throws {ModelError} `unsupported` for elements that TensorFlow.js has no type for. */
function fromTensor<T extends TfTensor>(tf: Tf<T>, { dtype, shape, data }: Tensor): T {
  const known = ARRAYS[dtype] !== undefined || dtype === 'i64';
  if (!known) throw new ModelError('unsupported', `TensorFlow.js has no tensors of ${dtype}.`);
  const type = tfDType(dtype);
  const plain = type === 'int32' ? Int32Array.from(data as Iterable<number>, Number) : data;
  const make = tf.tensor as unknown as (data: unknown, shape: readonly number[], dtype: TfDType) => T;
  return make(plain, shape, type);
}
