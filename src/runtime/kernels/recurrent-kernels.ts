import type { Kernel } from '../kernel.js';
import { lstm } from './lstm.js';
import { rnn } from './rnn.js';
import { svdf } from './svdf.js';

/** The kernels of fused recurrent layers. */
export const recurrentKernels: readonly Kernel[] = [lstm, rnn, svdf];
