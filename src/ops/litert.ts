/**
 * How the numbers of a node are held: floats (`f32`), floats with float16 weights beside float32 biases (`f16`), bytes,
 * 16-bit integers with 8-bit weights (`i16`), floats with 8- or 4-bit weights (`hybrid`, `hybrid-i4`), bytes with 4-bit
 * weights (`i8-i4`).
 */
export type Scheme = 'f32' | 'f16' | 'i8' | 'u8' | 'i16' | 'hybrid' | 'hybrid-i4' | 'i8-i4';

/**
 * The kernels that LiteRT has for an operator. Source: TFLite kernel sources and XNNPACK delegate; `@litertjs/core` 2.5.3
 * asked for one-operator models (`test/oracle/litert-kernels.test.ts`).
 */
export interface LiteRtKernels {
  /** Schemes that XNNPACK computes. */
  readonly xnnpack: readonly Scheme[];
  /** Schemes with a kernel of the runtime's own. */
  readonly builtin: readonly Scheme[];
  /** Schemes whose own kernel is a plain loop -> about how many times slower than the operator's float kernel it is. */
  readonly scalar?: Readonly<Partial<Record<Scheme, number>>>;
}

const kernels = (xnnpack: readonly Scheme[], builtin: readonly Scheme[]): LiteRtKernels => ({ xnnpack, builtin });

/** Kernels that several operators have alike: what XNNPACK takes, then what the others take. */
export const LITERT = {
  everywhere: kernels(['f32', 'i8', 'u8'], ['f32', 'i8', 'u8', 'i16']),
  everywhereButShorts: kernels(['f32', 'i8', 'u8'], ['f32', 'i8', 'u8']),
  floatFast: kernels(['f32'], ['f32', 'i8', 'u8', 'i16']),
  floatFastOrBytes: kernels(['f32'], ['f32', 'i8', 'u8']),
  floatFastOrSigned: kernels(['f32'], ['f32', 'i8', 'i16']),
  floatFastOrI8: kernels(['f32'], ['f32', 'i8']),
  floatFastOnly: kernels(['f32'], ['f32']),
  own: kernels([], ['f32', 'i8', 'u8', 'i16']),
  ownBytes: kernels([], ['f32', 'i8', 'u8']),
  ownSigned: kernels([], ['f32', 'i8', 'i16']),
  ownFloat: kernels([], ['f32']),
} as const;
