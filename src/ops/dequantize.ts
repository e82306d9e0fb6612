import type { DType } from '../ir/tensor.js';
import { defineOp, type VersionFacts } from './define.js';
import { floats, floatTensor } from './floats.js';
import { LITERT } from './litert.js';
import { hasChannelScales } from './version-facts.js';

/**
 * Quantized integers (`scale * (q - zeroPoint)`, per tensor or along an axis) and narrow floats, as float32 numbers.
 *
 * Source: TFLite operator DEQUANTIZE; TFLite 8-bit quantization specification.
 */
export const dequantize = defineOp({
  name: 'DEQUANTIZE',
  litert: LITERT.everywhere,
  inputs: ['input'],
  outputs: ['output'],
  version: dequantizeVersion,
  infer: ({ input }) => [{ dtype: 'f32', shape: input.shape }],
  reference: ({ inputs: { input } }) => [floatTensor({ dtype: 'f32', shape: input.shape }, floats(input))],
});

const VERSIONS: Readonly<Partial<Record<DType, number>>> = {
  f8e4m3: 9,
  f8e5m2: 9,
  u4: 8,
  i2: 7,
  i4: 6,
  i16: 3,
  f16: 3,
};

function dequantizeVersion({ inputs: [input] }: VersionFacts): number {
  if (input?.dtype === 'i8') return hasChannelScales(input) ? 5 : 2;
  return (input && VERSIONS[input.dtype]) ?? 1;
}
