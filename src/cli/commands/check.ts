import { Command } from 'commander';
import type { CheckFlags } from '../check-file.js';
import { MODEL, readFlags } from '../options.js';

/** `tersor check`: whether a model goes through, before anything is written. */
export function checkCommand(): Command {
  const command = new Command('check')
    .description(
      'say whether a model converts, how large each technique makes it, and what would be slow; write nothing',
    )
    .argument('<model>', MODEL)
    .option('-q, --quantize <techniques>', 'techniques to try, with commas between', 'float16,dynamic,weight-only')
    .option('--json', 'print one JSON object on standard output');
  for (const option of readFlags()) command.addOption(option);
  return command.action(async (model: string, flags: CheckFlags) => {
    const { runCheck } = await import('../check-file.js');
    await runCheck(model, flags);
  });
}
