import { emitComplexParts } from '../emit/complex-parts.js';
import { FLAT_UNIT } from '../emit/elementwise.js';
import type { Kernel } from '../kernel.js';

/** Real parts, imaginary parts and absolute values of complex numbers of 64 bits. */
export const complexParts: Kernel = {
  ops: ['REAL', 'IMAG', 'COMPLEX_ABS'],

  accepts: ({ inputs: [input], outputs: [output] }) =>
    input?.dtype === 'c64' && output?.dtype === 'f32' ? 'complex_parts' : undefined,

  build({ op, inputs: [input], outputs: [output] }, to) {
    const func = to.func(`complex parts ${op}`, (module) => emitComplexParts(module, op));
    to.call(func, [input!.pointer, output!.pointer], Math.ceil(output!.count / FLAT_UNIT), 1);
  },
};
