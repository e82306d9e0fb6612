import { Option } from 'commander';
import type { Shape } from '../ir/tensor.js';
import type { NumericsMode } from '../runtime/api.js';
import { inputShapeFlag, parseAmount, repeatable } from './options.js';

/** Flags that say how to load a model that shall run. */
export function loadFlags(): Option[] {
  return [
    new Option('--signature <key>', 'signature to run (the first one when absent)'),
    repeatable('--tag <tag>', 'MetaGraph tag of a SavedModel (repeatable; "serve" when absent)'),
    inputShapeFlag(),
    new Option('--numerics <mode>', 'fast, or exactly as the reference kernels').choices(['fast', 'reference']),
    new Option('--threads <n>', 'threads to compute with').argParser(parseAmount),
  ];
}

/** What commander makes of {@link loadFlags}. */
export interface LoadFlags {
  readonly signature?: string;
  readonly tag?: string[];
  readonly inputShape?: Record<string, Shape>;
  readonly numerics?: NumericsMode;
  readonly threads?: number;
}
