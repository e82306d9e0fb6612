import { Option } from 'commander';
import { ModelError } from '../errors.js';
import type { Recipe } from '../quantize/recipe.js';
import { parseCount, repeatable } from './options.js';
import { warn } from './progress.js';
import { UsageError } from './usage.js';

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

/** Says which of the finer flags are of no use, because nothing is quantized or by whole elements. */
export function warnIdle({ quantize, ...flags }: QuantizeFlags): void {
  const scales = [flags.perTensor && '--per-tensor', flags.perChannel && '--per-channel'];
  const choice = [flags.minElements !== undefined && '--min-elements', flags.exclude && '--exclude'];
  const idle = quantize === 'none' ? [...scales, ...choice] : quantize === 'float16' ? scales : [];
  for (const name of idle) if (name) warn(`${name} has no effect with --quantize ${quantize}.`);
}

/** What commander makes of {@link quantizeFlags}. */
export interface QuantizeFlags {
  readonly quantize: string;
  readonly minElements?: number;
  readonly exclude?: string[];
  readonly perTensor?: boolean;
  readonly perChannel?: boolean;
}

/** A technique that does not exist is a fault of the command line. */
function named(find: () => Recipe): Recipe {
  try {
    return find();
  } catch (error) {
    throw error instanceof ModelError ? new UsageError(`--${error.message}`) : error;
  }
}

/** The recipe that the flags describe: a named technique or a file, with the finer flags on top. */
export async function recipeFrom(flags: QuantizeFlags, format: 'tflite' | 'tfjs' = 'tflite'): Promise<Recipe> {
  const { parseRecipe, recipeForTfjs, recipeWith, resolveRecipe } = await import('../quantize/index.js');
  const isFile = /\.json$/i.test(flags.quantize);
  const recipe = isFile
    ? parseRecipe((await import('../node/files.js')).readText(flags.quantize), flags.quantize)
    : named(() => resolveRecipe(flags.quantize));
  const wanted = recipeWith(recipe, {
    ...(flags.minElements !== undefined && { minElements: flags.minElements }),
    ...(flags.exclude && { exclude: flags.exclude }),
    ...(flags.perTensor && { granularity: 'per-tensor' as const }),
    ...(flags.perChannel && { granularity: 'per-channel' as const }),
  });
  return format === 'tfjs' ? recipeForTfjs(wanted) : wanted;
}
