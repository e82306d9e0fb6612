import { Command } from 'commander';
import { inputShapeFlag, MODEL, parseAmount, parseCount, repeatable } from '../options.js';
import type { ReportFlags } from '../report-file.js';

/** `tersor report`: what a technique does to a model, as one page to look at. */
export function reportCommand(): Command {
  return new Command('report')
    .description('size, speed, error and reasons of models in all their forms, as one HTML file')
    .argument('<model...>', `${MODEL}; quantized .tflite files belong to the model before them`)
    .option('-o, --out <file>', 'the report to write', 'report.html')
    .option('-q, --quantize <techniques>', 'forms to make of each model, with commas between', 'float16,dynamic')
    .addOption(
      repeatable('-i, --input <name=file>', 'a .npy, .npz, PNG, JPEG or WAV file as data; else random data is used'),
    )
    .addOption(inputShapeFlag())
    .option('--normalize <how>', 'pixels (images, u8 arrays) as 0..1, -1..1, none (0..255) or means/deviations')
    .option('--samples <n>', 'samples of random data', parseAmount, 4)
    .option('--seed <n>', 'seed of the random data', parseCount, 1)
    .option('--runs <n>', 'measurements of each form; 0 for none', parseCount, 30)
    .option('--warmup-ms <ms>', 'how long each runs unmeasured first', parseCount, 500)
    .option('-d, --data <path>', 'labelled data, as evaluate takes them: adds the accuracy of every form')
    .option('-l, --labels <file>', 'labels of that data, when they lie in a file of their own')
    .option('-t, --task <name>', 'what the data are for, as in evaluate', 'classification')
    .option('--label-offset <n>', 'added to every class, for models with a background class', parseCount, 0)
    .addOption(repeatable('--evaluation <file>', 'accuracy: what evaluate --json printed (repeatable)'))
    .option('--title <text>', 'heading of the report')
    .option('--svg <dir>', 'write the charts as SVG files, too')
    .option('--png <dir>', 'write the charts as PNG files, too')
    .option('--json', 'print one JSON object on standard output; the report is written only with -o')
    .action(async (models: string[], flags: ReportFlags, command: Command) => {
      const { runReport } = await import('../report-file.js');
      await runReport(models, { ...flags, outIsGiven: command.getOptionValueSource('out') === 'cli' });
    });
}
