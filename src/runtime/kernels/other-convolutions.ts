import type { Kernel } from '../kernel.js';
import { conv3d } from './conv-3d.js';
import { transposeConv } from './transpose-conv.js';

/** Convolutions of few models: of volumes, and transposed ones. */
export const otherConvolutions: readonly Kernel[] = [conv3d, transposeConv];
