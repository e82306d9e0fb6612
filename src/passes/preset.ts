import type { Step } from './run.js';

/** What a conversion does to a graph that was lowered from another framework, in order. */
export const optimizePreset: readonly Step[] = [];
