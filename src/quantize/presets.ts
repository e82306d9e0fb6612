import type { Recipe } from './recipe.js';

/** The techniques known by name; the first name is the short one. */
export const presets: readonly { readonly names: readonly [string, ...string[]]; readonly recipe: Recipe }[] = [
  { names: ['none'], recipe: { version: 1, name: 'none', defaults: { weights: 'none' } } },
  {
    names: ['dynamic', 'dynamic_wi8_afp32'],
    recipe: { version: 1, name: 'dynamic', defaults: { weights: 'i8', mode: 'hybrid' } },
  },
  {
    names: ['weight-only', 'weight_only_wi8_afp32'],
    recipe: { version: 1, name: 'weight-only', defaults: { weights: 'i8', mode: 'weight-only' } },
  },
  {
    names: ['float16', 'weight_only_wf16_afp32'],
    recipe: { version: 1, name: 'float16', defaults: { weights: 'f16' } },
  },
];

/** The short names of all presets. */
export const presetNames: readonly string[] = presets.map(({ names }) => names[0]);
