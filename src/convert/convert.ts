import { readModelFormat } from '../formats/index.js';
import type { ModelInput } from '../formats/types.js';
import { optimizePreset } from '../passes/preset.js';
import { runPasses } from '../passes/run.js';
import { quantizeModel, resolveRecipe } from '../quantize/index.js';
import type { Conversion, ConvertOptions } from './types.js';

/**
 * The main job: reads a model of any known format, optimizes its graphs, and quantizes the weights as asked. Write the
 * result with `writeModel`.
 * @throws {ModelError} when the input cannot be read, holds operations without a counterpart, or an option makes no sense.
 */
export function convert(input: ModelInput, options: ConvertOptions = {}): Conversion {
  const recipe = resolveRecipe(options.quantize ?? 'none');
  const tell = options.onProgress ?? (() => undefined);
  tell({ step: 'read', detail: input.name });
  const { format, model } = readModelFormat(input, options);
  for (const graph of model.graphs) options.onPass?.('read', 0, graph);
  const passes: Record<string, number> = {};
  if (format !== 'tflite') {
    tell({ step: 'optimize' });
    runPasses(model, optimizePreset, {
      verify: options.verify ?? false,
      checkNumerics: options.checkNumerics ?? false,
      ...(options.stopAfter !== undefined && { stopAfter: options.stopAfter }),
      onPass: (name, changes, graph) => {
        if (changes > 0) passes[name] = (passes[name] ?? 0) + changes;
        options.onPass?.(name, changes, graph);
      },
    });
  }
  tell({ step: 'quantize' });
  const quantization = quantizeModel(model, recipe, {
    onProgress: (done, total) => tell({ step: 'quantize', done, total }),
  });
  return { format, model, quantization, passes };
}
