import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { memoryTree } from '../../bytes/source.js';
import { writeNpy } from '../../data/npy-tensor.js';
import type { Shape, Tensor } from '../../ir/tensor.js';
import { openDataset } from './dataset.js';
import { logMel } from './log-mel.js';
import { applySteps } from './preprocess.js';
import { type DataSpec, parseDataSpec, type Step } from './spec.js';

const root = new URL('../../..', import.meta.url).pathname;
const fixture = JSON.parse(readFileSync(`${root}/test/fixtures/evaluate.json`, 'utf8'));
const files = JSON.parse(readFileSync(`${root}/test/fixtures/tensor-files.json`, 'utf8'));
const text = (t: string) => new TextEncoder().encode(t);
const npy = (tensor: Tensor) => new Uint8Array(Buffer.concat(writeNpy(tensor)));
const f32 = (shape: Shape, ...data: number[]): Tensor => ({ dtype: 'f32', shape, data: Float32Array.from(data) });
const wanted = (...shape: number[]) => [{ name: 'x', dtype: 'f32' as const, shape }];
const numbers = (tensor: Tensor | undefined) => [...((tensor?.data ?? []) as Float32Array)];

const spec = (source: DataSpec['source'], more: Partial<DataSpec> = {}): DataSpec => ({
  source,
  preprocess: [],
  ...more,
});

describe('data sets', () => {
  it('arrays give a row for each sample, and a label', async () => {
    const tree = memoryTree({ 'x.npy': npy(f32([2, 3], 1, 2, 3, 4, 5, 6)), 'y.npy': npy(f32([2], 7, 8)) });
    const data = await openDataset(tree, spec({ kind: 'arrays', inputs: 'x.npy', labels: 'y.npy' }));
    expect(data.size).toBe(2);
    const { inputs, label, name } = await data.sample(1, wanted(1, 3));
    expect([numbers(inputs.x), inputs.x?.shape, label, name]).toEqual([[4, 5, 6], [1, 3], 8, 'row 1']);
    await expect(data.sample(0, wanted(1, 4))).rejects.toThrow("row 0: input 'x' expects [1,4], got [3]");
  });

  it('arrays must have as many rows, and models of several inputs an array for each', async () => {
    const tree = memoryTree({ 'x.npy': npy(f32([2, 1], 1, 2)), 'y.npy': npy(f32([3], 7, 8, 9)) });
    const open = openDataset(tree, spec({ kind: 'arrays', inputs: 'x.npy', labels: 'y.npy' }));
    await expect(open).rejects.toThrow('y.npy: 2 rows expected as labels, got 3');
    const data = await openDataset(tree, spec({ kind: 'arrays', inputs: { b: 'x.npy' } }));
    await expect(data.sample(0, wanted(1))).rejects.toThrow("input 'b' expected, the model has 'x'");
  });

  it('folders are classes in alphabetical order, or in the order that is given', async () => {
    const png = new Uint8Array(Buffer.from(files.images['PNG RGB'].file, 'base64'));
    const tree = memoryTree({ 'dog/1.png': png, 'cat/2.png': png, 'readme.txt': text('no') });
    const source = { kind: 'files' as const, folder: '.' };
    const data = await openDataset(tree, spec(source));
    expect([data.size, data.classes]).toEqual([2, ['cat', 'dog']]);
    const first = await data.sample(0, wanted(1, 12, 16, 3));
    expect([first.name, first.label, first.inputs.x?.shape]).toEqual(['cat/2.png', 0, [1, 12, 16, 3]]);
    const ordered = await openDataset(tree, spec(source, { classes: ['dog', 'cat'] }));
    expect((await ordered.sample(0, wanted(1, 12, 16, 3))).label).toBe(1);
    await expect(openDataset(tree, spec(source, { classes: ['dog'] }))).rejects.toThrow(
      "class 'cat' expected among dog",
    );
  });

  it('a table names files and labels', async () => {
    const png = new Uint8Array(Buffer.from(files.images['PNG RGB'].file, 'base64'));
    const tree = memoryTree({ 'a.png': png, 'labels.csv': text('file,label\r\n"a.png",3\n') });
    const data = await openDataset(tree, spec({ kind: 'files', folder: '.', labels: 'labels.csv' }));
    expect((await data.sample(0, wanted(1, 12, 16, 3))).label).toBe(3);
  });

  it('a table of numbers is inputs and a label', async () => {
    const tree = memoryTree({ 't.csv': text('a,b,kind\n1,2.5,no\n3,oops,yes\n') });
    const data = await openDataset(
      tree,
      spec({ kind: 'csv', file: 't.csv', label: 'kind' }, { classes: ['no', 'yes'] }),
    );
    const { inputs, label } = await data.sample(0, wanted(1, 2));
    expect([numbers(inputs.x), label]).toEqual([[1, 2.5], 0]);
    await expect(data.sample(1, wanted(1, 2))).rejects.toThrow(
      "t.csv line 3: a number expected in column 'b', got 'oops'",
    );
  });

  it('records are checked and hold features', async () => {
    const bytes = new Uint8Array(Buffer.from(fixture.records, 'base64'));
    const open = (b: Uint8Array, label = 'y') =>
      openDataset(memoryTree({ 'a.tfrecord': b }), spec({ kind: 'tfrecord', file: 'a.tfrecord', input: 'x', label }));
    const data = await open(bytes);
    const { inputs, label } = await data.sample(1, wanted(1, 2));
    expect([data.size, numbers(inputs.x), label]).toEqual([2, [1.5, 2], 1]);
    expect((await (await open(bytes, 'name')).sample(0, wanted(1, 2))).label).toBe('cat');
    await expect((await open(bytes, 'z')).sample(0, wanted(1, 2))).rejects.toThrow("a feature 'z' expected, it has");
    await expect(open(bytes.subarray(0, -3))).rejects.toThrow('are cut off');
    const damaged = bytes.slice();
    damaged[20] = 255 - (damaged[20] as number);
    await expect((await open(damaged)).sample(0, wanted(1, 2))).rejects.toThrow('the checksum of the record is wrong');
  });

  it('an empty data set is an error', async () => {
    const tree = memoryTree({ 'x.npy': npy(f32([0, 3])) });
    await expect(openDataset(tree, spec({ kind: 'arrays', inputs: 'x.npy' }))).rejects.toThrow('the data set is empty');
  });
});

