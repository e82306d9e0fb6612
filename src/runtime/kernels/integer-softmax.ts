import type { Affine } from '../../ops/integers.js';
import { emitSoftmaxBytes } from '../emit/softmax-bytes.js';
import type { Kernel, KernelBuilder } from '../kernel.js';
import { byteAffine, gridOf } from './integers.js';

const TABLES = {};

/** `exp(beta * scale * (k - 255))` for `k` of 0..255, float32. */
function expTable(to: KernelBuilder, { scale }: Affine, beta: number) {
  const step = Math.fround(scale * beta);
  return to.sharedData(TABLES, `exp ${step}`, 1024, (view) => {
    const table = new Float32Array(view.buffer, view.byteOffset, 256);
    for (let k = 0; k < 256; k++) table[k] = Math.exp(step * (k - 255));
  });
}

/** SOFTMAX of bytes: exponentials from a table, sums in float32. */
export const integerSoftmax: Kernel = {
  ops: ['SOFTMAX'],
  inPlace: [0],

  accepts({ inputs, outputs, options }) {
    const [from, to] = [byteAffine(inputs[0]), byteAffine(outputs[0])];
    const beta = Number(options.beta ?? 1);
    if (!from || !to || from.dtype !== to.dtype || outputs[0]!.count === 0 || !(beta > 0)) return undefined;
    return `softmax_${from.dtype}`;
  },

  build({ inputs, outputs, options }, to) {
    const [input, out] = [inputs[0]!, outputs[0]!];
    const [from, result] = [byteAffine(input)!, byteAffine(out)!];
    const length = out.shape.at(-1) ?? 1;
    const spec = { length, isSigned: from.dtype === 'i8', inverseScale: 1 / result.scale, grid: gridOf(result) };
    const func = to.func(`softmax bytes ${JSON.stringify(spec)}`, (module) => emitSoftmaxBytes(module, spec));
    const table = expTable(to, from, Number(options.beta ?? 1));
    to.call(func, [input.pointer, table, out.pointer], out.count / length, 1);
  },
};
