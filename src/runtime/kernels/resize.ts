import { type Alignment, corners } from '../../ops/resize.js';
import type { Pointer } from '../buffers.js';
import { CORNER_ENTRY, emitResizeBilinear, resizeKey } from '../emit/resize-bilinear.js';
import { stageOperands } from '../emit/stages.js';
import type { Kernel, KernelBuilder } from '../kernel.js';

const TABLES = {};

/** The two cells of each output cell along an axis, whose cells have `bytes`. */
function cornerTable(to: KernelBuilder, size: number, out: number, bytes: number, alignment: Alignment): Pointer {
  const { alignCorners, halfPixelCenters } = alignment;
  const key = `corners ${[size, out, bytes, alignCorners, halfPixelCenters]}`;
  return to.sharedData(TABLES, key, out * CORNER_ENTRY, (view) => {
    const offsets = new Int32Array(view.buffer, view.byteOffset, out * 3);
    const weights = new Float32Array(view.buffer, view.byteOffset, out * 3);
    for (const [i, { low, high, weight }] of corners(size, out, alignment).entries()) {
      offsets[3 * i] = low * bytes;
      offsets[3 * i + 1] = high * bytes;
      weights[3 * i + 2] = weight;
    }
  });
}

/** RESIZE_BILINEAR of floats. */
export const resize: Kernel = {
  ops: ['RESIZE_BILINEAR'],
  fuses: true,

  accepts({ inputs: [input, size], outputs: [output] }) {
    const isFloat = input?.dtype === 'f32' && output?.dtype === 'f32';
    return isFloat && size?.constant && input.count > 0 && output.count > 0 ? 'resize_bilinear_f32' : undefined;
  },

  build(node, to) {
    const [images = 0, height = 0, width = 0, channels = 0] = node.inputs[0]!.shape;
    const [, outHeight = 0, outWidth = 0] = node.outputs[0]!.shape;
    const spec = { height, width, outHeight, outWidth, channels };
    const alignment = node.options as unknown as Alignment;
    const rows = cornerTable(to, height, outHeight, width * channels * 4, alignment);
    const columns = cornerTable(to, width, outWidth, channels * 4, alignment);
    const func = to.func(resizeKey(spec, node.stages), (module) => emitResizeBilinear(module, spec, node.stages));
    const operands = stageOperands(node.stages).map(({ value }) => value.pointer);
    to.call(
      func,
      [node.inputs[0]!.pointer, node.outputs[0]!.pointer, rows, columns, ...operands],
      images * outHeight,
      1,
    );
  },
};
