import { Constant } from '../ir/constant.js';
import type { Value } from '../ir/graph.js';
import { elementCount } from '../ir/tensor.js';
import { floats } from '../ops/floats.js';

/** Scales of blocks along the last axis, as files keep them beside a tensor's quantization. */
interface Blocks {
  readonly type: 'BlockwiseQuantization';
  /** `[rows, row length / block size]` */
  readonly scales: Value | undefined;
  readonly zeroPoints: Value | undefined;
  readonly blockSize: number;
}

/**
 * Blockwise quantized weights as floats: `scale * q` with one scale for each `blockSize` elements of a row. Undefined for
 * other values, and where there are zero points.
 */
export function dequantizedBlocks({ constant, quantization }: Value): Constant | undefined {
  const details = quantization?.extra?.details as Partial<Blocks> | undefined;
  const scales = details?.scales?.constant;
  if (!constant || details?.type !== 'BlockwiseQuantization' || !scales || details.zeroPoints?.constant)
    return undefined;
  const { blockSize = 0 } = details;
  const row = constant.shape.at(-1) ?? 1;
  const perRow = Math.ceil(row / blockSize);
  if (!(blockSize > 0) || scales.count !== perRow * (elementCount(constant.shape) / row)) return undefined;
  return Constant.lazy('f32', constant.shape, () => {
    const q = constant.data() as Int8Array;
    const s = floats(scales.tensor());
    return Float32Array.from(
      q,
      (x, i) => x * (s[Math.floor(i / row) * perRow + Math.floor((i % row) / blockSize)] as number),
    );
  });
}
