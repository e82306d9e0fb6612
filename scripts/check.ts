/** `npm run check`: everything that has to hold, in one command. `-- --fix` repairs what a machine can. */
import { spawnSync } from 'node:child_process';

const fix = process.argv.includes('--fix');

/** Name of a check -> the command, in the order in which they run: cheap ones first. */
const checks: readonly (readonly [string, readonly string[]])[] = [
  ['format and lint', ['biome', 'check', ...(fix ? ['--write'] : []), '--error-on-warnings', '.']],
  ['generated files', ['tsx', 'scripts/gen.ts', ...(fix ? [] : ['--check'])]],
  ['types', ['tsc', '--noEmit', '-p', '.']],
  ['types of the page', ['tsc', '--noEmit', '-p', 'web']],
  ['build', ['tsx', 'scripts/build.ts']],
  ['dead code', ['knip']],
  ['package', ['publint', '--strict']],
  ['package types', ['attw', '--pack', '.', '--profile', 'esm-only']],
  ['tests', ['vitest', 'run']],
];

const failed: string[] = [];
for (const [name, command] of checks) {
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync('npx', ['--no-install', ...command], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
  if (status !== 0) failed.push(name);
  if (status !== 0 || name === 'tests') console.log(`${stdout}\n${stderr}`.trim());
}
console.log(`${checks.length - failed.length} passed, ${failed.length} failed`);
process.exitCode = failed.length > 0 ? 1 : 0;
