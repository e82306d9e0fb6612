import type { BuiltinName } from '../schema/tflite.gen.js';

/**
 * Operators whose integer kernels take one quantization for input and output: they move, choose or average numbers, and
 * add nothing that could leave the range.
 *
 * Source: TFLite 8-bit quantization specification, "same scale" restrictions.
 */
const names: readonly BuiltinName[] = [
  'AVERAGE_POOL_2D', 'BATCH_TO_SPACE_ND', 'BROADCAST_TO', 'CONCATENATION', 'DEPTH_TO_SPACE', 'EXPAND_DIMS', 'GATHER',
  'GATHER_ND', 'MAX_POOL_2D', 'MIRROR_PAD', 'PACK', 'PAD', 'REDUCE_MAX', 'REDUCE_MIN', 'RESHAPE', 'RESIZE_BILINEAR',
  'RESIZE_NEAREST_NEIGHBOR', 'SLICE', 'SPACE_TO_BATCH_ND', 'SPACE_TO_DEPTH', 'SPLIT', 'SPLIT_V', 'SQUEEZE',
  'STRIDED_SLICE', 'TILE', 'TRANSPOSE', 'UNPACK',
]; // biome-ignore format: a table

export const keepsScale: ReadonlySet<string> = new Set(names);
