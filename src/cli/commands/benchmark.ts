import { Command } from 'commander';
import type { BenchmarkFlags } from '../benchmark-file.js';
import { loadFlags } from '../load-options.js';
import { MODEL, parseAmount, parseCount, repeatable } from '../options.js';

/** `tersor benchmark`: how long models take, beside one another and beside other runtimes. */
export function benchmarkCommand(): Command {
  const command = new Command('benchmark')
    .description('time models on random data, several of them in turns; say where the time goes')
    .argument('<model...>', MODEL)
    .option('--runs <n>', 'measurements of each', parseAmount, 50)
    .option('--warmup-ms <ms>', 'how long each runs unmeasured first', parseCount, 1000)
    .option('--batch <n>', 'size of the first axis of the inputs, where that is open or 1', parseAmount)
    .option('--seed <n>', 'seed of the random data', parseCount, 1)
    .option('--profile', 'time every node: multiplications, bytes, kernel, share of what the machine can do')
    .addOption(
      repeatable(
        '--against <peers>',
        'time other runtimes on the first model: litert, ort, tfjs (as far as installed)',
      ),
    )
    .addOption(repeatable('--peer-model <file>', 'the same model for ort (.onnx) or tfjs (model.json)'))
    .option('--json', 'print one JSON object on standard output');
  for (const option of loadFlags()) command.addOption(option);
  return command.action(async (models: string[], flags: BenchmarkFlags) => {
    const { runBenchmark } = await import('../benchmark-file.js');
    await runBenchmark(models, flags);
  });
}
