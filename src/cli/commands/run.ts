import { Command } from 'commander';
import { loadFlags } from '../load-options.js';
import { MODEL, parseAmount, parseCount, repeatable } from '../options.js';
import type { RunFlags } from '../run-file.js';

/** `tersor run`: one inference on files. */
export function runCommand(): Command {
  const command = new Command('run')
    .description('run a model once on arrays, images or sound; a TensorFlow model is converted first')
    .argument('<model>', MODEL)
    .addOption(
      repeatable(
        '-i, --input <name=file>',
        'a .npy, .npz, PNG, JPEG or WAV file; NAME= only if there are several inputs',
      ),
    )
    .option('--seed <n>', 'random data, from this seed, for inputs without a file', parseCount)
    .option('-o, --output-dir <dir>', 'folder to write every output to, as <name>.npy')
    .option('--labels <file>', 'names of the classes, one a line: the highest of every row are shown')
    .option('--top <k>', 'how many of the highest elements to show (5 with --labels)', parseAmount)
    .option(
      '--normalize <how>',
      'pixels as 0..1, -1..1, none (0..255) or means/deviations such as 0.5,0.4,0.4/0.2,0.2,0.2',
    )
    .option('--rate <hz>', 'samples in a second that the model wants; other sound is resampled', parseAmount)
    .option('--json', 'print one JSON object on standard output');
  for (const option of loadFlags()) command.addOption(option);
  return command.action(async (model: string, flags: RunFlags) => {
    const { runRun } = await import('../run-file.js');
    await runRun(model, flags);
  });
}
