import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { elementCount } from '../src/ir/tensor.js';
import { writeNpyFile } from '../src/node/tensor-files.js';
import { readNpy } from './oracle/npy.js';

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

  it('says what was probably meant', () => {
    const error = (...args: string[]) => run('tersor', 'convert', ...args, '-o', out('x.tflite')).stderr;
    expect(error(join(root, 'models/mnist_cn/saved_model'))).toContain('no such file or folder. Give a SavedModel');
    expect(error(join(root, 'models/mnist_cn'))).toContain("Did you mean '");
    expect(error(model, '-q', 'dynamc')).toContain("Did you mean 'dynamic'?");
    expect(error(model, '-q', 'int8')).toContain("Weights of 8 bits are 'dynamic'.");
    expect(error(model, '--signature', 'servng_default')).toContain("Did you mean 'serving_default'?");
    expect(error(model, '--input-shape', 'imge=1,28,28,1')).toContain("Inputs: image. Did you mean 'image'?");
    expect(error(model, '-q', 'dynamic', '--exclude', 'FULY_CONNECTED')).toContain("Did you mean 'FULLY_CONNECTED'?");
    expect(error(model, '--per-tensor')).toContain('warning: --per-tensor has no effect with --quantize none.');
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
    ['a technique that does not exist', ['convert', model, '-o', 'x.tflite', '-q', 'int3'], 2],
    ['two techniques', ['convert', model, '-o', 'x.tflite', '-q', 'float16', '--post-training-quantize'], 2],
    ['the name of a Keras file as output', ['convert', model, '-o', 'x.keras'], 2],
    ['no name as output', ['convert', model, '-o', ''], 2],
    ['a file in the place of a folder', ['convert', model, '-o', 'package.json/x.tflite'], 1],
    ['a file as the folder of the passes', ['convert', model, '-o', 'x.tflite', '--dump-ir', 'package.json'], 1],
    ['a signature that does not exist', ['convert', model, '-o', 'x.tflite', '--signature', 'nope'], 1],
    ['a shape of another rank', ['convert', model, '-o', 'x.tflite', '--input-shape', 'image=1,2'], 1],
  ])('refuses %s', (_, args, code) => {
    const { status, stdout, stderr } = run('tersor', ...args);
    expect(status).toBe(code);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/error: /);
    expect(stderr).not.toMatch(/internal error|undefined|\bat .*\.js/);
    expect([existsSync('x.tflite'), existsSync('x.keras')]).toEqual([false, false]);
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

describe('run', () => {
  const float = join(root, 'test/fixtures/tflite/conv_float.tflite');
  const several = join(root, 'test/fixtures/tflite/lstm_float.tflite');
  const json = (...args: string[]) => JSON.parse(run('tersor', 'run', ...args, '--json').stdout);
  const saveImage = () => {
    const { images } = JSON.parse(readFileSync(join(root, 'test/fixtures/tensor-files.json'), 'utf8'));
    writeFileSync(out('grey.png'), Buffer.from(images['PNG grey'].file, 'base64'));
    return out('grey.png');
  };

  it('gives the outputs that the kernels give, and writes them as .npy', () => {
    const { outputs, inputs, signature } = json(float, '--seed', '3', '-o', out('outputs'));
    expect([signature, inputs[0].source]).toEqual(['serving_default', 'random']);
    const [{ name, file, shape }] = outputs;
    expect([name, shape, file]).toEqual(['output_0', [1, 5], join(out('outputs'), 'output_0.npy')]);
    const { shape: written, data } = readNpy(readFileSync(file));
    expect(written).toEqual([1, 5]);
    expect(Array.from(data as Float32Array).reduce((a, b) => a + b)).toBeCloseTo(1, 5); // a softmax
  });

  it('takes an array', () => {
    const { signatures } = JSON.parse(run('tersor', 'inspect', float, '--json').stdout);
    const shape = signatures[0].inputs[0].shape.map(Math.abs);
    writeNpyFile(out('ones.npy'), { dtype: 'f32', shape, data: new Float32Array(elementCount(shape)).fill(1) });
    const { inputs, outputs } = json(float, '-i', out('ones.npy'));
    expect(inputs[0].source).toBe(out('ones.npy'));
    expect(outputs[0].mean).toBeCloseTo(0.2, 6); // a softmax over five classes
  });

  it('converts a SavedModel first, takes an image, and names the highest classes', () => {
    writeFileSync(out('digits.txt'), 'zero\none\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\n');
    const args = [model, '--input', `image=${saveImage()}`, '--labels', out('digits.txt'), '--top', '3'];
    const { format, outputs } = json(...args);
    expect([format, outputs[0].shape]).toEqual(['savedmodel', [1, 10]]);
    const [top] = outputs[0].top;
    expect(top.map((t: { index: number; label: string }) => t.label)).toEqual(
      top.map((t: { index: number }) => 'zero one two three four five six seven eight nine'.split(' ')[t.index]),
    );
    expect(top.map((t: { score: number }) => t.score)).toEqual(
      top.map((t: { score: number }) => t.score).sort((a: number, b: number) => b - a),
    );
    const { stdout, stderr } = run('tersor', 'run', ...args);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/output +type +shape +min +mean +max/);
    expect(stdout).toContain(top[0].label);
  });

  it('gives an open size the size of the data', () => {
    const { outputs, inputs } = json(model, '--seed', '1', '--input-shape', 'image=3,28,28,1');
    expect([inputs[0].shape, outputs[0].shape]).toEqual([
      [3, 28, 28, 1],
      [3, 10],
    ]);
  });

  it('gives it in a .tflite file, too', () => {
    run('tersor', 'convert', model, '-o', out('open.tflite'));
    const given = [out('open.tflite'), '--seed', '1', '--input-shape', 'image=3,28,28,1'];
    expect(json(...given).outputs[0].shape).toEqual([3, 10]);
    const wrong = run('tersor', 'run', ...given.slice(0, -1), 'image=3,28,28,2');
    expect([wrong.status, wrong.stderr]).toEqual([
      1,
      "error: shape of 'image': [?,28,28,1] expected, got [3,28,28,2].\n",
    ]);
  });

  it.each([
    ['an input that nobody gives', [float], 2, '--seed 1 for random data'],
    ['a name that is not an input', [float, '-i', 'nope=x.npy'], 2, 'NAME=FILE expected; the inputs are'],
    ['an input twice', [several, '--seed', '1', '-i', 'a.npy', '-i', 'b.npy'], 2, 'is given twice'],
    ['a size that is open', [model, '--seed', '1', '--input-shape', 'image=-1,28,28,1'], 2, 'sizes that are known'],
    ['tags of a file', [float, '--seed', '1', '--tag', 'serve'], 2, 'only a SavedModel has tags'],
    ['no threads', [float, '--seed', '1', '--threads', '0'], 2, 'a whole number of at least 1'],
    ['a normalization that is none', [float, '--seed', '1', '--normalize', '0..3'], 1, 'normalize: 0..1, -1..1'],
    [
      'a signature that is not there',
      [float, '--seed', '1', '--signature', 'serving_defalt'],
      1,
      "mean 'serving_default'",
    ],
    ['a file that is not there', [float, '-i', 'nowhere.npy'], 1, 'nowhere.npy: cannot be opened: no such file.'],
    ['a file as folder of the outputs', [float, '--seed', '1', '-o', float], 1, 'cannot be written: a file stands'],
    ['a file that is no tensor', [float, '-i', join(root, 'package.json')], 1, 'a .npy, .npz, PNG, JPEG or WAV file'],
    [
      'labels of another model',
      [float, '--seed', '1', '--labels', join(root, 'LICENSE')],
      1,
      '5 labels expected for [1,5]',
    ],
  ])('refuses %s', (_, args, code, message) => {
    const { status, stdout, stderr } = run('tersor', 'run', ...args);
    expect(stderr).toContain(message);
    expect([status, stdout]).toEqual([code, '']);
  });
});

