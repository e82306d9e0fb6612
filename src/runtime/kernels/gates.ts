import { floats } from '../../ops/floats.js';
import { f32x4 } from '../../wasm/instructions.js';
import type { Pointer } from '../buffers.js';
import type { RowForm } from '../emit/row-form.js';
import type { Stage } from '../emit/stages.js';
import type { KernelBuilder, Operand } from '../kernel.js';
import { multiply, plainRows } from './matrix.js';
import { integerMatrix, type PackedMatrix, repeatedTile, type Tile, tileFor } from './packed-matrix.js';
import { type MatrixLayout, packedColumns, packFloats, panelsOf } from './packing.js';
import { quantizedRows } from './quantized-rows.js';
import { biasVector, floatVector } from './vectors.js';
import { formFor, isHybridWorthwhile, weightsKind } from './weights.js';

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
  const form = isHybridProduct(weights, rows) ? formFor(to.features, weights) : undefined;
  const tile = repeatedTile(tileFor(rows, form), to, { n, k });
  const result = {
    c,
    firstRow: 0,
    firstColumn: 0,
    rowBytes,
    bias: bias === 'add' ? biasVector(to, undefined, n) : gateBias(to, bias, weights),
    stages: [...(bias === 'add' ? [addTo(weights[0]!, c)] : []), ...stages],
  };
  if (!form) {
    const b = packedFloatGates(to, weights, tile);
    multiply(to, plainRows(rows, source.pointer, k * 4, k), b, result, tile);
    return;
  }
  const quantized = quantizedRows(to, source.pointer, rows, k, form);
  const scales = { ...quantized.scales, columns: gateScales(to, weights) };
  const b = packedGates(to, weights, tile, form);
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

const layoutOf = (weights: readonly Operand[]): MatrixLayout => {
  const k = weights[0]!.shape[1]!;
  return { k, n: columnsOf(weights), step: 1, columnStep: k };
};

function packedGates(to: KernelBuilder, weights: readonly Operand[], tile: Tile, form: RowForm): PackedMatrix {
  const layout = layoutOf(weights);
  const all = () =>
    joined(new Int8Array(layout.n * layout.k), weights, ({ constant }) => constant!.data() as Int8Array);
  return integerMatrix((bytes, fill) => to.data(bytes, fill), all, layout, { ...tile, form });
}

function packedFloatGates(to: KernelBuilder, weights: readonly Operand[], { nr }: Tile): PackedMatrix {
  const layout = layoutOf(weights);
  const panels = panelsOf(layout.n, nr);
  const count = packedColumns(panels) * layout.k;
  const pointer = to.data(count * 4, (view) => {
    const data = new Float32Array(layout.n * layout.k);
    joined(data, weights, ({ constant, quantization }) => floats({ ...constant!.tensor(), quantization }));
    packFloats(new Float32Array(view.buffer, view.byteOffset, count), data, layout, panels);
  });
  return { pointer, panels, columnBytes: 4 };
}

/** The elements of all matrices, one after the other. */
function joined<T extends Float32Array | Int8Array>(
  all: T,
  weights: readonly Operand[],
  dataOf: (weights: Operand) => T,
): T {
  let start = 0;
  for (const w of weights) {
    all.set(dataOf(w), start);
    start += w.count;
  }
  return all;
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
