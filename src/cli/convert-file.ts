import { existsSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { convert } from '../convert/convert.js';
import type { ConvertOptions } from '../convert/types.js';
import { ModelError } from '../errors.js';
import { prepare, tfjsFiles, writeModelParts } from '../formats/index.js';
import type { ModelInput } from '../formats/types.js';
import { didYouMean } from '../ir/nearest-name.js';
import { openModel, writeFileAtomically } from '../node/files.js';
import { writeFolderAtomically } from '../node/write-folder.js';
import { type ConversionSummary, summarizeConversion } from '../report/summary.js';
import { irDumper } from './dump-ir.js';
import { explanation } from './explain.js';
import { progressBar, warn } from './progress.js';
import { closingSummary } from './show-summary.js';
import { say } from './terminal.js';
import { UsageError } from './usage.js';

interface Show {
  readonly explain: boolean;
  readonly json: boolean;
  /** Folder for the graph after every pass. */
  readonly dumpIr?: string;
  /** Name of the only format that is taken. */
  readonly only?: string;
  /** What to write: `.tflite` when absent. */
  readonly format?: OutputFormat;
}

export type OutputFormat = 'tflite' | 'tfjs';

/** Reads, converts and writes one model, with progress and a closing summary on standard error. */
export async function runConvert(path: string, out: string, options: ConvertOptions, show: Show): Promise<void> {
  const start = performance.now();
  if (out === '' || out === '-') throw new UsageError(`output '${out}': the name of a file expected.`);
  if (show.format !== 'tfjs') checkOutput(path, out);
  const bar = await progressBar(show.json);
  let summary: ConversionSummary;
  try {
    const input = await prepare(openModel(path));
    const conversion = convert(input, {
      ...options,
      onProgress: bar.show,
      onWarning: warn,
      ...(show.dumpIr !== undefined && { onPass: irDumper(show.dumpIr) }),
    });
    if (show.only && conversion.format !== show.only)
      throw new ModelError('unsupported', `a .${show.only} file expected. Use "tersor convert" for other models.`, {
        where: path,
      });
    bar.show({ step: 'write', detail: basename(out) });
    const bytes =
      show.format === 'tfjs'
        ? writeFolderAtomically(out, tfjsFiles(conversion.model), isTfjsFile)
        : writeFileAtomically(out, writeModelParts(conversion.model));
    summary = summarizeConversion(conversion, {
      input: { name: path, bytes: inputBytes(input) },
      output: { name: out, bytes },
      ms: Math.round(performance.now() - start),
    });
  } finally {
    bar.stop();
  }
  for (const rule of summary.quantization.unusedRules) warn(`${rule} matched nothing.${likelyName(rule, summary)}`);
  if (show.json) process.stdout.write(`${JSON.stringify(summary, null, 1)}\n`);
  else {
    if (show.explain) say(explanation(summary.quantization));
    say(closingSummary(summary));
  }
}

/** Files of a TensorFlow.js model, such as one that was written here before. */
const isTfjsFile = (name: string): boolean => name === 'model.json' || /^group\d+-shard\d+of\d+\.bin$/.test(name);

/** How files of other formats end. */
const OTHER_FORMATS = /\.(keras|h5|hdf5|pb|pbtxt|json|meta|onnx|npy|zip|gz|tar|html)$/i;

/**
 * A `.tflite` file may be quantized onto itself; a folder may not be replaced by a file, nor a model of another format by
 * what only bears its name.
 */
function checkOutput(path: string, out: string): void {
  const other = OTHER_FORMATS.exec(out)?.[0];
  if (other !== undefined)
    throw new UsageError(`output ${out}: a .tflite file is written. Name it ${out.slice(0, -other.length)}.tflite.`);
  if (!existsSync(out) || !statSync(out).isDirectory()) return;
  const remedy =
    resolve(path) === resolve(out) ? 'Name another place' : `Name a file, such as ${join(out, 'model.tflite')}`;
  throw new UsageError(`output ${out}: a file expected, this is a folder. ${remedy}.`);
}

/** What a rule of the recipe that names something probably means. */
function likelyName(rule: string, { quantization }: ConversionSummary): string {
  const name = /"name":"([^"]*)"/.exec(rule)?.[1];
  const names = quantization.decisions.flatMap((d) => [d.value, ...d.consumers.flatMap((c) => [c.node, c.op])]);
  return name === undefined ? '' : didYouMean(name, names);
}

function inputBytes(input: ModelInput): number {
  if (!('open' in input)) return input.size;
  return input.list().reduce((n, name) => n + (input.open(name)?.size ?? 0), 0);
}
