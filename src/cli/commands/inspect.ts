import { Command } from 'commander';
import { MODEL, type ReadFlags, readFlags, readOptions } from '../options.js';
import { type QuantizeFlags, quantizeFlags, recipeFrom } from '../quantize-options.js';

interface Flags extends ReadFlags, QuantizeFlags {
  readonly graph?: boolean;
  readonly tensors?: boolean;
  readonly kernels?: boolean;
  readonly bytes?: boolean;
  readonly why?: string;
  readonly json?: boolean;
}

/** `tersor inspect`: what a model is made of, and why a tensor is (not) quantized. */
export function inspectCommand(): Command {
  const command = new Command('inspect')
    .description('show what a model is made of; a TensorFlow model is shown as it would be converted')
    .argument('<model>', MODEL)
    .option('--graph', 'print the graph as text')
    .option('--tensors', 'list every constant')
    .option('--kernels', 'say which kernel computes each node, here and in LiteRT')
    .option('--bytes', 'account for every byte of the file')
    .option('--why <value>', 'say what --quantize does with this constant, and why')
    .option('--json', 'print one JSON object on standard output');
  for (const option of [...quantizeFlags('none'), ...readFlags()]) command.addOption(option);
  return command.action(async (model: string, flags: Flags) => {
    const { runInspect } = await import('../inspect-file.js');
    const asked = flags.why !== undefined && flags.quantize === 'none' ? { ...flags, quantize: 'dynamic' } : flags;
    await runInspect(
      model,
      { ...readOptions(flags), quantize: await recipeFrom(asked) },
      {
        graph: flags.graph ?? false,
        tensors: flags.tensors ?? false,
        kernels: flags.kernels ?? false,
        bytes: flags.bytes ?? false,
        json: flags.json ?? false,
        ...(flags.why !== undefined && { why: flags.why }),
      },
    );
  });
}
