import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { convert, copyModel, type Model, type QuantizedConstants, quantize, writeModel } from '../index.js';
import { openModel } from '../node/index.js';
import { printGraph } from './print.js';

const folder = new URL('../../models/mnist_cnn/saved_model', import.meta.url).pathname;
/** Bytes of the file; comparing large arrays element by element takes long. */
const written = (model: Model): string => createHash('sha256').update(writeModel(model)).digest('hex');

it('a copy writes the same bytes, and quantizing it leaves the original as it was', () => {
  const { model } = convert(openModel(folder));
  const before = model.graphs.map((g) => printGraph(g));
  const bytes = written(model);
  const copy = copyModel(model);
  expect(written(copy)).toBe(bytes);
  quantize(copy, 'dynamic');
  expect(copy.graphs.map((g) => printGraph(g))).not.toEqual(before);
  expect(model.graphs.map((g) => printGraph(g))).toEqual(before);
  expect(written(model)).toBe(bytes);
});

it('copies that are quantized one after the other, with what was made before, are what conversions give', () => {
  const { model } = convert(openModel(folder));
  const made: QuantizedConstants = new WeakMap();
  for (const technique of ['dynamic', 'float16', 'weight-only', 'dynamic', 'none']) {
    const copy = copyModel(model);
    const report = quantize(copy, technique, { made });
    const whole = convert(openModel(folder), { quantize: technique });
    expect(written(copy)).toBe(written(whole.model));
    expect(report).toEqual(whole.quantization);
  }
});

it.each(['conv_float', 'conv_dynamic', 'lstm_float'])(
  'a copy of %s.tflite keeps what the file says beside its graphs',
  (name) => {
    const path = new URL(`../../test/fixtures/tflite/${name}.tflite`, import.meta.url).pathname;
    const { model } = convert(openModel(path));
    const copy = copyModel(model);
    expect(written(copy)).toBe(written(model));
    quantize(copy, 'dynamic');
    expect(written(copy)).toBe(written(convert(openModel(path), { quantize: 'dynamic' }).model));
    expect(written(model)).toBe(written(convert(openModel(path)).model));
  },
);
