import { Option } from 'commander';
import type { Recipe } from '../quantize/recipe.js';
import { parseCount, repeatable } from './options.js';

/** Flags of the techniques; `convert` and `quantize` share them. */
export function quantizeFlags(standard: string): Option[] {
  return [
    new Option('-q, --quantize <technique>', 'none, dynamic, weight-only, float16, or a recipe file (.json)').default(
      standard,
    ),
    new Option('--min-elements <n>', 'smallest constant worth quantizing, in elements').argParser(parseCount),
    repeatable('--exclude <pattern>', 'leave these in float: a name, /regular expression/ or OP_TYPE (repeatable)'),
    new Option('--per-tensor', 'one scale for each constant').conflicts('perChannel'),
    new Option('--per-channel', 'one scale for each output channel, where the operator allows it'),
  ];
}

/** What commander makes of {@link quantizeFlags}. */
export interface QuantizeFlags {
  readonly quantize: string;
  readonly minElements?: number;
  readonly exclude?: string[];
  readonly perTensor?: boolean;
  readonly perChannel?: boolean;
}

/** The recipe that the flags describe: a named technique or a file, with the finer flags on top. */
export async function recipeFrom(flags: QuantizeFlags, format: 'tflite' | 'tfjs' = 'tflite'): Promise<Recipe> {
  const { parseRecipe, recipeForTfjs, recipeWith, resolveRecipe } = await import('../quantize/index.js');
  const isFile = /\.json$/i.test(flags.quantize);
  const recipe = isFile
    ? parseRecipe((await import('../node/files.js')).readText(flags.quantize), flags.quantize)
    : resolveRecipe(flags.quantize);
  const wanted = recipeWith(recipe, {
    ...(flags.minElements !== undefined && { minElements: flags.minElements }),
    ...(flags.exclude && { exclude: flags.exclude }),
    ...(flags.perTensor && { granularity: 'per-tensor' as const }),
    ...(flags.perChannel && { granularity: 'per-channel' as const }),
  });
  return format === 'tfjs' ? recipeForTfjs(wanted) : wanted;
}
