import type { Kernel } from '../kernel.js';
import { integerBatchMatmul } from './integer-batch-matmul.js';
import { integerConcatenation } from './integer-concatenation.js';
import { integerDepthwise } from './integer-depthwise.js';
import { integerElementwise } from './integer-elementwise.js';
import { integerProducts } from './integer-products.js';
import { integerResize } from './integer-resize.js';
import { integerSoftmax } from './integer-softmax.js';
import { integerTransposeConv } from './integer-transpose-conv.js';
import { integerWindows } from './integer-windows.js';

/** The kernels that compute with quantized activations of 8 bits. */
export const byteKernels: readonly Kernel[] = [
  ...integerProducts,
  integerDepthwise,
  ...integerElementwise,
  integerBatchMatmul,
  integerSoftmax,
  integerResize,
  integerTransposeConv,
  ...integerWindows,
  integerConcatenation,
];
