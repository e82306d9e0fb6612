import { elementCount } from '../../ir/tensor.js';
import { normalizeAxis } from '../../ops/shapes.js';
import { shifted } from '../buffers.js';
import { elementwiseBytesKey, emitElementwiseBytes } from '../emit/elementwise-bytes.js';
import type { Kernel } from '../kernel.js';
import { rescalingOf } from './integer-elementwise.js';
import { isByte } from './integers.js';

/** CONCATENATION of unsigned bytes whose parameters differ: each part is rescaled on its way. Others are copies. */
export const integerConcatenation: Kernel = {
  ops: ['CONCATENATION'],

  accepts({ inputs, outputs: [out], options }) {
    if (out?.dtype !== 'u8' || out.count === 0 || (options.fusedActivationFunction ?? 'NONE') !== 'NONE')
      return undefined;
    const canRescale = inputs.every((input) => isByte(input?.dtype) && rescalingOf(input, out, 'QUANTIZE'));
    return canRescale ? 'concatenation_u8' : undefined;
  },

  build({ inputs, outputs, options }, to) {
    const out = outputs[0]!;
    const axis = normalizeAxis(Number(options.axis ?? 0), out.shape.length);
    const rows = elementCount(out.shape.slice(0, axis));
    const outStride = out.count / rows;
    let first = 0;
    for (const input of inputs) {
      if (!input || input.count === 0) continue;
      const { f, grid } = rescalingOf(input, out, 'QUANTIZE')!;
      const length = input.count / rows;
      const spec = { operands: [{ isSigned: false, stride: length, isSplat: false }], length, outStride, grid };
      const func = to.func(elementwiseBytesKey(spec, f), (module) => emitElementwiseBytes(module, spec, f));
      to.call(func, [input.pointer, 0, shifted(out.pointer, first)], rows, 1);
      first += length;
    }
  },
};
