import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runCommand } from './run-command.js';

const pathOf = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));
const DIGITS = pathOf('models/mnist_cnn/saved_model');
const TEXTS = pathOf('test/fixtures/tensorflow/text_classifier');

describe('check', () => {
  it('forecasts the size of each technique', async () => {
    const { code, stdout } = await runCommand('check', DIGITS, '--json');
    expect(code).toBe(0);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ format: 'savedmodel', converts: true, error: null, obstacles: [] });
    const bytes = Object.fromEntries(
      report.techniques.map((t: { technique: string; bytes: number }) => [t.technique, t.bytes]),
    );
    expect(Object.keys(bytes)).toEqual(['none', 'float16', 'dynamic', 'weight-only']);
    expect(bytes.none! / bytes.dynamic!).toBeGreaterThan(3.8);
    expect(bytes.none! / bytes.float16!).toBeGreaterThan(1.9);
  });

  it('lists what stands in the way, with its names and what to do', async () => {
    const { code, stdout } = await runCommand('check', TEXTS, '--json');
    expect(code).toBe(1);
    const { converts, obstacles } = JSON.parse(stdout);
    expect(converts).toBe(false);
    expect(obstacles.map((o: { op: string }) => o.op)).toContain('StaticRegexReplace');
    for (const { op, nodes, reason, remedy } of obstacles) {
      expect(op).toMatch(/^\w+$/);
      expect(nodes.length).toBeGreaterThan(0);
      expect(reason).toBe('has no TFLite counterpart.');
      expect(remedy).toBeTruthy();
    }
    const text = (await runCommand('check', TEXTS)).stdout;
    for (const name of obstacles.flatMap((o: { nodes: string[] }) => o.nodes)) expect(text).toContain(`    ${name}\n`);
    expect(text).toContain('Convert it with --input');
  });

  it('says what is wrong with a file that is no model', async () => {
    const { code, stdout, stderr } = await runCommand('check', pathOf('package.json'), '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ converts: false, obstacles: [] });
    expect(stderr).toContain('package.json');
  });
});

it('inspect --bytes accounts for the whole file', async () => {
  const fixture = pathOf('test/fixtures/tflite/conv_dynamic.tflite');
  const { stdout } = await runCommand('inspect', fixture, '--bytes', '--json');
  const { weights, ...sums } = JSON.parse(stdout).bytes as { weights: Record<string, number> } & Record<string, number>;
  const all = [...Object.values(weights), ...Object.values(sums)].reduce((a, b) => a + b, 0);
  expect(all).toBe(readFileSync(fixture).byteLength);
  expect(sums.padding).toBeLessThan(all / 10);
  expect((await runCommand('inspect', fixture, '--bytes')).stdout).toMatch(new RegExp(`^all +${all}$`, 'm'));
});
