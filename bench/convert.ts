/**
 * `npm run bench:convert [-- MODEL…]`: time and peak memory of converting, beside reading the same files and hashing their
 * bytes. Every figure is the median of whole processes, run in turns; the models are the bundled ones when none is named.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** For models over 10 MB: what the command may take to start, ms, and how many times the reading and hashing on top. */
const START = 150;
const HASHES = 3;

const ROUNDS = Number(process.env.ROUNDS ?? 5);
const root = new URL('..', import.meta.url).pathname;
const scratch = mkdtempSync(join(tmpdir(), 'tersor-bench-'));

/** Prints the peak resident memory, in kB, as the last line of standard error. */
const REPORT = 'process.on("exit",()=>process.stderr.write("\\nPEAK "+process.resourceUsage().maxRSS+"\\n"));';
const HASH = `${REPORT}
import { createHash } from 'node:crypto'; import { openSync, readSync } from 'node:fs';
for (const f of process.argv.slice(1)) { const h = createHash('sha256'), d = openSync(f, 'r'), b = Buffer.alloc(1 << 22);
for (let n; (n = readSync(d, b)) > 0; ) h.update(b.subarray(0, n)); h.digest(); }`;
const CONVERT = `${REPORT}
const { loadBundle } = await import(process.argv[1]);
process.exitCode = await loadBundle().commands.tersor(process.argv.slice(2));`;

interface Sample {
  readonly ms: number;
  readonly peak: number;
}

function once(script: string, args: readonly string[]): Sample {
  const start = performance.now();
  const child = spawnSync(process.execPath, ['--input-type=module', '-e', script, ...args], { encoding: 'utf8' });
  const ms = performance.now() - start;
  if (child.status !== 0) throw new Error(child.stderr);
  return { ms, peak: Number(/PEAK (\d+)/.exec(child.stderr)?.[1]) * 1024 };
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] as number;
const summary = (samples: readonly Sample[]): Sample => ({
  ms: median(samples.map((s) => s.ms)),
  peak: median(samples.map((s) => s.peak)),
});

function filesOf(model: string): string[] {
  if (!statSync(model).isDirectory()) return [model];
  return readdirSync(model, { recursive: true, withFileTypes: true })
    .filter((e) => e.isFile())
    .map((e) => join(e.parentPath, e.name));
}

const bundled = ['mnist_cnn', 'mnist_ds_cnn'].map((name) => join(root, 'models', name, 'saved_model'));
const models = process.argv.length > 2 ? process.argv.slice(2) : bundled;
const cli = join(root, 'dist/cli/launch.js');
const rows: Record<string, string | number>[] = [];
for (const model of models) {
  const files = filesOf(model);
  const bytes = files.reduce((n, f) => n + statSync(f).size, 0);
  const samples: Record<'node' | 'start' | 'hash' | 'float' | 'dynamic', Sample[]> = {
    node: [],
    start: [],
    hash: [],
    float: [],
    dynamic: [],
  };
  for (let round = 0; round < ROUNDS; round++) {
    const out = join(scratch, 'out.tflite');
    samples.node.push(once(REPORT, []));
    samples.start.push(once(CONVERT, [cli, '--version']));
    samples.hash.push(once(HASH, files));
    samples.float.push(once(CONVERT, [cli, 'convert', model, '-o', out]));
    samples.dynamic.push(once(CONVERT, [cli, 'convert', model, '-o', out, '--quantize', 'dynamic']));
  }
  const [node, start, hash, float, dynamic] = [
    samples.node,
    samples.start,
    samples.hash,
    samples.float,
    samples.dynamic,
  ].map(summary) as [Sample, Sample, Sample, Sample, Sample];
  rows.push({
    model: model.split('/').slice(-2).join('/'),
    MB: (bytes / 1e6).toFixed(1),
    'start ms': (start.ms - node.ms).toFixed(0),
    'hash ms': (hash.ms - node.ms).toFixed(0),
    'float ms': (float.ms - node.ms).toFixed(0),
    'dynamic ms': (dynamic.ms - node.ms).toFixed(0),
    'bound ms': (START + HASHES * (hash.ms - node.ms)).toFixed(0),
    'MB/s': (bytes / 1e3 / (dynamic.ms - node.ms)).toFixed(0),
    '(dynamic-start)/hash': ((dynamic.ms - start.ms) / Math.max(1, hash.ms - node.ms)).toFixed(1),
    'peak MB': (dynamic.peak / 1e6).toFixed(0),
    'bound MB': ((1.5 * bytes) / 1e6 + 120).toFixed(0),
  });
}
rmSync(scratch, { recursive: true });
console.log('ms above a bare `node` process; medians of', ROUNDS, 'rounds;');
console.log(`bounds: ${START} ms + ${HASHES} x hash for models over 10 MB; 1.5 x model + 120 MB`);
console.table(rows);
