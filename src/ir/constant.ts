import { assert } from '../errors.js';
import { bytesOfData, type DType, elementCount, type Shape, type Tensor, type TensorData } from './tensor.js';

/** Constants up to this many elements are kept once read; larger ones may be read again. */
const KEEP = 4096;

/**
 * The large constant read last, and its elements. A WeakRef for each would not do: what one refers to stays alive until
 * the running job ends, and a conversion is one job.
 */
let last: { readonly constant: Constant; readonly data: TensorData } | undefined;

/**
 * The elements of a constant, read when asked for: a view on a file, or a computation over other constants. Of large ones
 * only the last is held, so that the peak of a conversion is about its largest tensor.
 */
export class Constant {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly #read: () => TensorData;
  #kept: TensorData | undefined;

  private constructor(dtype: DType, shape: Shape, read: () => TensorData) {
    this.dtype = dtype;
    this.shape = shape;
    this.#read = read;
  }

  /** A constant over elements in memory. `data` has `elementCount(shape)` elements. */
  static of(dtype: DType, shape: Shape, data: TensorData): Constant {
    const constant = new Constant(dtype, shape, () => data);
    constant.#kept = data;
    return constant;
  }

  /** A constant whose elements `read` gives; it must give the same each time, and no one writes to them. */
  static lazy(dtype: DType, shape: Shape, read: () => TensorData): Constant {
    return new Constant(dtype, shape, read);
  }

  /** Shorthand for an `i32` tensor; a scalar when given a number. */
  static i32(values: number | readonly number[], shape?: Shape): Constant {
    const list = typeof values === 'number' ? [values] : values;
    return Constant.of('i32', shape ?? (typeof values === 'number' ? [] : [list.length]), Int32Array.from(list));
  }

  /** Shorthand for an `f32` tensor; a scalar when given a number. */
  static f32(values: number | readonly number[] | Float32Array, shape?: Shape): Constant {
    const list = typeof values === 'number' ? [values] : values;
    return Constant.of('f32', shape ?? (typeof values === 'number' ? [] : [list.length]), Float32Array.from(list));
  }

  get count(): number {
    return elementCount(this.shape);
  }

  /** All elements, row-major. Do not write to them. */
  data(): TensorData {
    if (this.#kept) return this.#kept;
    if (last?.constant === this) return last.data;
    const data = this.#read();
    assert(
      data.length === this.count || this.dtype === 'c64' || this.dtype === 'c128',
      'a constant read gave another size',
    );
    if (this.count <= KEEP) this.#kept = data;
    else last = { constant: this, data };
    return data;
  }

  /** The elements as numbers (64-bit integers must be small); for shapes, axes and the like. */
  numbers(): number[] {
    return Array.from(this.data() as ArrayLike<number | bigint>, Number);
  }

  /** The little-endian bytes as a file stores them. Not for strings. */
  bytes(): Uint8Array {
    return bytesOfData(this.dtype, this.data());
  }

  tensor(): Tensor {
    return { dtype: this.dtype, shape: this.shape, data: this.data() };
  }
}
