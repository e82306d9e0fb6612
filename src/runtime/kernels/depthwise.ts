import { floats } from '../../ops/floats.js';
import type { Pointer } from '../buffers.js';
import {
  type DepthwiseSpec,
  depthwiseBlock,
  depthwiseCells,
  depthwiseKey,
  depthwiseUnits,
  emitDepthwise,
} from '../emit/depthwise.js';
import { emitRepeatChannels } from '../emit/repeat-channels.js';
import { stageOperands } from '../emit/stages.js';
import type { Kernel, KernelBuilder, KernelNode } from '../kernel.js';
import { weightsKind } from './weights.js';
import { windowsOf } from './windows.js';

/** Larger kernels are too much code: every cell along a tile is written out. */
const MAX_KERNEL = 64;

function specOf(node: KernelNode): DepthwiseSpec {
  const [, kernelHeight = 0, kernelWidth = 0, channels = 0] = node.inputs[1]?.shape ?? [];
  const [rows, columns] = windowsOf(node, [kernelHeight, kernelWidth]);
  return { rows, columns, channels };
}

/** Bias and kernel cells in blocks of four channels. */
function packedWeights(node: KernelNode, to: KernelBuilder, spec: DepthwiseSpec): Pointer {
  const { channels } = spec;
  const [, filter, bias] = node.inputs;
  const blocks = Math.ceil(channels / 4);
  const bytes = blocks * depthwiseBlock(spec);
  return to.data(bytes, (view) => {
    const out = new Float32Array(view.buffer, view.byteOffset, bytes / 4);
    const weights = floats({ ...filter!.constant!.tensor(), quantization: filter!.quantization });
    const offsets = bias && floats({ ...bias.constant!.tensor(), quantization: bias.quantization });
    const cells = depthwiseCells(spec);
    for (let c = 0; c < channels; c++) {
      const start = (c >> 2) * (1 + cells.length) * 4 + (c & 3);
      out[start] = offsets?.[c] ?? 0;
      for (const [k, cell] of cells.entries()) out[start + 4 * (k + 1)] = weights[cell * channels + c]!;
    }
  });
}

/** DEPTHWISE_CONV_2D of floats with constant weights. With a depth multiplier, the input's channels are repeated first. */
export const depthwise: Kernel = {
  ops: ['DEPTHWISE_CONV_2D'],
  fuses: true,

  accepts(node) {
    const [input, filter, bias] = node.inputs;
    if (!input || !filter?.constant || input.dtype !== 'f32' || node.outputs[0]?.dtype !== 'f32') return undefined;
    if (bias && !bias.constant) return undefined;
    const { rows, columns, channels } = specOf(node);
    if (input.count === 0 || node.outputs[0].count === 0 || Math.max(rows.kernel, columns.kernel) > MAX_KERNEL)
      return undefined;
    if (!weightsKind(filter, 3, channels)) return undefined;
    return `depthwise_f32_${rows.kernel}x${columns.kernel}`;
  },

  build(node, to) {
    const spec = specOf(node);
    const [input] = node.inputs;
    const [output] = node.outputs;
    const [images = 0, height = 0, width = 0, channels = 0] = input!.shape;
    const multiplier = spec.channels / channels;
    let x = input!.pointer;
    if (multiplier > 1) {
      x = to.scratch(images * height * width * spec.channels * 4);
      const repeat = to.func(`repeat channels ${channels} ${multiplier}`, (module) =>
        emitRepeatChannels(module, channels, multiplier),
      );
      to.call(repeat, [input!.pointer, x], images * height * width, 1);
    }
    const func = to.func(depthwiseKey(spec, node.stages), (module) => emitDepthwise(module, spec, node.stages));
    const operands = stageOperands(node.stages).map(({ value }) => value.pointer);
    to.call(func, [x, packedWeights(node, to, spec), output!.pointer, ...operands], images * depthwiseUnits(spec), 1);
  },
};
