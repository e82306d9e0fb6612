import { byteKernels } from './byte-kernels.js';
import { commonKernels } from './common-kernels.js';
import './custom-kernels.js';
import { furtherKernels } from './further-kernels.js';
import { KernelTable } from './kernel-table.js';

/** All kernels. */
export const allKernels = new KernelTable([...commonKernels, ...byteKernels, ...furtherKernels]);
