import type { Constant } from '../../ir/constant.js';
import type { DType, Quantization } from '../../ir/tensor.js';

/** How the scales of a quantized constant are laid out. */
export interface ScaleLayout {
  /** One range for each index of `axis`, or one for the whole tensor. */
  readonly granularity: 'per-channel' | 'per-tensor';
  /**
   * The axis that the scales belong to. With `per-tensor` the one scale is repeated for each index, for kernels that read
   * as many scales as there are channels.
   */
  readonly axis?: number;
}

/** A constant in its new form. */
export interface QuantizedConstant {
  readonly constant: Constant;
  readonly quantization: Quantization | undefined;
  /** Signal-to-quantization-noise ratio in dB; null when nothing was lost. */
  readonly sqnrDb: number | null;
  /** What a reader of the report should know of this constant. */
  readonly note?: string;
}

/** One way to store float32 constants in fewer bytes. */
export interface WeightAlgorithm {
  /** Name in reports, such as `int8`. */
  readonly label: string;
  /** Element type in the file. */
  readonly dtype: DType;
  /** Smallest constant that is worth it, in elements, when the recipe does not say. */
  readonly minElements: number;
  /** `weights`: the operands that an operator's rule names; `all`: whatever reads a float32 constant. */
  readonly operands: 'weights' | 'all';
  /** There are scales, and kernels that take the integers directly. */
  readonly hasScales: boolean;
  /**
   * The constant in its new form; undefined when its elements do not allow it (infinite, NaN). Reads the source once.
   */
  quantize(source: Constant, layout: ScaleLayout): QuantizedConstant | undefined;
}
