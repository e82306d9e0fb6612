import { byteKernels } from './byte-kernels.js';
import { commonKernels } from './common-kernels.js';
import './custom-kernels.js';
import { KernelTable } from './kernel-table.js';
import { otherConvolutions } from './other-convolutions.js';
import { recurrentKernels } from './recurrent-kernels.js';

/** All kernels. */
export const allKernels = new KernelTable([
  ...commonKernels,
  ...byteKernels,
  ...otherConvolutions,
  ...recurrentKernels,
]);
