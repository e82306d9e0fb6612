import type { Func, WasmModule } from '../../wasm/module.js';
import { emitL2Normalization, emitLogSoftmax, emitSoftmax } from '../emit/softmax.js';
import type { Kernel, KernelNode } from '../kernel.js';

/** Least norm that is divided by. */
const LEAST_NORM = 1e-6;

/** How a row of `count` floats is computed. */
const EMITTERS: Readonly<Record<string, (module: WasmModule, count: number, beta: number) => Func>> = {
  SOFTMAX: emitSoftmax,
  LOG_SOFTMAX: (module, count) => emitLogSoftmax(module, count),
  L2_NORMALIZATION: (module, count) => emitL2Normalization(module, count, LEAST_NORM),
};

const activates = ({ options }: KernelNode): boolean => (options.fusedActivationFunction ?? 'NONE') !== 'NONE';

/** Normalizations of rows along the last axis. */
export const softmaxes: Kernel = {
  ops: ['SOFTMAX', 'LOG_SOFTMAX', 'L2_NORMALIZATION'],
  inPlace: [0],

  accepts(node) {
    const [input] = node.inputs;
    const isOurs = input?.dtype === 'f32' && node.outputs[0]?.dtype === 'f32' && input.count > 0;
    return isOurs && input.shape.length > 0 && !activates(node) ? `${node.op.toLowerCase()}_f32` : undefined;
  },

  build(node, to) {
    const input = node.inputs[0]!;
    const size = input.shape.at(-1)!;
    const beta = (node.options.beta ?? 1) as number;
    const emit = EMITTERS[node.op]!;
    const func = to.func(`${node.op} ${size} ${beta}`, (module) => emit(module, size, beta));
    to.call(func, [input.pointer, node.outputs[0]!.pointer], input.count / size, 1);
  },
};
