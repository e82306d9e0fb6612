import type { DType } from '../ir/tensor.js';
import type { VersionFacts, VersionValue } from './define.js';

/** Whether the inputs, then output 0, have these element types; `undefined` leaves one open. */
export function hasTypes(
  { inputs, outputs }: VersionFacts,
  types: readonly (DType | undefined)[],
  output: DType | undefined,
): boolean {
  return (
    types.every((type, i) => type === undefined || inputs[i]?.dtype === type) &&
    (output === undefined || outputs[0]?.dtype === output)
  );
}

/** One scale for each index of `axis`; a single scale counts when the axis has size 1. */
export const isPerChannel = (value: VersionValue | undefined, axis: number): boolean =>
  value?.quantization !== undefined && value.quantization.scale.length === value.shape?.[axis];

/** More than one scale, one for each index of the value's own quantized axis. */
export function hasChannelScales(value: VersionValue | undefined): boolean {
  const count = value?.quantization?.scale.length ?? 0;
  return count > 1 && count === value?.shape?.[value.quantization?.axis ?? 0];
}

/** Whether the option that names the bias type of 16-bit kernels is set; FLOAT32 is the schema default. */
export const namesBiasType = ({ options }: VersionFacts): boolean =>
  options.quantizedBiasType !== undefined && options.quantizedBiasType !== 'FLOAT32';
