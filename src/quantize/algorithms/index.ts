import { float16 } from './float16.js';
import { minMaxInt8 } from './min-max.js';
import { minMaxUint8 } from './min-max-uint8.js';
import type { WeightAlgorithm } from './types.js';

/** The algorithms by the name that a recipe's `weights` gives them. A new one is a file and a row. */
export const weightAlgorithms = { i8: minMaxInt8, u8: minMaxUint8, f16: float16 } as const satisfies Record<
  string,
  WeightAlgorithm
>;

/** What a recipe can ask of a constant. */
export type WeightKind = keyof typeof weightAlgorithms;

/** The algorithm of that name, without its static type. */
export const algorithmOf = (kind: WeightKind): WeightAlgorithm => weightAlgorithms[kind];
