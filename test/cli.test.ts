import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = new URL('..', import.meta.url).pathname;
const model = join(root, 'models/mnist_ds_cnn/saved_model');
let folder: string;

beforeAll(() => {
  // The commands run as users run them: from the built package.
  const build = spawnSync('npm', ['run', '--silent', 'build'], { cwd: root, encoding: 'utf8' });
  expect(build.status).toBe(0);
  folder = mkdtempSync(join(tmpdir(), 'tersor-cli-'));
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

function run(bin: 'tersor' | 'tflite_convert', ...args: string[]) {
  return spawnSync(process.execPath, [join(root, 'bin', `${bin}.js`), ...args], { encoding: 'utf8' });
}
const out = (name: string) => join(folder, name);

describe('convert', () => {
  it('prints one JSON object and nothing else with --json', () => {
    const { status, stdout, stderr } = run(
      'tersor',
      'convert',
      model,
      '-o',
      out('a.tflite'),
      '-q',
      'dynamic',
      '--json',
    );
    expect(status).toBe(0);
    expect(stderr).toBe('');
    const report = JSON.parse(stdout);
    expect(report.output.bytes).toBe(readFileSync(out('a.tflite')).byteLength);
    expect(report.quantization.counts.quantized).toBe(9);
  });

  it('writes the same bytes for both spellings of the switch, and for the original converter', () => {
    const { status } = run('tersor', 'convert', model, '-o', out('b.tflite'), '--post-training-quantize');
    expect(status).toBe(0);
    const original = run(
      'tflite_convert',
      `--saved_model_dir=${model}`,
      `--output_file=${out('c.tflite')}`,
      '--post_training_quantize',
      '--experimental_new_converter=true',
    );
    expect(original.status).toBe(0);
    expect(original.stderr).toContain('--experimental_new_converter is ignored');
    const bytes = readFileSync(out('a.tflite'));
    expect(readFileSync(out('b.tflite')).equals(bytes)).toBe(true);
    expect(readFileSync(out('c.tflite')).equals(bytes)).toBe(true);
  });

  it('gives a reason for every constant with --explain', () => {
    const { stderr } = run('tersor', 'convert', model, '-o', out('d.tflite'), '-q', 'dynamic', '--explain');
    expect(stderr).toContain('fewer than the minimum of 1024');
    expect(stderr).toContain('times smaller');
  });

  it('dumps the graph after every pass that changed it', () => {
    expect(run('tersor', 'convert', model, '-o', out('e.tflite'), '--dump-ir', out('ir')).status).toBe(0);
    const files = readdirSync(out('ir'));
    expect(files).toContain('00-read.ir');
    expect(files.filter((f) => f.endsWith('.diff')).length).toBeGreaterThan(2);
  });

  it('says what is wrong and leaves the old file alone when the input is broken', () => {
    writeFileSync(out('broken.tflite'), 'TFL3TFL3 not a model');
    writeFileSync(out('kept.tflite'), 'precious');
    const { status, stderr } = run('tersor', 'convert', out('broken.tflite'), '-o', out('kept.tflite'));
    expect(status).toBe(1);
    expect(stderr).toMatch(/^error: .*broken/);
    expect(readFileSync(out('kept.tflite'), 'utf8')).toBe('precious');
    expect(readdirSync(folder).filter((f) => f.includes('.tmp'))).toEqual([]);
  });

  it.each([
    ['a flag that does not exist', ['convert', model, '-o', 'x.tflite', '--quantise', 'dynamic'], 2],
    ['no output', ['convert', model], 2],
    ['a shape that is none', ['convert', model, '-o', 'x.tflite', '--input-shape', 'image=1,a'], 2],
    ['a folder as output', ['convert', model, '-o', root], 2],
    ['two granularities', ['convert', model, '-o', 'x.tflite', '--per-tensor', '--per-channel'], 2],
    ['an input that is not there', ['convert', 'nowhere', '-o', 'x.tflite'], 1],
    ['a technique that does not exist', ['convert', model, '-o', 'x.tflite', '-q', 'int3'], 1],
    ['a signature that does not exist', ['convert', model, '-o', 'x.tflite', '--signature', 'nope'], 1],
    ['a shape of another rank', ['convert', model, '-o', 'x.tflite', '--input-shape', 'image=1,2'], 1],
  ])('refuses %s', (_, args, code) => {
    const { status, stdout, stderr } = run('tersor', ...args);
    expect(status).toBe(code);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/error: /);
    expect(stderr).not.toMatch(/internal error|undefined|\bat .*\.js/);
    expect(existsSync('x.tflite')).toBe(false);
  });
});

describe('quantize', () => {
  it('gives from the float file the weights that convert gives', () => {
    run('tersor', 'convert', model, '-o', out('float.tflite'));
    const { status, stdout } = run('tersor', 'quantize', out('float.tflite'), '-o', out('f.tflite'), '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout).quantization.weightBytesAfter).toBe(
      JSON.parse(run('tersor', 'convert', model, '-o', out('g.tflite'), '-q', 'dynamic', '--json').stdout).quantization
        .weightBytesAfter,
    );
  });

  it('refuses a SavedModel and says what to use', () => {
    const { status, stderr } = run('tersor', 'quantize', model, '-o', out('h.tflite'));
    expect(status).toBe(1);
    expect(stderr).toContain('tersor convert');
  });
});

describe('inspect', () => {
  it('shows operators, signatures and sizes', () => {
    const { status, stdout } = run('tersor', 'inspect', out('a.tflite'));
    expect(status).toBe(0);
    expect(stdout).toContain('serving_default');
    expect(stdout).toContain('DEPTHWISE_CONV_2D');
  });

  it('prints the graph as text', () => {
    expect(run('tersor', 'inspect', out('a.tflite'), '--graph').stdout).toMatch(/^graph main\(/);
  });

  it('says why a constant is not quantized', () => {
    const { constants } = JSON.parse(run('tersor', 'inspect', model, '--json').stdout);
    const bias = constants.find((c: { shape: number[] }) => c.shape.length === 1).name;
    const { status, stdout } = run('tersor', 'inspect', model, '--why', bias);
    expect(status).toBe(0);
    expect(stdout).toMatch(/why +kept float: /);
  });
});

it('the commands run without their compiled code, and with that of another V8', () => {
  const copy = out('package');
  for (const part of ['bin', 'dist/bin', 'dist/cli/launch.js', 'package.json'])
    cpSync(join(root, part), join(copy, part), { recursive: true });
  const version = () =>
    spawnSync(process.execPath, [join(copy, 'bin/tersor.js'), '--version'], { encoding: 'utf8' }).stdout;
  const cache = join(copy, 'dist/bin/commands.cache');
  const expected = version();
  expect(expected).toMatch(/^\d+\.\d+\.\d+\n$/);
  const bytes = readFileSync(cache);
  bytes[4] = (bytes[4] as number) ^ 1; // in the hash of V8's version
  for (const content of [bytes, bytes.subarray(0, 1000), Buffer.alloc(0)]) {
    writeFileSync(cache, content);
    expect(version()).toBe(expected);
  }
  rmSync(cache);
  expect(version()).toBe(expected);
});
