import type { Value } from '../ir/graph.js';
import { bitsOf, bytesOfData, type DType, dataFromBytes, elementCount, isComplex, type Shape, type TensorData } from '../ir/tensor.js'; // biome-ignore format: one list
import { at, type Buffer, makeBuffer, type Pointer } from './buffers.js';
import type { Operand } from './kernel.js';

/** Bytes of an element in the memory of a running model: types of less than a byte take one. 0: not held in memory. */
export const elementBytes = (dtype: DType): number => (bitsOf(dtype) === 0 ? 0 : Math.max(1, bitsOf(dtype) / 8));

/** The little-endian bytes of elements as memory holds them. */
export const memoryBytes = (dtype: DType, data: TensorData): Uint8Array =>
  bitsOf(dtype) < 8
    ? new Uint8Array((data as Int8Array).buffer, (data as Int8Array).byteOffset, data.length)
    : bytesOfData(dtype, data);

/** A view of elements in memory. */
export function viewOf(memory: ArrayBuffer, address: number, dtype: DType, count: number): TensorData {
  const wide = bitsOf(dtype) < 8 ? (dtype === 'u4' ? 'u8' : 'i8') : dtype;
  const length = isComplex(dtype) ? count * 2 : count;
  return dataFromBytes(
    wide,
    [count],
    new Uint8Array(memory, address, (length * elementBytes(wide)) / (isComplex(dtype) ? 2 : 1)),
  );
}

/** Makes the operands of one compilation: a buffer for each value, and one copy of each constant that is asked for. */
export class Operands {
  readonly #operands = new Map<Value, Operand>();
  readonly #shared = new Map<object, Map<string, Pointer>>();
  readonly buffers: Buffer[] = [];
  readonly fills: { readonly pointer: Pointer; readonly bytes: number; readonly fill: (view: Uint8Array) => void }[] =
    [];

  of(value: Value): Operand {
    let operand = this.#operands.get(value);
    if (!operand) {
      operand = this.#make(value);
      this.#operands.set(value, operand);
    }
    return operand;
  }

  #make(value: Value): Operand {
    const shape = value.shape as Shape;
    const { name, dtype, quantization, constant, isVariable } = value;
    const count = elementCount(shape);
    const facts = { name, dtype, shape, count, quantization, constant, isVariable };
    const bytes = count * elementBytes(dtype);
    if (constant) {
      const pointer = () =>
        this.sharedData(constant, 'plain', bytes, (view) => view.set(memoryBytes(dtype, constant.data())));
      return {
        ...facts,
        get pointer() {
          return pointer();
        },
      };
    }
    return { ...facts, pointer: at(this.buffer(bytes, isVariable)) };
  }

  buffer(bytes: number, isPersistent = false): Buffer {
    const buffer = makeBuffer(bytes, isPersistent);
    this.buffers.push(buffer);
    return buffer;
  }

  data(bytes: number, fill: (view: Uint8Array) => void): Pointer {
    const pointer = at(this.buffer(bytes, true));
    this.fills.push({ pointer, bytes, fill });
    return pointer;
  }

  sharedData(source: object, key: string, bytes: number, fill: (view: Uint8Array) => void): Pointer {
    let copies = this.#shared.get(source);
    if (!copies) {
      copies = new Map();
      this.#shared.set(source, copies);
    }
    let pointer = copies.get(key);
    if (!pointer) {
      pointer = this.data(bytes, fill);
      copies.set(key, pointer);
    }
    return pointer;
  }
}
