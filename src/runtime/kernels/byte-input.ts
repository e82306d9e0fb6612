import type { Affine } from '../../ops/integers.js';
import type { Features } from '../../wasm/features.js';
import type { Pointer } from '../buffers.js';
import { emitFlipBytes, FLIP_UNIT } from '../emit/flip-bytes.js';
import type { RowForm } from '../emit/row-form.js';
import type { KernelBuilder, Operand } from '../kernel.js';
import { type Geometry, paddedInput } from './convolution.js';
import { widened, widenedImages } from './integers.js';
import type { IntegerWeights } from './packed-integers.js';
import { columnSum } from './packed-matrix.js';
import { formFor } from './weights.js';

type Elements = Pick<Operand, 'pointer' | 'count'>;

/** How a product reads an input of bytes. */
interface ByteInput {
  readonly form: RowForm;
  /** The elements in that form. */
  readonly elements: (input: Elements) => Pointer;
  /** The images in that form, with their border. */
  readonly images: (input: Operand, g: Geometry) => Pointer;
  /** Absent when the elements are less their zero point. */
  readonly zeros?: ZeroPart;
}

/** What the zero point of the rows adds to the sum of a column. */
export type ZeroPart = (column: number) => number;

/** The form in which weights of bytes meet an input of bytes. */
export const byteForm = ({ isWide, weights }: IntegerWeights, features: Features): RowForm =>
  isWide ? 'shorts' : formFor(features, [weights]);

/** The input of a product whose columns are `depth` weights each, one after the other unless `columns` says how they lie. */
export function byteInput(
  to: KernelBuilder,
  product: IntegerWeights & { readonly from: Affine },
  depth: number,
  columns = { k: depth, n: product.constant.count / depth, step: 1, columnStep: depth },
): ByteInput {
  const { from, constant } = product;
  const form = byteForm(product, to.features);
  if (form === 'shorts')
    return {
      form,
      elements: (input) => widened(to, input, from),
      images: (input, g) => widenedImages(to, input, from, g),
    };
  const isSigned = from.dtype === 'i8';
  const isFlipped = isSigned !== (form === 'signed');
  const zeroPoint = from.zeroPoint + (isFlipped ? (isSigned ? 128 : -128) : 0);
  const elements = ({ pointer, count }: Elements) => (isFlipped ? flipped(to, pointer, count) : pointer);
  return {
    form,
    elements,
    images: (input, g) => elements(paddedInput(to, input, g, { elementBytes: 1, zero: from.zeroPoint & 0xff })),
    zeros: (column) => zeroPoint * columnSum(constant.data() as Int8Array, columns, column),
  };
}

/** A copy of bytes with their sign bits turned over. */
function flipped(to: KernelBuilder, pointer: Pointer, count: number): Pointer {
  const units = Math.ceil(count / FLIP_UNIT);
  const out = to.scratch(units * FLIP_UNIT);
  const flip = to.func('flip bytes', emitFlipBytes);
  to.call(flip, [pointer, out], units, 1);
  return out;
}
