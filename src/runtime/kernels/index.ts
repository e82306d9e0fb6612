import type { Features } from '../../wasm/features.js';
import type { Kernel, KernelNode } from '../kernel.js';
import { batchMatmul } from './batch-matmul.js';
import { broadcast } from './broadcast.js';
import { conv3d } from './conv-3d.js';
import { convolutions } from './convolution.js';
import { depthwise } from './depthwise.js';
import { elementwise } from './elementwise.js';
import { fullyConnected } from './fully-connected.js';
import { integerDepthwise } from './integer-depthwise.js';
import { integerProducts } from './integer-products.js';
import { movement } from './movement.js';
import { pools } from './pool.js';
import { rearrangement } from './rearrangement.js';
import { reduceKernels } from './reduce.js';
import { resize } from './resize.js';
import { softmaxes } from './softmax.js';
import { transposeConv } from './transpose-conv.js';
import { views } from './views.js';

/** All kernels; of those for one operator, the first that accepts a node computes it. */
const kernels: readonly Kernel[] = [
  views,
  elementwise,
  broadcast,
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
  movement,
  ...reduceKernels,
  softmaxes,
  rearrangement,
];

const byOp = new Map<string, Kernel[]>();
for (const kernel of kernels) for (const op of kernel.ops) byOp.set(op, [...(byOp.get(op) ?? []), kernel]);

/** The kernel that computes a node, or undefined: then the operator's reference kernel does. */
export const findKernel = (node: KernelNode, features: Features): Kernel | undefined =>
  byOp.get(node.op)?.find((kernel) => kernel.accepts(node, features) !== undefined);
