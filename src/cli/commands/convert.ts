import { Command, Option } from 'commander';
import type { ConvertOptions } from '../../convert/types.js';
import type { OutputFormat } from '../convert-file.js';
import { MODEL, type ReadFlags, readFlags, readOptions } from '../options.js';
import { type QuantizeFlags, quantizeFlags, recipeFrom, warnIdle } from '../quantize-options.js';

interface ConvertFlags extends ReadFlags, QuantizeFlags {
  readonly out: string;
  readonly format: OutputFormat;
  readonly postTrainingQuantize?: boolean;
  readonly explain?: boolean;
  readonly json?: boolean;
  readonly verify?: boolean;
  readonly checkNumerics?: boolean;
  readonly dumpIr?: string;
  readonly stopAfter?: string;
}

/** `tersor convert`: any TensorFlow model to `.tflite`, optimized and quantized as asked. */
export function convertCommand(): Command {
  const command = new Command('convert')
    .description('convert a TensorFlow model to .tflite, optimized and, if asked, quantized')
    .argument('<input>', MODEL)
    .requiredOption('-o, --out <path>', 'the .tflite file to write, or the folder of a TensorFlow.js model')
    .addOption(new Option('--format <name>', 'what to write').choices(['tflite', 'tfjs']).default('tflite'));
  for (const option of [...quantizeFlags('none'), ...readFlags()]) command.addOption(option);
  return command
    .addOption(new Option('--post-training-quantize', 'the same as --quantize dynamic').conflicts('quantize'))
    .option('--explain', 'say for every constant what was done with it, and why')
    .option('--json', 'print the whole report as one JSON object on standard output')
    .option('--verify', 'check the graph after every pass')
    .option(
      '--check-numerics',
      'run the graph before and after every pass on random input; name the pass that moves it',
    )
    .option('--dump-ir <dir>', 'write the graph after every pass that changed it, as text, with a diff')
    .option('--stop-after <pass>', 'leave out the passes behind this one')
    .action(async (input: string, flags: ConvertFlags) => {
      const { runConvert } = await import('../convert-file.js');
      const quantize = flags.postTrainingQuantize ? 'dynamic' : flags.quantize;
      warnIdle({ ...flags, quantize });
      const options: ConvertOptions = {
        ...readOptions(flags),
        quantize: await recipeFrom({ ...flags, quantize }, flags.format),
        verify: flags.verify ?? false,
        checkNumerics: flags.checkNumerics ?? false,
        ...(flags.stopAfter !== undefined && { stopAfter: flags.stopAfter }),
      };
      await runConvert(input, flags.out, options, {
        explain: flags.explain ?? false,
        json: flags.json ?? false,
        format: flags.format,
        ...(flags.dumpIr !== undefined && { dumpIr: flags.dumpIr }),
      });
    });
}
