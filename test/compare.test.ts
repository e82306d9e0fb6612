import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { writeNpy } from '../src/data/npy-tensor.js';
import { runCommand } from './run-command.js';

const scratch = mkdtempSync(join(tmpdir(), 'tersor-compare-'));
afterAll(() => rmSync(scratch, { recursive: true }));
const model = fileURLToPath(new URL('./fixtures/tflite/lstm_float.tflite', import.meta.url));

function arrayFile(...shape: number[]): string {
  const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i));
  const path = join(scratch, `${shape.join('x')}.npy`);
  writeFileSync(path, Buffer.concat(writeNpy({ dtype: 'f32', shape, data })));
  return path;
}
const compared = async (path: string) => runCommand('compare', model, model, '--input', path, '--json');

it('each row of an array is a sample where the model takes one row', async () => {
  for (const count of [1, 3]) {
    const { code, stdout, stderr } = await compared(arrayFile(count, 5, 3));
    expect(code, stderr).toBe(0);
    const { samples, outputs } = JSON.parse(stdout);
    expect(samples).toBe(count);
    expect(outputs[0]).toMatchObject({ shape: [1, 5, 4], error: { sqnrDb: null, maxAbs: 0 } });
  }
});

it('an array of another shape is refused', async () => {
  const { code, stderr } = await compared(arrayFile(3, 5, 4));
  expect(code).toBe(1);
  expect(stderr).toContain("input 'x' expects [?,5,3], got [3,5,4]");
});
