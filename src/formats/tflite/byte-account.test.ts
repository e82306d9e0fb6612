import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { bytesSource } from '../../bytes/source.js';
import { convert } from '../../convert/convert.js';
import { openFolder } from '../../node/files.js';
import { writeModel } from '../index.js';
import { byteAccount } from './byte-account.js';

const root = new URL('../../..', import.meta.url).pathname;
const folder = `${root}/test/fixtures/tflite`;
const total = ({ weights, ...sums }: ReturnType<typeof byteAccount>): number =>
  [...Object.values(weights), ...Object.values(sums)].reduce((a, b) => a + b, 0);

it.each(readdirSync(folder).filter((f) => f.endsWith('.tflite')))('%s is accounted for to the last byte', (name) => {
  const bytes = new Uint8Array(readFileSync(`${folder}/${name}`));
  const account = byteAccount(bytesSource(bytes));
  expect(total(account)).toBe(bytes.byteLength);
  expect(account.padding).toBeGreaterThanOrEqual(0);
  expect(account.padding).toBeLessThan(bytes.byteLength / 2);
});

it('weights and scales of a quantized model are what its shapes say', () => {
  const { model } = convert(openFolder(`${root}/models/mnist_cnn/saved_model`), { quantize: 'dynamic' });
  const { weights, quantization, names } = byteAccount(bytesSource(writeModel(model)));
  // conv2d_1, dense and digit: 64 * 3 * 3 * 32 + 128 * 3136 + 10 * 128 integers, the rest is float.
  expect(weights.INT8).toBe(64 * 9 * 32 + 128 * 3136 + 10 * 128);
  expect(weights.FLOAT32).toBe(4 * (32 * 9 + 32 + 64 + 128 + 10));
  // A scale and a zero point (8 bytes) for each of 64 + 128 + 10 channels, and tables.
  expect(quantization).toBeGreaterThanOrEqual(12 * (64 + 128 + 10));
  expect(quantization).toBeLessThan(12 * (64 + 128 + 10) + 200);
  expect(names).toBeGreaterThan(100);
});
