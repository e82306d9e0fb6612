import { type Padding, paddingBefore } from '../../ops/shapes.js';
import type { WindowAxis } from '../emit/windows.js';
import type { KernelNode } from '../kernel.js';

/** A window along the height and along the width of images `[N, H, W, C]`. */
export function windowsOf(node: KernelNode, kernel: readonly [number, number]): [WindowAxis, WindowAxis] {
  const { strideH, strideW, dilationHFactor, dilationWFactor } = node.options as Readonly<Record<string, number>>;
  const strides = [strideH ?? 1, strideW ?? 1] as const;
  const dilations = [dilationHFactor ?? 1, dilationWFactor ?? 1] as const;
  const axis = (i: 0 | 1): WindowAxis => {
    const size = node.inputs[0]?.shape[i + 1] ?? 0;
    const out = node.outputs[0]?.shape[i + 1] ?? 0;
    const isSame = (node.options.padding as Padding) === 'SAME';
    const before = isSame ? paddingBefore(size, kernel[i], strides[i], dilations[i], out) : 0;
    return { size, out, kernel: kernel[i], stride: strides[i], dilation: dilations[i], before };
  };
  return [axis(0), axis(1)];
}
