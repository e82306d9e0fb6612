import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { runCommand } from './run-command.js';

const root = new URL('..', import.meta.url).pathname;
const scratch = mkdtempSync(join(tmpdir(), 'tersor-evaluate-'));
const MODEL = `${root}/models/mnist_cnn/saved_model`;
const DATA = `${root}/test/fixtures/digits/digits.json`;

afterAll(() => rmSync(scratch, { recursive: true }));

const evaluate = (...args: readonly string[]) => runCommand('evaluate', MODEL, ...args);

/** What a command line prints as JSON. */
async function evaluated(...args: readonly string[]) {
  const { code, stdout, stderr } = await evaluate('--data', DATA, '--json', ...args);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout);
}

it('the accuracy of the bundled net is that of real TensorFlow, float and dynamic', async () => {
  const card = JSON.parse(readFileSync(`${root}/models/mnist_cnn/card.json`, 'utf8')).real_tensorflow;
  const { models, samples } = await evaluated('--quantize', 'dynamic');
  expect(samples).toBe(1000);
  expect(models[0].value).toBeCloseTo(card.float.top1, 3);
  expect(Math.abs(models[1].value - card.dynamic.top1)).toBeLessThanOrEqual(0.003);
  expect(models[1].name).toBe(`${MODEL}, dynamic`);
  expect(models[1].bytes).toBeLessThan(models[0].bytes / 3);
});

it('an evaluation that was cut off goes on, and comes to the same', async () => {
  const state = join(scratch, 'state.json');
  const whole = await evaluated('--limit', '80', '--shuffle', '5');
  await evaluated('--limit', '80', '--shuffle', '5', '--resume', state);
  const { key, parts } = JSON.parse(readFileSync(state, 'utf8'));
  writeFileSync(state, JSON.stringify({ key, parts: parts.slice(0, 2) }));
  expect(await evaluated('--limit', '80', '--shuffle', '5', '--resume', state)).toEqual(whole);
  const other = await evaluate('--data', DATA, '--limit', '64', '--resume', state);
  expect(other).toMatchObject({ code: 1, stderr: expect.stringContaining('the state of another evaluation') });
});

it('a limit that does not hold ends with 1, wrong usage with 2', async () => {
  const limited = (...args: readonly string[]) => evaluate('--data', DATA, '--limit', '32', ...args);
  expect((await limited('--min-value', '0.5')).code).toBe(0);
  const low = await limited('--min-value', '1.1');
  expect(low).toMatchObject({ code: 1, stderr: expect.stringContaining('at least 1.1 wanted, got') });
  expect((await evaluate()).code).toBe(2);
  const { code, stderr } = await limited('--task', 'telepathy');
  expect(code).toBe(1);
  expect(stderr).toContain(
    'one of classification, regression, segmentation, detection, tokens, transcription expected',
  );
});

it('a metric of one’s own', async () => {
  const path = join(scratch, 'confidence.mjs');
  writeFileSync(
    path,
    `export const measure = (outputs) => ({ top: [Math.max(...Object.values(outputs)[0].data)] });
export const result = ({ top }) => [{ metric: 'confidence', kind: 'share', isGain: true, value: top.reduce((a, b) => a + b) / top.length, low: 0, high: 1 }];`,
  );
  const { models } = await evaluated('--metric', path, '--limit', '20');
  expect(models[0].metric).toBe('confidence');
  expect(models[0].value).toBeGreaterThan(0.5);
});

it('a bad sample is named, or left out and counted', async () => {
  const folder = mkdtempSync(join(scratch, 'data-'));
  const digits = readFileSync(`${root}/test/fixtures/digits/x.npy`);
  writeFileSync(join(folder, 'x.npy'), digits);
  writeFileSync(
    join(folder, 'labels.json'),
    JSON.stringify(Array.from({ length: 1000 }, (_, i) => (i === 3 ? 12 : 0))),
  );
  writeFileSync(
    join(folder, 'd.json'),
    JSON.stringify({ source: { kind: 'arrays', inputs: 'x.npy', labels: 'labels.json' } }),
  );
  const args = ['--data', join(folder, 'd.json'), '--limit', '10'];
  const { code, stderr } = await evaluate(...args);
  expect(code).toBe(1);
  expect(stderr).toContain('row 3: a class below 10 expected as label, got 12');
  const { stdout } = await evaluate(...args, '--skip-bad', '--json');
  expect(JSON.parse(stdout)).toMatchObject({ samples: 9, bad: [{ index: 3 }] });
});
