import { type Corner, integerCorners, STEPS } from '../../ops/resize.js';
import type { Pointer } from '../buffers.js';
import { CORNER_BYTES, emitResizeBytes, type ResizeBytesSpec } from '../emit/resize-bytes.js';
import type { Kernel, KernelBuilder } from '../kernel.js';
import { byteAffine, gridOf } from './integers.js';

/** Offsets of the two cells, and their weights: each of its own, or two of 16 bits together. */
function table(to: KernelBuilder, corners: readonly Corner[], stride: number, arePaired: boolean): Pointer {
  return to.data(corners.length * CORNER_BYTES, (view) => {
    const out = new Int32Array(view.buffer, view.byteOffset, corners.length * 4);
    for (const [i, { low, high, weight }] of corners.entries()) {
      const weights = [STEPS - weight, weight];
      const pair = [...new Int32Array(Int16Array.from(weights).buffer), 0];
      out.set([low * stride, high * stride, ...(arePaired ? pair : weights)], i * 4);
    }
  });
}

/** RESIZE_BILINEAR of bytes. */
export const integerResize: Kernel = {
  ops: ['RESIZE_BILINEAR'],

  accepts({ inputs, outputs }) {
    const [from, to] = [byteAffine(inputs[0]), byteAffine(outputs[0])];
    return from && to && from.dtype === to.dtype && outputs[0]!.count > 0 ? `resize_${to.dtype}` : undefined;
  },

  build({ inputs, outputs, options }, to) {
    const [images = 0, height = 0, width = 0, channels = 0] = inputs[0]?.shape ?? [];
    const [, outHeight = 0, outWidth = 0] = outputs[0]?.shape ?? [];
    const alignment = {
      alignCorners: options.alignCorners === true,
      halfPixelCenters: options.halfPixelCenters === true,
    };
    const rows = table(to, integerCorners(height, outHeight, alignment), width * channels, false);
    const columns = table(to, integerCorners(width, outWidth, alignment), channels, true);
    const grid = { ...gridOf(byteAffine(outputs[0])!), zeroPoint: 0 };
    const imageBytes = height * width * channels;
    const bits = 2 * Math.log2(STEPS);
    const spec: ResizeBytesSpec = { grid, imageBytes, outHeight, outWidth, channels, bits };
    const func = to.func(`resize bytes ${JSON.stringify(spec)}`, (module) => emitResizeBytes(module, spec));
    to.call(func, [inputs[0]!.pointer, rows, columns, outputs[0]!.pointer], images * outHeight, 1);
  },
};
