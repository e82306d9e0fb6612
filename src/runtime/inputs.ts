import { ModelError } from '../errors.js';
import type { Signature, Value } from '../ir/graph.js';
import { bitsOf, elementCount, isComplex, type Shape, type Tensor, type TensorData } from '../ir/tensor.js';
import type { Inputs, InputTensor } from './api.js';
import { memoryBytes } from './operands.js';

/** The shape with 1 for unknown sizes. */
export const sizesOr1 = (shape: Shape | undefined): Shape => (shape ?? []).map((d) => (d < 0 ? 1 : d));

/**
 * Inputs by name. @throws {ModelError} `not-found` for names that do not exist, `invalid-data` for another number.
 */
export function namedInputs(inputs: Inputs, signature: Signature): Readonly<Record<string, InputTensor>> {
  const names = signature.inputs.map((i) => i.name);
  if (typeof inputs !== 'object' || inputs === null)
    throw new ModelError('invalid-data', `expected inputs by name or in their order, got ${typeof inputs}.`);
  if (Array.isArray(inputs)) {
    if (inputs.length !== names.length)
      throw new ModelError(
        'invalid-data',
        `expected ${names.length} inputs (${names.join(', ')}), got ${inputs.length}.`,
      );
    return Object.fromEntries(names.map((name, i) => [name, inputs[i] as InputTensor]));
  }
  for (const name of Object.keys(inputs))
    if (!names.includes(name)) throw new ModelError('not-found', `no input '${name}'. There are: ${names.join(', ')}.`);
  return inputs as Readonly<Record<string, InputTensor>>;
}

/** @throws {ModelError} `invalid-data` unless the shape agrees with the known sizes. */
export function checkShape(shape: Shape, value: Value, name: string): Shape {
  const isWhole = typeof shape.every === 'function' && shape.every((d) => Number.isInteger(d) && d >= 0);
  const fits =
    !value.shape || (shape.length === value.shape.length && value.shape.every((d, i) => d < 0 || d === shape[i]));
  // Files record sizes where the converter knew none: another shape may still run, and inference says when it cannot.
  if (isWhole && (fits || shape.length === value.shape?.length)) return shape;
  throw new ModelError('invalid-data', `expected a shape like [${value.shape}], got [${shape}].`, {
    where: `input '${name}'`,
  });
}

const isData = (input: InputTensor): input is TensorData => ArrayBuffer.isView(input) || Array.isArray(input);

/** The tensor that an input stands for. @throws {ModelError} `invalid-data` when it does not fit. */
export function inputTensor(name: string, value: Value, input: InputTensor, start: Shape): Tensor {
  const where = `input '${name}'`;
  const data = isData(input) ? input : input.data;
  const shape = isData(input) || !input.shape ? start : checkShape(input.shape, value, name);
  const { dtype } = value;
  const given = isData(input) ? undefined : input.dtype;
  if (given !== undefined && given !== dtype)
    throw new ModelError('invalid-data', `expected ${dtype} elements, got ${given}.`, { where });
  const count = elementCount(shape) * (isComplex(dtype) ? 2 : 1);
  if (!holds(dtype, data))
    throw new ModelError('invalid-data', `expected elements of type ${dtype}, got ${data?.constructor?.name}.`, {
      where,
    });
  if (data.length !== count)
    throw new ModelError('invalid-data', `[${shape}] has ${count} elements, got ${data.length}.`, { where });
  return { dtype, shape, data };
}

/** True when the array is of the kind that holds such elements. */
function holds(dtype: Value['dtype'], data: TensorData): boolean {
  if (bitsOf(dtype) === 0) return Array.isArray(data);
  if (!ArrayBuffer.isView(data)) return false;
  const sample = memoryBytes(dtype, data).byteLength;
  const bytes = Math.max(1, bitsOf(dtype) / 8 / (isComplex(dtype) ? 2 : 1));
  const isFloatArray = data instanceof Float32Array || data instanceof Float64Array;
  const wantsFloat = dtype === 'f32' || dtype === 'f64' || isComplex(dtype);
  return sample === data.length * bytes && isFloatArray === wantsFloat;
}
