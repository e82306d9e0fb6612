import { type Pointer, shifted } from '../buffers.js';
import { emitQuantizeRows, quantizedRowBytes, rowArguments } from '../emit/quantize-rows.js';
import { formSteps, type RowForm } from '../emit/row-form.js';
import type { KernelBuilder } from '../kernel.js';
import { plainRows, type Rows, type Scales } from './matrix.js';

/** Rows `[M, K]` of floats as rows of integers of that form, each on an 8-bit grid of its own, and what the grids are. */
export function quantizedRows(
  to: KernelBuilder,
  x: Pointer,
  m: number,
  k: number,
  form: RowForm,
): { readonly rows: Rows; readonly scales: Omit<Scales, 'columns'> } {
  const bytes = quantizedRowBytes(k, form);
  const q = to.scratch(m * bytes);
  const scales = to.scratch(m * 8);
  const zeros = shifted(scales, m * 4);
  const quantize = to.func(`quantize rows ${k % 8} ${form}`, (module) => emitQuantizeRows(module, k % 8, form));
  to.call(quantize, [x, q, scales, zeros, ...rowArguments(k, form)], m, 1);
  return {
    rows: plainRows(m, q, bytes, Math.ceil(k / formSteps(form))),
    scales: { kind: 'each', rows: scales, zeros: form === 'shorts' ? undefined : zeros },
  };
}
