import type { Constant } from '../../ir/constant.js';
import type { Features } from '../../wasm/features.js';
import type { RowForm } from '../emit/row-form.js';
import type { Operand } from '../kernel.js';

/** What constant weights are: floats, 8-bit integers that a hybrid kernel takes, or others that are dequantized. */
export function weightsKind(weights: Operand, axis: number, channels: number): 'f32' | 'i8' | 'other' | undefined {
  const { dtype, quantization } = weights;
  if (dtype === 'f32' || dtype === 'f16') return dtype === 'f32' ? 'f32' : 'other';
  if (!quantization || quantization.scale.length === 0) return undefined;
  const { scale, zeroPoint } = quantization;
  const perTensor = scale.length === 1;
  if (!perTensor && (scale.length !== channels || quantization.axis !== axis)) return undefined;
  const isSymmetric = zeroPoint.every((z) => z === 0);
  return (dtype === 'i8' || dtype === 'i4' || dtype === 'i2') && isSymmetric ? 'i8' : 'other';
}

/**
 * Whether 8-bit products are faster than float ones: quantizing the rows and scaling the results must be worth it.
 * Products of few rows stream their weights from memory, where a quarter of the bytes always wins.
 */
export const isHybridWorthwhile = (m: number, n: number, k: number): boolean =>
  m < 4 ? n * k >= 4096 : k >= 16 && n >= 16;

/** Whether weights have the least byte, -128. */
const haveLeast = new WeakMap<Constant, boolean>();

/** The form in which rows meet 8-bit weights. Those with a byte that the product of bytes is not exact for take the other. */
export function formFor({ byteDot }: Features, weights: readonly Operand[]): RowForm {
  if (byteDot !== 'signed') return byteDot ?? 'shorts';
  const isExact = weights.every(({ constant }) => {
    if (!constant) return false;
    if (!haveLeast.has(constant)) haveLeast.set(constant, (constant.data() as Int8Array).includes(-128));
    return haveLeast.get(constant) === false;
  });
  return isExact ? byteDot : 'shorts';
}
