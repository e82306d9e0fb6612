import { Command, InvalidArgumentError } from 'commander';
import type { EvaluateFlags } from '../evaluate-file.js';
import { loadFlags } from '../load-options.js';
import { MODEL, parseAmount, parseCount } from '../options.js';

/** `tersor evaluate`: how good models are on labelled data. */
export function evaluateCommand(): Command {
  const command = new Command('evaluate')
    .description('accuracy of models on labelled data, with confidence intervals and a test of the difference')
    .argument('<model...>', MODEL)
    .requiredOption(
      '-d, --data <path>',
      'a folder with a folder for each class, .npy, .npz, .csv, or a description (.json)',
    )
    .option('-l, --labels <file>', 'labels of .npy data, a CSV table of file and label, or the label column of a .csv')
    .option(
      '-t, --task <name>',
      'classification, regression, segmentation, detection, tokens or transcription',
      'classification',
    )
    .option(
      '--metric <module>',
      'a module of your own with measure(outputs, label) and result(state), instead of a task',
    )
    .option('-q, --quantize <techniques>', 'evaluate each model quantized as well, such as float16,dynamic')
    .option('--top <k>', 'the other k of the top-k accuracy', parseAmount, 5)
    .option('--label-offset <n>', 'added to every class, for models with a background class', parseCount, 0)
    .option('--output <name>', 'the output that counts, when there are several')
    .option('--limit <n>', 'samples to take', parseAmount)
    .option('--shuffle <seed>', 'take the samples in a random order', parseCount)
    .option('--workers <n>', 'threads', parseAmount, 1)
    .option('--resume <file>', 'keep the state in this file, and go on from it')
    .option('--skip-bad', 'leave out samples that cannot be read, and say how many')
    .option('--min-value <x>', 'check: least first figure of every model, such as 0.9; exit code 1 below', parseNumber)
    .option('--json', 'print one JSON object on standard output');
  for (const option of loadFlags()) if (option.attributeName() !== 'threads') command.addOption(option);
  return command.action(async (models: string[], flags: EvaluateFlags) => {
    const { runEvaluate } = await import('../evaluate-file.js');
    await runEvaluate(models, flags);
  });
}

function parseNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('expected a number');
  return value;
}
