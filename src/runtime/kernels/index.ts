import type { Features } from '../../wasm/features.js';
import type { Kernel, KernelNode } from '../kernel.js';
import { batchMatmul } from './batch-matmul.js';
import { broadcast } from './broadcast.js';
import { conv3d } from './conv-3d.js';
import { convolutions } from './convolution.js';
import { copies } from './copies.js';
import { depthwise } from './depthwise.js';
import { elementwise } from './elementwise.js';
import { fullyConnected } from './fully-connected.js';
import { gathers } from './gather.js';
import { integerBatchMatmul } from './integer-batch-matmul.js';
import { integerConcatenation } from './integer-concatenation.js';
import { integerDepthwise } from './integer-depthwise.js';
import { integerElementwise } from './integer-elementwise.js';
import { integerProducts } from './integer-products.js';
import { integerResize } from './integer-resize.js';
import { integerSoftmax } from './integer-softmax.js';
import { integerTransposeConv } from './integer-transpose-conv.js';
import { integerWindows } from './integer-windows.js';
import { lstm } from './lstm.js';
import { pools } from './pool.js';
import { quantization } from './quantize.js';
import { rearrangement } from './rearrangement.js';
import { reduceKernels } from './reduce.js';
import { resize } from './resize.js';
import { rnn } from './rnn.js';
import { softmaxes } from './softmax.js';
import { sparse } from './sparse.js';
import { svdf } from './svdf.js';
import { transposeConv } from './transpose-conv.js';
import { views } from './views.js';

/** All kernels; of those for one operator, the first that accepts a node computes it. */
const kernels: readonly Kernel[] = [
  views,
  elementwise,
  broadcast,
  sparse,
  fullyConnected,
  batchMatmul,
  ...convolutions,
  ...integerProducts,
  conv3d,
  transposeConv,
  depthwise,
  integerDepthwise,
  pools,
  resize,
  rearrangement,
  ...reduceKernels,
  softmaxes,
  copies,
  ...gathers,
  ...quantization,
  ...integerElementwise,
  integerBatchMatmul,
  integerSoftmax,
  integerResize,
  integerTransposeConv,
  ...integerWindows,
  integerConcatenation,
  lstm,
  rnn,
  svdf,
];

const byOp = new Map<string, Kernel[]>();
for (const kernel of kernels) for (const op of kernel.ops) byOp.set(op, [...(byOp.get(op) ?? []), kernel]);

/** Operators that have kernels. */
export const fastOperators: ReadonlySet<string> = new Set(byOp.keys());

/** The kernel that computes a node, or undefined: then the operator's reference kernel does. */
export const findKernel = (node: KernelNode, features: Features): Kernel | undefined =>
  byOp.get(node.op)?.find((kernel) => kernel.accepts(node, features) !== undefined);
