import { Command } from 'commander';
import { type QuantizeFlags, quantizeFlags, recipeFrom, warnIdle } from '../quantize-options.js';

interface Flags extends QuantizeFlags {
  readonly out: string;
  readonly explain?: boolean;
  readonly json?: boolean;
}

/** `tersor quantize`: the techniques of `convert`, from a float `.tflite` file. */
export function quantizeCommand(): Command {
  const command = new Command('quantize')
    .description('quantize the weights of a float .tflite file')
    .argument('<input>', 'a .tflite file')
    .requiredOption('-o, --out <file>', 'the .tflite file to write');
  for (const option of quantizeFlags('dynamic')) command.addOption(option);
  return command
    .option('--explain', 'say for every constant what was done with it, and why')
    .option('--json', 'print the whole report as one JSON object on standard output')
    .action(async (input: string, flags: Flags) => {
      warnIdle(flags);
      const { runConvert } = await import('../convert-file.js');
      await runConvert(
        input,
        flags.out,
        { quantize: await recipeFrom(flags) },
        { explain: flags.explain ?? false, json: flags.json ?? false, only: 'tflite' },
      );
    });
}
