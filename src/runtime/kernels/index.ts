import type { Features } from '../../wasm/features.js';
import type { Kernel, KernelNode } from '../kernel.js';
import { batchMatmul } from './batch-matmul.js';
import { convolutions } from './convolution.js';
import { depthwise } from './depthwise.js';
import { elementwise } from './elementwise.js';
import { fullyConnected } from './fully-connected.js';
import { integerDepthwise } from './integer-depthwise.js';
import { integerProducts } from './integer-products.js';
import { lstm } from './lstm.js';
import { movement } from './movement.js';
import { rnn } from './rnn.js';
import { svdf } from './svdf.js';
import { views } from './views.js';

/** All kernels; of those for one operator, the first that accepts a node computes it. */
const kernels: readonly Kernel[] = [
  views,
  elementwise,
  fullyConnected,
  batchMatmul,
  ...convolutions,
  ...integerProducts,
  depthwise,
  integerDepthwise,
  movement,
  lstm,
  rnn,
  svdf,
];

const byOp = new Map<string, Kernel[]>();
for (const kernel of kernels) for (const op of kernel.ops) byOp.set(op, [...(byOp.get(op) ?? []), kernel]);

/** The kernel that computes a node, or undefined: then the operator's reference kernel does. */
export const findKernel = (node: KernelNode, features: Features): Kernel | undefined =>
  byOp.get(node.op)?.find((kernel) => kernel.accepts(node, features) !== undefined);
