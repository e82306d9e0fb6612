import type { LoadOptions } from '../runtime/api.js';

/** How to load models for figures that are to be the same with every engine and processor: for accuracy and errors. */
export const REPRODUCIBLE = { relaxedSimd: false } as const satisfies LoadOptions;
