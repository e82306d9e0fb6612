import type { Pointer } from '../buffers.js';
import { emitQuantizeRows, quantizedRowBytes, rowArguments } from '../emit/quantize-rows.js';
import type { KernelBuilder } from '../kernel.js';
import { plainRows, type Rows } from './matrix.js';

/** Rows `[M, K]` of floats as rows of 16-bit integers, each on an 8-bit grid of its own, and the scales `[M]` of the grids. */
export function quantizedRows(
  to: KernelBuilder,
  x: Pointer,
  m: number,
  k: number,
): { readonly rows: Rows; readonly rowScales: Pointer } {
  const bytes = quantizedRowBytes(k);
  const q = to.scratch(m * bytes);
  const rowScales = to.scratch(m * 4);
  const quantize = to.func(`quantize rows ${k % 8}`, (module) => emitQuantizeRows(module, k % 8));
  to.call(quantize, [x, q, rowScales, ...rowArguments(k)], m, 1);
  return { rows: plainRows(m, q, bytes, Math.ceil(k / 2)), rowScales };
}
