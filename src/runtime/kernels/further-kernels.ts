import type { Kernel } from '../kernel.js';
import { addN } from './add-n.js';
import { batchMatmul } from './batch-matmul.js';
import { complexParts } from './complex-parts.js';
import { conv3d } from './conv-3d.js';
import { fourier } from './fourier.js';
import { gathers } from './gather.js';
import { localResponse } from './local-response.js';
import { lstm } from './lstm.js';
import { rnn } from './rnn.js';
import { runningSums } from './running-sums.js';
import { svdf } from './svdf.js';
import { transposeConv } from './transpose-conv.js';
import { transposeConv3d } from './transpose-conv-3d.js';

/**
 * The kernels that plain networks on images do not need: fused recurrent layers, products of two computed matrices, other
 * convolutions, gathering.
 */
export const furtherKernels: readonly Kernel[] = [
  lstm,
  rnn,
  svdf,
  batchMatmul,
  conv3d,
  transposeConv,
  transposeConv3d,
  ...gathers,
  addN,
  runningSums,
  localResponse,
  complexParts,
  fourier,
];
