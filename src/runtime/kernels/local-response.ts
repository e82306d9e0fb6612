import { emitLocalResponse, type LocalResponseSpec, squaresBytes } from '../emit/local-response.js';
import type { Kernel, KernelNode } from '../kernel.js';

function specOf({ inputs: [input], options }: KernelNode): LocalResponseSpec {
  const { radius, bias, alpha, beta } = options as Readonly<Record<string, number>>;
  const channels = input!.shape.at(-1)!;
  // Further channels than there are change nothing.
  return { channels, radius: Math.min(radius ?? 0, channels), bias: bias ?? 0, alpha: alpha ?? 0, beta: beta ?? 0 };
}

/** LOCAL_RESPONSE_NORMALIZATION of floats, where what is raised to a power is positive. */
export const localResponse: Kernel = {
  ops: ['LOCAL_RESPONSE_NORMALIZATION'],

  accepts(node) {
    const [input] = node.inputs;
    if (input?.dtype !== 'f32' || node.outputs[0]?.dtype !== 'f32' || input.count === 0) return undefined;
    const { radius, bias, alpha } = specOf(node);
    return radius >= 0 && bias > 0 && alpha >= 0 ? 'local_response_f32' : undefined;
  },

  build(node, to) {
    const spec = specOf(node);
    const input = node.inputs[0]!;
    const func = to.func(`local response ${JSON.stringify(spec)}`, (module) => emitLocalResponse(module, spec));
    const squares = to.scratch(squaresBytes(spec));
    to.call(func, [input.pointer, squares, node.outputs[0]!.pointer], input.count / spec.channels);
  },
};