describe('steps', () => {
  it('log-mel is that of tf.signal', () => {
    const step = { step: 'log-mel' as const, rate: 8000, frame: 200, hop: 100, bins: 6, low: 100, high: 3800 };
    const { data, frames } = logMel(Float32Array.from(fixture.sound), step);
    expect(frames).toBe(fixture.logMel.length);
    for (const [i, x] of fixture.logMel.flat().entries()) expect(data[i]).toBeCloseTo(x, 3);
  });

  it.each<[string, Tensor, Step[], number[]]>([
    ['scale', f32([2], 0, 255), [{ step: 'scale', by: 2 / 255, add: -1 }], [-1, 1]],
    ['normalize by channel', f32([1, 2], 3, 5), [{ step: 'normalize', mean: [1, 1], std: [2, 4] }], [1, 1]],
    ['center-crop', f32([3, 3, 1], 1, 2, 3, 4, 5, 6, 7, 8, 9), [{ step: 'center-crop', height: 1, width: 1 }], [5]],
    ['resize', f32([1, 2, 1], 0, 10), [{ step: 'resize', height: 1, width: 1 }], [5]],
    ['channels-first', f32([1, 2, 2], 1, 2, 3, 4), [{ step: 'channels-first' }], [1, 3, 2, 4]],
  ])('%s', (_, tensor, steps, expected) => {
    expect(numbers(applySteps(tensor, steps)).map((x) => Math.round(x * 1e5) / 1e5)).toEqual(expected);
  });

  it('scale rounds as float32 arrays do', () => {
    const x = Float32Array.from({ length: 256 }, (_, i) => i);
    const scaled = applySteps(f32([256], ...x), [{ step: 'scale', over: 127.5, add: -1 }]);
    expect(numbers(scaled)).toEqual(Array.from(x, (v) => Math.fround(Math.fround(v / 127.5) - 1)));
  });

  it('a crop that is larger than the image is an error', () => {
    const step = { step: 'center-crop' as const, height: 4, width: 4 };
    expect(() => applySteps(f32([2, 2, 1], 1, 2, 3, 4), [step])).toThrow("step 'center-crop' expects at least [4, 4]");
  });
});

describe('parseDataSpec', () => {
  it('fills in what a step leaves out', () => {
    const json = '{"source":{"kind":"arrays","inputs":"x.npy"},"preprocess":[{"step":"scale","by":2}]}';
    expect(parseDataSpec(json, 'd.json').preprocess).toEqual([{ step: 'scale', by: 2 }]);
  });

  it.each([
    ['{', 'd.json: JSON expected'],
    ['[]', 'an object expected as the description of a data set'],
    ['{"source":{"kind":"cloud"}}', 'source.kind: one of arrays, files, csv, tfrecord expected, got "cloud"'],
    ['{"source":{"kind":"arrays"}}', "source 'arrays': 'inputs' is missing"],
    [
      '{"source":{"kind":"arrays","inputs":"x","lables":"y"}}',
      "source 'arrays' has an unknown field 'lables'. Known are inputs, labels",
    ],
    ['{"source":{"kind":"files","folder":"."},"preprocess":[{"step":"blur"}]}', 'preprocess[0].step: one of resize'],
    ['{"source":{"kind":"files","folder":"."},"preprocess":[{"step":"resize","height":0,"width":1}]}', "'height' is 0"],
    [
      '{"source":{"kind":"files","folder":"."},"preprocess":[{"step":"normalize","mean":[0],"std":[0]}]}',
      "'std' is [0]",
    ],
  ])('refuses %s', (json, message) => expect(() => parseDataSpec(json, 'd.json')).toThrow(message));
});
