import type { Pass } from './define.js';

/** A pass, or passes to repeat until none of them changes anything. */
export type Step = Pass | readonly Pass[];

/** What a conversion does to a graph that was lowered from another framework, in order. */
export const optimizePreset: readonly Step[] = [];
