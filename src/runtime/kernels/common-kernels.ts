import type { Kernel } from '../kernel.js';
import { broadcast } from './broadcast.js';
import { convolutions } from './convolution.js';
import { copies } from './copies.js';
import { depthwise } from './depthwise.js';
import { elementwise } from './elementwise.js';
import { fullyConnected } from './fully-connected.js';
import { pools } from './pool.js';
import { quantization } from './quantize.js';
import { rearrangement } from './rearrangement.js';
import { reduceKernels } from './reduce.js';
import { resize } from './resize.js';
import { softmaxes } from './softmax.js';
import { sparse } from './sparse.js';
import { views } from './views.js';

/** The kernels that any model may need: those on floats, with weights of any type, and those that move elements. */
export const commonKernels: readonly Kernel[] = [
  views,
  elementwise,
  broadcast,
  sparse,
  fullyConnected,
  ...convolutions,
  depthwise,
  pools,
  resize,
  rearrangement,
  ...reduceKernels,
  softmaxes,
  copies,
  ...quantization,
];
