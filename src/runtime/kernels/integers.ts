import type { DType } from '../../ir/tensor.js';
import { type Affine, activationRange, affineOf } from '../../ops/integers.js';
import type { ActivationFunctionType } from '../../schema/tflite.gen.js';
import type { Pointer } from '../buffers.js';
import type { ByteGrid } from '../emit/bytes.js';
import { hasBorder } from '../emit/pad-rows.js';
import { emitWiden, emitWidenImages, WIDE_UNIT, type WidenSpec, wideImageBytes } from '../emit/widen.js';
import type { KernelBuilder, KernelNode, Operand } from '../kernel.js';
import type { Geometry } from './convolution.js';

export const isByte = (dtype: DType | undefined): boolean => dtype === 'i8' || dtype === 'u8';

/** The scale and zero point of a tensor of bytes; undefined for all others. */
export const byteAffine = (operand: Operand | undefined): Affine | undefined =>
  operand && isByte(operand.dtype) ? affineOf(operand) : undefined;

/** Where the results of a node lie on their grid. */
export function gridOf(affine: Affine, activation: ActivationFunctionType | number = 'NONE'): ByteGrid {
  const [low, high] = activationRange(affine, activation);
  return { isSigned: affine.dtype === 'i8', zeroPoint: affine.zeroPoint, low, high };
}

export const activationOf = ({ options }: KernelNode): ActivationFunctionType =>
  (options.fusedActivationFunction ?? 'NONE') as ActivationFunctionType;

export const wideningOf = ({ dtype, zeroPoint }: Affine): WidenSpec => ({ isSigned: dtype === 'i8', zeroPoint });

/** The elements of a tensor as 16-bit integers less their zero point. */
export function widened(to: KernelBuilder, input: Pick<Operand, 'pointer' | 'count'>, affine: Affine): Pointer {
  const spec = wideningOf(affine);
  const units = Math.ceil(input.count / WIDE_UNIT);
  const q = to.scratch(units * WIDE_UNIT * 2);
  const widen = to.func(`widen ${JSON.stringify(spec)}`, (module) => emitWiden(module, spec));
  to.call(widen, [input.pointer, q], units, 1);
  return q;
}

/** The images as 16-bit integers with a border of zeros. */
export function widenedImages(
  to: KernelBuilder,
  input: Operand,
  affine: Affine,
  { height, width, channels, border, images }: Pick<Geometry, 'height' | 'width' | 'channels' | 'border' | 'images'>,
): Pointer {
  if (!hasBorder(border)) return widened(to, input, affine);
  const spec = { ...wideningOf(affine), height, width, channels, border, pixel: channels, repeat: 1 };
  const q = to.scratch(images * wideImageBytes(spec));
  const widen = to.func(`widen images ${JSON.stringify(spec)}`, (module) => emitWidenImages(module, spec));
  to.call(widen, [input.pointer, q], images * (height + border.top + border.bottom), 1);
  return q;
}
