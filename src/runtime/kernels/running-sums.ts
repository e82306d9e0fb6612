import { elementCount } from '../../ir/tensor.js';
import { normalizeAxis } from '../../ops/shapes.js';
import { emitRunningSums, type RunningSumsSpec, runningSumUnits } from '../emit/running-sums.js';
import type { Kernel } from '../kernel.js';

/** CUMSUM of 32-bit elements along a constant axis. */
export const runningSums: Kernel = {
  ops: ['CUMSUM'],

  accepts({ inputs: [input, axis], outputs: [output] }) {
    if (!input || !axis?.constant || input.dtype !== output?.dtype || input.count === 0) return undefined;
    return input.dtype === 'f32' || (input.dtype === 'i32' && !input.quantization)
      ? `running_sums_${input.dtype}`
      : undefined;
  },

  build({ inputs: [input, axis], outputs: [output], options }, to) {
    const { shape, dtype } = input!;
    const at = normalizeAxis(Number(axis!.constant!.data()[0]), shape.length);
    const spec: RunningSumsSpec = {
      rows: elementCount(shape.slice(0, at)),
      size: shape[at]!,
      inner: elementCount(shape.slice(at + 1)),
      isFloat: dtype === 'f32',
      exclusive: options.exclusive === true,
      reverse: options.reverse === true,
    };
    const func = to.func(`running sums ${JSON.stringify(spec)}`, (module) => emitRunningSums(module, spec));
    to.call(func, [input!.pointer, output!.pointer], runningSumUnits(spec), 1);
  },
};
