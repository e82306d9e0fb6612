import { floats } from '../../ops/floats.js';
import { type Padding, paddingBefore } from '../../ops/shapes.js';
import type { Pointer } from '../buffers.js';
import { emitGatherCells, gatherKey } from '../emit/move-runs.js';
import { emitOverlapAdd, type OverlapSpec, overlapKey } from '../emit/overlap-add.js';
import { type Stage, stageOperands } from '../emit/stages.js';
import type { WindowAxis } from '../emit/windows.js';
import type { Kernel, KernelBuilder, KernelNode, Operand } from '../kernel.js';
import { multiply, plainRows } from './matrix.js';
import { type PackedMatrix, tileFor } from './packed-matrix.js';
import { packedColumns, packFloats, panelsOf } from './packing.js';
import { biasVector, floatVector } from './vectors.js';
import { weightsKind } from './weights.js';

/** The node as the convolution from its output to its input. */
function overlapOf(node: KernelNode): OverlapSpec {
  const [, weights, input] = node.inputs;
  const [output] = node.outputs;
  const { strideH, strideW } = node.options as Readonly<Record<string, number>>;
  const axis = (i: 1 | 2, stride = 1): WindowAxis => {
    const size = output!.shape[i]!;
    const out = input!.shape[i]!;
    const kernel = weights!.shape[i]!;
    const isSame = (node.options.padding as Padding) === 'SAME';
    const before = isSame ? paddingBefore(size, kernel, stride, 1, out) : 0;
    return { size, out, kernel, stride, dilation: 1, before };
  };
  return { rows: axis(1, strideH), columns: axis(2, strideW), channels: output!.shape[3]! };
}

/** Weights `[O, KH, KW, C]` as the matrix `[C, KH * KW * O]` in panels. */
function packedWindows(to: KernelBuilder, weights: Operand, nr: number): PackedMatrix {
  const [o = 0, kh = 0, kw = 0, k = 0] = weights.shape;
  const n = kh * kw * o;
  const panels = panelsOf(n, nr);
  const count = packedColumns(panels) * k;
  const pointer = to.sharedData(weights.constant!, `windows ${nr}`, count * 4, (view) => {
    const data = floats({ ...weights.constant!.tensor(), quantization: weights.quantization });
    const columns = new Float32Array(n * k);
    for (let filter = 0; filter < o; filter++)
      for (let cell = 0; cell < kh * kw; cell++) {
        const from = (filter * kh * kw + cell) * k;
        columns.set(data.subarray(from, from + k), (cell * o + filter) * k);
      }
    packFloats(
      new Float32Array(view.buffer, view.byteOffset, count),
      columns,
      { k, n, step: 1, columnStep: k },
      panels,
    );
  });
  return { pointer, panels, columnBytes: 4 };
}

/** TRANSPOSE_CONV of floats: the windows of all cells by one matrix product, then their sum. */
export const transposeConv: Kernel = {
  ops: ['TRANSPOSE_CONV'],
  fuses: true,

  accepts({ inputs: [, weights, input, bias], outputs: [output] }) {
    if (!weights?.constant || input?.dtype !== 'f32' || output?.dtype !== 'f32') return undefined;
    const filters = weights.shape[0]!;
    if (input.count === 0 || output.count === 0 || output.shape[3] !== filters) return undefined;
    if (bias && (bias.count !== filters || !bias.constant)) return undefined;
    return weightsKind(weights, 0, filters) ? 'transpose_conv_f32' : undefined;
  },

  build(node, to) {
    const spec = overlapOf(node);
    if (isDisjoint(spec) && node.stages.every((s) => !s.operand || s.operand.mode === 'scalar'))
      buildDisjoint(node, to, spec);
    else buildOverlapping(node, to, spec);
  },
};

/** Whether the windows lie side by side. */
const isDisjoint = ({ rows, columns }: OverlapSpec): boolean =>
  [rows, columns].every((a) => a.kernel === a.stride && a.before === 0 && a.size === a.out * a.kernel);

/** The windows of all cells, `[cells, KH, KW, O]`; their bias has an element for each of a window. */
function multiplyWindows(node: KernelNode, to: KernelBuilder, bias: Pointer, stages: readonly Stage[]): Pointer {
  const [, weights, input] = node.inputs;
  const depth = input!.shape[3]!;
  const count = input!.count / depth;
  const tile = tileFor(count);
  const rowBytes = (weights!.count / depth) * 4;
  const windows = to.scratch(count * rowBytes);
  const cells = plainRows(count, input!.pointer, depth * 4, depth);
  const result = { c: windows, firstRow: 0, firstColumn: 0, rowBytes, bias, stages };
  multiply(to, cells, packedWindows(to, weights!, tile.nr), result, tile);
  return windows;
}

function buildOverlapping(node: KernelNode, to: KernelBuilder, spec: OverlapSpec): void {
  const { rows, columns, channels } = spec;
  const [output] = node.outputs;
  const none = biasVector(to, undefined, rows.kernel * columns.kernel * channels);
  const windows = multiplyWindows(node, to, none, []);
  const add = to.func(overlapKey(spec, node.stages), (module) => emitOverlapAdd(module, spec, node.stages));
  const operands = stageOperands(node.stages).map(({ value }) => value.pointer);
  const bias = biasVector(to, node.inputs[3], channels);
  to.call(add, [windows, bias, output!.pointer, ...operands], output!.shape[0]! * rows.size, 1);
}

/** The product gives finished pixels; the rows of the windows only have to be moved to their places. */
function buildDisjoint(node: KernelNode, to: KernelBuilder, { rows, columns, channels }: OverlapSpec): void {
  const [output] = node.outputs;
  const windows = multiplyWindows(node, to, windowBias(node, to), node.stages);
  const bytes = columns.kernel * channels * 4;
  const lines = output!.shape[0]! * rows.size;
  const key = `windows ${[lines, rows.kernel, columns.out, bytes]}`;
  const table = to.sharedData(TABLES, key, lines * columns.out * 4, (view) => {
    const offsets = new Int32Array(view.buffer, view.byteOffset, lines * columns.out);
    for (let y = 0; y < lines; y++)
      for (let x = 0; x < columns.out; x++) {
        const cell = Math.floor(y / rows.kernel) * columns.out + x;
        offsets[y * columns.out + x] = (cell * rows.kernel + (y % rows.kernel)) * bytes;
      }
  });
  const gather = to.func(gatherKey(bytes), (module) => emitGatherCells(module, bytes));
  to.call(gather, [windows, output!.pointer, table], lines * columns.out, 1);
}

const TABLES = {};

/** The bias once for each pixel of a window. */
function windowBias({ inputs: [, weights, , bias] }: KernelNode, to: KernelBuilder): Pointer {
  const [filters = 0, kh = 0, kw = 0] = weights!.shape;
  const count = filters * kh * kw;
  if (!bias?.constant) return biasVector(to, undefined, count);
  const data = floats({ ...bias.constant.tensor(), quantization: bias.quantization });
  return floatVector(to, bias.constant, `bias ${count}`, count, (i) => data[i % filters]!);
}
