import { f32x4 } from '../../wasm/instructions.js';
import { shifted } from '../buffers.js';
import { emitOverlapAdd, type OverlapSpec, overlapKey } from '../emit/overlap-add.js';
import { type Stage, stageOperands } from '../emit/stages.js';
import type { Kernel, KernelNode, Operand } from '../kernel.js';
import { windowAxes } from './conv-3d.js';
import { multiply, plainRows } from './matrix.js';
import { packedFloats, tileFor } from './packed-matrix.js';
import { biasVector } from './vectors.js';
import { weightsKind } from './weights.js';

/** The node as the convolution from its output to its input. */
const axesOf = ({ inputs: [, filter, input], outputs: [output], options }: KernelNode) =>
  windowAxes(options, filter!.shape, output!.shape, input!.shape);

/** A plane of the input that adds to a plane of the output, by one plane of the filter. */
interface Part {
  readonly from: number;
  readonly to: number;
  readonly cell: number;
}

/** All parts, by the planes of the filter. */
function partsOf(node: KernelNode): Part[] {
  const [{ size, out, kernel, stride, before }] = axesOf(node);
  const parts: Part[] = [];
  for (let cell = 0; cell < kernel; cell++)
    for (let at = 0; at < out; at++) {
      const to = at * stride + cell - before;
      if (to >= 0 && to < size) parts.push({ from: at, to, cell });
    }
  return parts;
}

/** Adds what lies at a place to a result. */
const plus = (place: Operand): Stage => ({
  key: 'ADD',
  apply: (_, x, y) => x.set(f32x4.add(x.get, y!)),
  operand: { mode: 'same', value: place },
});

/** The operand from `bytes` on, where it has an element for each of the result. */
const movedOn = (stage: Stage, bytes: number): Stage => {
  const { operand } = stage;
  if (operand?.mode !== 'same') return stage;
  const value = { ...operand.value, pointer: shifted(operand.value.pointer, bytes) };
  return { ...stage, operand: { mode: 'same', value } };
};

/**
 * CONV_3D_TRANSPOSE of floats: for each plane of the filter the windows of all cells by one matrix product, then the sums
 * of those windows in planes.
 */
export const transposeConv3d: Kernel = {
  ops: ['CONV_3D_TRANSPOSE'],
  fuses: true,

  accepts(node) {
    const [, filter, input, bias] = node.inputs;
    const [output] = node.outputs;
    if (!filter?.constant || input?.dtype !== 'f32' || output?.dtype !== 'f32') return undefined;
    if (input.count === 0 || output.count === 0 || !weightsKind(filter, 3, output.shape[4]!)) return undefined;
    if (bias && (!bias.constant || bias.dtype !== 'f32' || bias.count !== output.shape[4])) return undefined;
    const axes = axesOf(node);
    // Planes that no window meets would be left as they are.
    const isWhole = new Set(partsOf(node).map(({ to }) => to)).size === axes[0].size;
    return isWhole && axes.every(({ dilation }) => dilation === 1) ? 'transpose_conv_3d_f32' : undefined;
  },

  build(node, to) {
    const [, filter, input, bias] = node.inputs as readonly [Operand, Operand, Operand, Operand | undefined];
    const [output] = node.outputs as readonly [Operand];
    const [depth, rows, columns] = axesOf(node);
    const channels = output.shape[4]!;
    const k = input.shape[4]!;
    const n = rows.kernel * columns.kernel * channels;
    const count = input.count / k;
    const spec: OverlapSpec = { rows, columns, channels };
    const tile = tileFor(count);
    const windows = to.scratch(count * n * 4);
    const cells = plainRows(count, input.pointer, k * 4, k);
    const product = { c: windows, firstRow: 0, firstColumn: 0, rowBytes: n * 4, bias: biasVector(to, undefined, n), stages: [] }; // biome-ignore format: one thing
    const layout = { k, n, step: 1, columnStep: k };
    const [none, all] = [biasVector(to, undefined, channels), biasVector(to, bias, channels)];
    const parts = partsOf(node);
    const [inPlane, outPlane] = [rows.out * columns.out * n * 4, rows.size * columns.size * channels * 4];
    for (let cell = 0; cell < depth.kernel; cell++) {
      const weights = packedFloats(to, filter.constant!, filter.quantization, layout, tile.nr, cell * n * k);
      multiply(to, cells, weights, product, tile);
      for (const part of parts.filter((p) => p.cell === cell))
        for (let image = 0; image < input.shape[0]!; image++) {
          const others = parts.filter((p) => p.to === part.to);
          const place = (image * depth.size + part.to) * outPlane;
          const target = { ...output, pointer: shifted(output.pointer, place) };
          const isFirst = others[0] === part;
          const isLast = others.at(-1) === part;
          const stages = [
            ...(isFirst ? [] : [plus(target)]),
            ...(isLast ? node.stages.map((s) => movedOn(s, place)) : []),
          ];
          const add = to.func(overlapKey(spec, stages), (module) => emitOverlapAdd(module, spec, stages));
          const source = shifted(windows, (image * depth.out + part.from) * inPlane);
          const operands = stageOperands(stages).map(({ value }) => value.pointer);
          to.call(add, [source, isFirst ? all : none, target.pointer, ...operands], rows.size, 1);
        }
    }
  },
};
