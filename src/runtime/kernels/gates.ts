import { floats } from '../../ops/floats.js';
import { f32x4 } from '../../wasm/instructions.js';
import type { Pointer } from '../buffers.js';
import type { Stage } from '../emit/stages.js';
import type { KernelBuilder, Operand } from '../kernel.js';
import { biasVector, floatVector, multiply, type PackedMatrix, plainRows, tileFor } from './matrix.js';
import { packedColumns, packFloats, packPairs, panelsOf } from './packing.js';
import { quantizedRows } from './quantized-rows.js';
import { isHybridWorthwhile, weightsKind } from './weights.js';

/** Rows of floats, one after the other. */
export interface GateSource {
  readonly pointer: Pointer;
  readonly rows: number;
  /** Elements of a row. */
  readonly size: number;
}

/** Where the products go. */
export interface GateResult {
  readonly pointer: Pointer;
  readonly rowBytes: number;
  /** A bias for each weight matrix; or the products are added to what is there. */
  readonly bias: readonly (Operand | undefined)[] | 'add';
  readonly stages?: readonly Stage[];
}

const columnsOf = (weights: readonly Operand[]): number => weights.reduce((n, w) => n + w.shape[0]!, 0);

/** True for weights that {@link multiplyGates} takes: constant matrices of rows of `size` elements. */
export const areGateWeights = (weights: readonly (Operand | undefined)[], size: number): boolean =>
  weights.every(
    (w) => w?.constant && w.shape.length === 2 && w.shape[1] === size && w.count > 0 && weightsKind(w, 0, w.shape[0]!),
  );

/** True for a constant vector of floats, or none. */
export const isVector = (operand: Operand | undefined, size: number): boolean =>
  !operand || (operand.constant !== undefined && operand.count === size && operand.dtype === 'f32');

/** Whether rows are quantized for products with these weights. */
export const isHybridProduct = (weights: readonly Operand[], rows: number): boolean =>
  weights.every((w) => weightsKind(w, 0, w.shape[0]!) === 'i8') &&
  isHybridWorthwhile(rows, columnsOf(weights), weights[0]!.shape[1]!);

/**
 * The products of rows with several weight matrices `[C, K]`, side by side in each row of the result: one product, whose
 * right matrix has the rows of all of them as columns. With 8-bit weights the rows are quantized first.
 */
export function multiplyGates(
  to: KernelBuilder,
  source: GateSource,
  weights: readonly Operand[],
  { pointer: c, rowBytes, bias, stages = [] }: GateResult,
): void {
  const { rows, size: k } = source;
  const n = columnsOf(weights);
  const tile = tileFor(rows);
  const result = {
    c,
    firstRow: 0,
    firstColumn: 0,
    rowBytes,
    bias: bias === 'add' ? biasVector(to, undefined, n) : gateBias(to, bias, weights),
    stages: [...(bias === 'add' ? [addTo(weights[0]!, c)] : []), ...stages],
  };
  if (!isHybridProduct(weights, rows)) {
    const b = packGates(to, weights, tile.nr, false);
    multiply(to, plainRows(rows, source.pointer, k * 4, k), b, result, tile);
    return;
  }
  const quantized = quantizedRows(to, source.pointer, rows, k);
  const scales = { kind: 'each' as const, rows: quantized.rowScales, columns: gateScales(to, weights) };
  const b = packGates(to, weights, tile.nr, true);
  multiply(to, quantized.rows, b, { ...result, scales }, tile);
}

/** Adds what the memory of the result holds. Only the place of its operand counts. */
const addTo = (some: Operand, pointer: Pointer): Stage => ({
  key: 'ADD',
  apply: (_, x, y) => x.set(f32x4.add(x.get, y!)),
  operand: { mode: 'same', value: { ...some, constant: undefined, pointer } },
});

/** A number for each column of all matrices, one after the other. */
function columnVector(
  to: KernelBuilder,
  weights: readonly Operand[],
  key: string,
  at: (gate: number, column: number) => number,
): Pointer {
  const places = weights.flatMap((w, gate) => Array.from({ length: w.shape[0]! }, (_, column) => ({ gate, column })));
  return floatVector(to, {}, key, places.length, (i) => at(places[i]!.gate, places[i]!.column));
}

function gateBias(to: KernelBuilder, bias: readonly (Operand | undefined)[], weights: readonly Operand[]): Pointer {
  const data = bias.map((b) => b?.constant && floats(b.constant.tensor()));
  return columnVector(to, weights, 'bias', (gate, column) => data[gate]?.[column] ?? 0);
}

const gateScales = (to: KernelBuilder, weights: readonly Operand[]): Pointer =>
  columnVector(to, weights, 'scales', (gate, column) => {
    const { scale } = weights[gate]!.quantization!;
    return scale[scale.length === 1 ? 0 : column]!;
  });

function packGates(to: KernelBuilder, weights: readonly Operand[], nr: number, isHybrid: boolean): PackedMatrix {
  const k = weights[0]!.shape[1]!;
  const n = columnsOf(weights);
  const panels = panelsOf(n, nr);
  const layout = { k, n, step: 1, columnStep: k };
  if (isHybrid) {
    const bytes = packedColumns(panels) * Math.ceil(k / 2) * 2;
    const pointer = to.data(bytes, (view) => {
      const all = new Int8Array(n * k);
      place(all, weights, ({ constant }) => constant!.data() as Int8Array);
      packPairs(new Int8Array(view.buffer, view.byteOffset, bytes), all, layout, panels);
    });
    return { pointer, panels, columnBytes: 2 };
  }
  const count = packedColumns(panels) * k;
  const pointer = to.data(count * 4, (view) => {
    const all = new Float32Array(n * k);
    place(all, weights, ({ constant, quantization }) => floats({ ...constant!.tensor(), quantization }));
    packFloats(new Float32Array(view.buffer, view.byteOffset, count), all, layout, panels);
  });
  return { pointer, panels, columnBytes: 4 };
}

function place<T extends Float32Array | Int8Array>(
  all: T,
  weights: readonly Operand[],
  dataOf: (weights: Operand) => T,
): void {
  let start = 0;
  for (const w of weights) {
    all.set(dataOf(w), start);
    start += w.count;
  }
}

/** A constant vector as floats, dequantized. */
export const vectorData = (to: KernelBuilder, { constant, quantization, count }: Operand): Pointer =>
  floatVector(
    to,
    constant!,
    'vector',
    count,
    makeReader(() => floats({ ...constant!.tensor(), quantization })),
  );

function makeReader(read: () => Float32Array): (i: number) => number {
  let data: Float32Array | undefined;
  return (i) => {
    data ??= read();
    return data[i]!;
  };
}
