import { Command, InvalidArgumentError } from 'commander';
import type { CompareFlags } from '../compare-file.js';
import { loadFlags } from '../load-options.js';
import { MODEL, parseAmount, parseCount, repeatable } from '../options.js';

/** `tersor compare`: what a change did to a model, and checks for CI. */
export function compareCommand(): Command {
  const command = new Command('compare')
    .description('compare two models on the same data: outputs, nodes, weights, size; exit code 1 when a check fails')
    .argument('<a>', `the model to compare with: ${MODEL}`)
    .argument('[b]', 'the model that changed: any format; left out, it is A with --quantize')
    .option(
      '-q, --quantize <technique>',
      'quantize A to get B: dynamic, weight-only, float16, or a recipe file (.json)',
    )
    .addOption(
      repeatable(
        '-i, --input <name=file>',
        'a .npy, .npz, PNG, JPEG or WAV file, each row of an array a sample; NAME= only if there are several inputs',
      ),
    )
    .option('--samples <n>', 'samples of random data for inputs without a file', parseAmount, 4)
    .option('--seed <n>', 'seed of the random data', parseCount, 1)
    .option('--normalize <how>', 'pixels (images, u8 arrays) as 0..1, -1..1, none (0..255) or means/deviations')
    .option('--no-layers', 'compare the outputs and constants only')
    .option('--all', 'show all nodes and constants, not the worst ones')
    .option('--max-size <size>', 'check: most bytes of B, such as 300000, 1.5MB or 30%', parseSize)
    .option('--min-sqnr <db>', 'check: least SQNR of every output, dB', parseNumber)
    .option('--max-drop <points>', 'check: most rows with another top-1 than in A, in points', parseNumber)
    .option('--baseline <file>', 'check: not behind the figures of this file')
    .option('--write-baseline <file>', 'write the figures for a later --baseline')
    .option('--markdown <file>', 'write the comparison as Markdown, for a pull request')
    .option('--junit <file>', 'write the checks as a JUnit report')
    .option('--json', 'print one JSON object on standard output');
  for (const option of loadFlags()) if (option.attributeName() !== 'threads') command.addOption(option);
  return command.action(async (a: string, b: string | undefined, flags: CompareFlags) => {
    const { runCompare } = await import('../compare-file.js');
    await runCompare(a, b, flags);
  });
}

const UNITS: Readonly<Record<string, number>> = { '': 1, B: 1, KB: 1e3, MB: 1e6, GB: 1e9 };

function parseSize(text: string): { readonly bytes: number } | { readonly percent: number } {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)\s*(%|[kKmMgG]?B)?$/.exec(text.trim()) ?? [];
  const factor = unit === '%' ? 1 : UNITS[unit.toUpperCase()];
  if (digits === undefined || factor === undefined)
    throw new InvalidArgumentError('expected bytes such as 300000 or 1.5MB, or a part of A such as 30%');
  return unit === '%' ? { percent: Number(digits) } : { bytes: Math.floor(Number(digits) * factor) };
}

function parseNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('expected a number');
  return value;
}
