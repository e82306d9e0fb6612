import { basename } from 'node:path';
import { bytesSource } from '../bytes/source.js';
import { writeModel } from '../formats/index.js';
import { readTflite } from '../formats/tflite/index.js';
import type { Model } from '../ir/graph.js';
import { quantizeModel } from '../quantize/index.js';
import type { QuantizationReport } from '../quantize/report.js';
import { recipeFrom } from './quantize-options.js';

/** What a technique makes of a `.tflite` file. */
export interface QuantizedForm {
  /** The technique's name, or that of the recipe's file. */
  readonly name: string;
  readonly model: Model;
  readonly bytes: Uint8Array;
  readonly report: QuantizationReport;
}

/** Quantizes a `.tflite` file in memory, by a technique's name or a recipe file. */
export async function quantizedForm(file: Uint8Array, technique: string): Promise<QuantizedForm> {
  const model = readTflite(bytesSource(file));
  const report = quantizeModel(model, await recipeFrom({ quantize: technique }));
  return { name: basename(technique, '.json'), model, bytes: writeModel(model), report };
}

/** `a,b` as flags give techniques. */
export const techniquesOf = (list: string): string[] =>
  list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
