import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytesSource } from '../../src/bytes/source.js';
import { readTflite } from '../../src/formats/tflite/index.js';
import { convert, writeModel } from '../../src/index.js';
import type { Model } from '../../src/ir/graph.js';
import { openFolder } from '../../src/node/index.js';
import { modelBytes } from '../oracle/kernel-case.js';
import { kernelGraphs } from './graphs.js';

const root = new URL('../..', import.meta.url).pathname;

/** Folder of further `.tflite` files to check, such as ones that the package may not contain. */
const MORE = process.env.TERSOR_MODELS;

const filesIn = (folder: string): (readonly [string, () => Model])[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.tflite'))
    .map((name) => [name, () => readTflite(bytesSource(new Uint8Array(readFileSync(join(folder, name)))))]);

function bundled(name: string, quantize: string): Model {
  const { model } = convert(openFolder(join(root, 'models', name, 'saved_model')), { quantize });
  return readTflite(bytesSource(writeModel(model)));
}

/** Models whose plans are checked, by name. */
export const models: readonly (readonly [string, () => Model])[] = [
  ...filesIn(join(root, 'test/fixtures/tflite')),
  ...['mnist_cnn', 'mnist_ds_cnn'].flatMap((name) =>
    ['none', 'dynamic'].map((q) => [`${name} ${q}`, () => bundled(name, q)] as const),
  ),
  ...Object.entries(kernelGraphs).map(
    ([name, text]) => [name, () => readTflite(bytesSource(modelBytes(text)))] as const,
  ),
  ...(MORE ? filesIn(MORE) : []),
];