describe('benchmark', () => {
  const fixture = (name: string) => join(root, 'test/fixtures/tflite', `${name}.tflite`);
  const quick = ['--runs', '4', '--warmup-ms', '10'];
  const json = (...args: string[]) => JSON.parse(run('tersor', 'benchmark', ...args, ...quick, '--json').stdout);

  it('compares models and another runtime, in turns, with the first one', () => {
    const { results, peakBytes } = json(fixture('conv_float'), fixture('conv_dynamic'), '--against', 'litert');
    const names = results.map((r: { name: string; runtime: string }) => [r.name, r.runtime]);
    expect(names).toEqual([
      [fixture('conv_float'), 'tersor'],
      [expect.stringMatching(/^LiteRT \d+\.\d+\.\d+ relaxed$/), 'litert'],
      [fixture('conv_dynamic'), 'tersor'],
    ]);
    for (const { latencyMs: t, loadMs, firstMs } of results) {
      expect(t.n).toBe(4);
      expect(t.min > 0 && t.min <= t.median && t.median <= t.p90 && t.p90 <= t.p99).toBe(true);
      expect(loadMs > 0 && firstMs > 0).toBe(true);
    }
    expect(results.map((r: { ratio?: { ofMedians: number } }) => r.ratio?.ofMedians)).toEqual([
      undefined,
      results[1].latencyMs.median / results[0].latencyMs.median,
      results[2].latencyMs.median / results[0].latencyMs.median,
    ]);
    expect(peakBytes).toBeGreaterThan(30e6);
  });

  it('runs both sides with the batch that is asked for', () => {
    const { results } = json(fixture('conv_float'), '--batch', '2', '--against', 'litert');
    expect(results).toHaveLength(2);
    expect(results[1].largestDifference).toBeLessThan(1e-6);
  });

  it('shows where the time goes', () => {
    const { status, stdout } = run('tersor', 'benchmark', fixture('conv_float'), '--profile', ...quick);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^model +load +first +min +median +p90 +p99 +mean\n/);
    expect(stdout).toMatch(/^CONV_2D .*% +(compute|memory) +\w+_f32_\dx\d$/m);
    expect(stdout).toMatch(/^by operator$/m);
  });

  it.each([
    ['a runtime that nobody knows', ['--against', 'numpy'], 2, 'one of litert, ort, tfjs expected'],
    ['a runtime without its model', ['--against', 'ort'], 2, '--peer-model FILE'],
    [
      'a runtime that is not installed',
      ['--against', 'ort', '--peer-model', 'x.onnx'],
      1,
      'npm install onnxruntime-web',
    ],
    ['no runs', ['--runs', '0'], 2, 'at least 1'],
  ])('refuses %s', (_, args, code, message) => {
    const { status, stdout, stderr } = run('tersor', 'benchmark', fixture('conv_float'), ...args);
    expect(stderr).toContain(message);
    expect([status, stdout]).toEqual([code, '']);
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
