import { Command, CommanderError } from 'commander';
import { ModelError } from '../errors.js';
import { benchmarkCommand } from './commands/benchmark.js';
import { checkCommand } from './commands/check.js';
import { compareCommand } from './commands/compare.js';
import { convertCommand } from './commands/convert.js';
import { evaluateCommand } from './commands/evaluate.js';
import { inspectCommand } from './commands/inspect.js';
import { quantizeCommand } from './commands/quantize.js';
import { reportCommand } from './commands/report.js';
import { runCommand } from './commands/run.js';
import { say, styled } from './terminal.js';
import { UsageError } from './usage.js';
import { version } from './version.js';

/** Exit codes: 0 done, 1 the model or a file is at fault, 2 the command line is. */
const USER_ERROR = 1;
const WRONG_USAGE = 2;

function program(): Command {
  const root = new Command('tersor')
    .description('Optimize TensorFlow models: convert to .tflite, quantize, and see what was done and why.')
    .version(version())
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(--help shows what there is)')
    .exitOverride();
  for (const make of [
    convertCommand,
    quantizeCommand,
    inspectCommand,
    runCommand,
    checkCommand,
    compareCommand,
    evaluateCommand,
    benchmarkCommand,
    reportCommand,
  ]) {
    const command = make();
    root.addCommand(command.exitOverride().showHelpAfterError('(--help shows what there is)'));
  }
  return root;
}

/** Runs one command line (without `node` and the script) and gives the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  return guard(async () => {
    await program().parseAsync(argv as string[], { from: 'user' });
  });
}

/** A reader that has seen enough, as `head`, is no trouble; a full disk is. */
function onOutputError(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(0);
  say(`${styled('red', 'error:')} standard output cannot be written: ${error.message}`);
  process.exit(USER_ERROR);
}

/** Turns what a command throws into a message on standard error and an exit code. */
export async function guard(work: () => Promise<void>): Promise<number> {
  for (const stream of [process.stdout, process.stderr])
    if (!stream.listeners('error').includes(onOutputError)) stream.on('error', onOutputError);
  try {
    await work();
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : WRONG_USAGE;
    if (error instanceof UsageError) {
      say(`${styled('red', 'error:')} ${error.message}`);
      return WRONG_USAGE;
    }
    if (error instanceof ModelError) {
      say(`${styled('red', 'error:')} ${error.message}`);
      return USER_ERROR;
    }
    say(`${styled('red', 'internal error')}, please report it: ${(error as Error)?.stack ?? error}`);
    return USER_ERROR;
  }
}
