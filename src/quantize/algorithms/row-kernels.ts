import { PAGE, type WasmMemory, wasmHost } from '../../wasm/host.js';
import { BYTES, FROM, LARGEST, MOST_ROWS, moduleBytes, ROOM, ROUND, SCALES, STORED, SUMS, TO } from './row-code.js';

/**
 * Loops over rows of weights that lie one after the other, four elements at a time: a third of the time of plain ones.
 * Row `r` belongs to channel `r % channels`.
 */
interface RowKernels {
  /**
   * Raises `largest` of each channel to the largest magnitude in its rows, and returns the sum of all squares: infinite or
   * NaN exactly when an element is.
   */
  measure(from: Float32Array, rowLength: number, largest: Float64Array): number;
  /**
   * Writes `round(x / scale)`, halves away from zero, and returns the sum of the squared errors of the integers times
   * `stored`. Finite elements whose results are in -127..127; a scale of both kinds for each channel.
   */
  quantize(from: Float32Array, rowLength: number, scales: Float64Array, stored: Float32Array, to: Int8Array): number;
  /** Writes float16 bits and returns the sum of the squared errors. Elements in ±65504. */
  halve(from: Float32Array, to: Uint16Array): number;
}

let made: RowKernels | undefined | null = null;

/** The kernels, made on first use; undefined where the engine has no WebAssembly with SIMD. */
export function rowKernels(): RowKernels | undefined {
  if (made === null) made = instantiate();
  return made;
}

function instantiate(): RowKernels | undefined {
  const bytes = moduleBytes();
  if (!(wasmHost as typeof wasmHost | undefined)?.validate(bytes)) return undefined;
  const memory = new wasmHost.Memory({ initial: Math.ceil(BYTES / PAGE), maximum: 65536 });
  return over(memory, new wasmHost.Instance(new wasmHost.Module(bytes), { env: { memory } }).exports);
}

/** Some rows in memory: `count` from row `first` on, or a part of one of them. */
interface Batch {
  readonly first: number;
  readonly count: number;
  /** Elements of each, and where the first one is. */
  readonly length: number;
  readonly at: number;
  /** Elements from row to row in memory. */
  readonly stride: number;
}

const strideOf = (length: number): number => Math.ceil(length / ROUND) * ROUND;

/** Cuts rows into what has room. */
function* batches(elements: number, rowLength: number): Generator<Batch> {
  const rows = elements / rowLength;
  const most = Math.min(MOST_ROWS, Math.floor(ROOM / strideOf(rowLength)));
  for (let first = 0; first < rows; first += Math.max(1, most)) {
    const at = first * rowLength;
    if (most > 0)
      yield { first, count: Math.min(most, rows - first), length: rowLength, at, stride: strideOf(rowLength) };
    else
      for (let done = 0; done < rowLength; done += ROOM) {
        const length = Math.min(ROOM, rowLength - done);
        yield { first, count: 1, length, at: at + done, stride: strideOf(length) };
      }
  }
}

function over(
  memory: WasmMemory,
  kernels: Readonly<Record<string, (rows: number, rowBytes: number) => void>>,
): RowKernels {
  const { buffer } = memory;
  const sums = new Float64Array(buffer, SUMS, 2);
  const rowLargest = new Float32Array(buffer, LARGEST, MOST_ROWS);
  const rowScales = new Float64Array(buffer, SCALES, MOST_ROWS);
  const rowStored = new Float32Array(buffer, STORED, MOST_ROWS);
  const room = new Float32Array(buffer, FROM, ROOM);
  const integers = new Int8Array(buffer, TO, ROOM);
  const halves = new Uint16Array(buffer, TO, ROOM);
  const load = (from: Float32Array, { count, length, at, stride }: Batch): void => {
    if (length === stride) room.set(from.subarray(at, at + count * length));
    else
      for (let row = 0; row < count; row++) {
        const start = at + row * length;
        room.set(from.subarray(start, start + length), row * stride);
        room.fill(0, row * stride + length, (row + 1) * stride);
      }
  };
  const store = <T extends Int8Array | Uint16Array>(made: T, { count, length, at, stride }: Batch, to: T): void => {
    if (length === stride) to.set(made.subarray(0, count * length), at);
    else
      for (let row = 0; row < count; row++)
        to.set(made.subarray(row * stride, row * stride + length), at + row * length);
  };
  /** Runs a kernel on a batch and gives the sum of its results. */
  const run = (name: string, from: Float32Array, batch: Batch): number => {
    load(from, batch);
    kernels[name]?.(batch.count, batch.stride * 4);
    return (sums[0] as number) + (sums[1] as number);
  };
  return {
    measure(from, rowLength, largest) {
      let signal = 0;
      for (const batch of batches(from.length, rowLength)) {
        signal += run('measure', from, batch);
        for (let row = 0; row < batch.count; row++) {
          const channel = (batch.first + row) % largest.length;
          largest[channel] = Math.max(largest[channel] as number, rowLargest[row] as number);
        }
      }
      return signal;
    },
    quantize(from, rowLength, scales, stored, to) {
      let noise = 0;
      for (const batch of batches(from.length, rowLength)) {
        for (let row = 0; row < batch.count; row++) {
          const channel = (batch.first + row) % scales.length;
          rowScales[row] = scales[channel] as number;
          rowStored[row] = stored[channel] as number;
        }
        noise += run('quantize', from, batch);
        store(integers, batch, to);
      }
      return noise;
    },
    halve(from, to) {
      let noise = 0;
      for (const batch of batches(from.length, from.length)) {
        noise += run('halve', from, batch);
        store(halves, batch, to);
      }
      return noise;
    },
  };
}
