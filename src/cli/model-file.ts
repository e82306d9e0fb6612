import type { ByteSource } from '../bytes/source.js';
import { convert } from '../convert/convert.js';
import { formats, prepare, writeModel } from '../formats/index.js';
import type { ModelInput } from '../formats/types.js';
import { openModel } from '../node/files.js';
import type { LoadFlags } from './load-options.js';
import { progressBar, warn } from './progress.js';
import { UsageError } from './usage.js';

/** A model as a `.tflite` file, which lies on disk or in memory. */
export interface ModelFile {
  /** Name of the format it was read from. */
  readonly format: string;
  readonly source: ByteSource | Uint8Array;
}

type ReadFlags = Pick<LoadFlags, 'signature' | 'tag' | 'inputShape'>;

/** A model of any format as `.tflite`: what is one already is taken as it is, all else is converted, as `convert` does. */
export async function modelFile(path: string, flags: ReadFlags, quiet: boolean): Promise<ModelFile> {
  const input = await prepare(openModel(path));
  const isTflite = !('open' in input) && formats.find((f) => f.sniff(input))?.name === 'tflite';
  if (isTflite && flags.tag) throw new UsageError('--tag: only a SavedModel has tags.');
  return isTflite ? { format: 'tflite', source: input } : convertedFile(input, flags, quiet);
}

async function convertedFile(input: ModelInput, flags: ReadFlags, quiet: boolean): Promise<ModelFile> {
  const bar = await progressBar(quiet);
  try {
    const { format, model } = convert(input, {
      ...(flags.signature !== undefined && { signatures: [flags.signature] }),
      ...(flags.tag && { tags: flags.tag }),
      ...(flags.inputShape && { inputShapes: flags.inputShape }),
      onProgress: bar.show,
      onWarning: warn,
    });
    return { format, source: writeModel(model) };
  } finally {
    bar.stop();
  }
}

/** All bytes of a model file. */
export const bytesOf = ({ source }: ModelFile): Uint8Array =>
  source instanceof Uint8Array ? source : source.read(0, source.size);
