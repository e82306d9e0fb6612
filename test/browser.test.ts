import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { convert, writeModel } from '../src/index.js';
import { openModel } from '../src/node/index.js';
import { load } from '../src/node/runtime.js';
import type { RunnableModel } from '../src/runtime/api.js';

const root = new URL('..', import.meta.url).pathname;
const browserPath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
if (!browserPath)
  console.warn('no Chromium on this machine: the browser tests are left out (apt-get install chromium)');

const folder = (name: string) => `models/${name}/saved_model`;
const SAVED_MODEL = ['saved_model.pb', 'variables/variables.index', 'variables/variables.data-00000-of-00001'];

/** Path of the model (a SavedModel, or one file) and the technique. */
const cases = [
  [folder('mnist_cnn'), 'none'],
  [folder('mnist_cnn'), 'dynamic'],
  [folder('mnist_ds_cnn'), 'dynamic'],
  [folder('mnist_ds_cnn'), 'float16'],
  ['test/fixtures/tensorflow/frozen/graph.pb', 'weight-only'],
  ['test/fixtures/tflite/conv_float.tflite', 'dynamic'],
] as const;

/** Models that run, and the seed of their inputs. */
const runs = [
  'test/fixtures/tflite/conv_float.tflite',
  'test/fixtures/tflite/conv_dynamic.tflite',
  'test/fixtures/tflite/lstm_float.tflite',
] as const;

/** Elements of the outputs, one after the other, for inputs that both sides make alike. */
async function outputsOf(
  load: (bytes: Uint8Array, options: object) => Promise<RunnableModel>,
  bytes: Uint8Array,
  threads: number,
  relaxedSimd = false,
): Promise<number[]> {
  const model = await load(bytes, { threads, relaxedSimd });
  const inputs = (model.signatures[0]?.inputs ?? []).map(({ shape }) => {
    const count = shape.reduce((n, d) => n * Math.max(d, 1), 1);
    return Float32Array.from({ length: count }, (_, i) => (((i * 37) % 101) - 50) / 50);
  });
  // Threads take part from the third run on.
  for (let run = 0; run < 3; run++, model.reset()) model.run(inputs);
  const outputs = model.run(inputs);
  model.dispose();
  return Object.values(outputs).flatMap(({ data }) => Array.from(data as ArrayLike<number>));
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const inNode = (model: string, quantize: string) =>
  sha256(writeModel(convert(openModel(`${root}/${model}`), { quantize }).model));

/** What runs in the page: the same entry as in Node, on bytes that were fetched. */
const PAGE = `
import { bytesSource, convert, memoryTree, writeModel } from './src/index.js';
import { load } from './src/load.js';
import { decodeNpy, encodeNpy } from './src/bytes/npy.js';
globalThis.throughNpy = (numbers) => {
  const parts = encodeNpy({ type: 'f4', shape: [numbers.length], bytes: new Uint8Array(Float32Array.from(numbers).buffer) });
  const { shape, bytes } = decodeNpy(new Uint8Array(parts.flatMap((part) => [...part])), 'x.npy');
  return [...shape, ...new Float32Array(bytes.slice().buffer)];
};
globalThis.runInPage = async (model, threads, relaxedSimd) => (${outputsOf})(load, await fetchBytes('/' + model), threads, relaxedSimd);
const fetchBytes = async (path) => new Uint8Array(await (await fetch(path)).arrayBuffer());
globalThis.convertInPage = async (model, quantize) => {
  const names = /saved_model$/.test(model) ? ${JSON.stringify(SAVED_MODEL)} : [];
  const files = await Promise.all(names.map(async (n) => [n, await fetchBytes('/' + model + '/' + n)]));
  const input = names.length ? memoryTree(Object.fromEntries(files)) : bytesSource(await fetchBytes('/' + model));
  const bytes = writeModel(convert(input, { quantize }).model);
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(hash, (b) => b.toString(16).padStart(2, '0')).join('');
};`;

async function serve(script: string): Promise<Server> {
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    // With these a page may share memory between threads.
    response.setHeader('cross-origin-opener-policy', 'same-origin');
    response.setHeader('cross-origin-embedder-policy', 'require-corp');
    if (path === '/') response.setHeader('content-type', 'text/html').end('<script type=module src=/page.js></script>');
    else if (path === '/page.js') response.setHeader('content-type', 'text/javascript').end(script);
    else if (/^\/(models|test\/fixtures)\//.test(path) && existsSync(root + path))
      response.end(readFileSync(root + path));
    else response.writeHead(404).end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return server;
}

it('the same model gives the same bytes twice', () => {
  for (const [model, quantize] of cases) expect(inNode(model, quantize)).toBe(inNode(model, quantize));
});

describe.runIf(browserPath)('in Chromium', () => {
  let server: Server;
  let browser: Awaited<ReturnType<typeof chromium.launch>>;
  let page: Awaited<ReturnType<typeof browser.newPage>>;

  beforeAll(async () => {
    const bundle = await build({
      stdin: { contents: PAGE, resolveDir: root, sourcefile: 'page.ts' },
      bundle: true,
      format: 'esm',
      platform: 'browser',
      target: 'es2022',
      write: false,
    });
    server = await serve((bundle.outputFiles[0] as { text: string }).text);
    browser = await chromium.launch({
      executablePath: browserPath as string,
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
    });
    page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await page.waitForFunction('globalThis.convertInPage');
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  it.each(cases)('%s with %s gives the bytes that Node gives', async (model, quantize) => {
    const hash = await page.evaluate(`convertInPage('${model}', '${quantize}')`);
    expect(hash).toBe(inNode(model, quantize));
  });

  it('arrays of NumPy are what they are in Node', async () => {
    expect(await page.evaluate('throughNpy([1, -0.5])')).toEqual([2, 1, -0.5]);
  });

  it.each(runs)('%s runs with the outputs that it has in Node', async (model) => {
    const expected = await outputsOf(load, readFileSync(`${root}/${model}`), 1);
    expect(await page.evaluate(`runInPage('${model}', 1)`)).toEqual(expected);
    expect(await page.evaluate(`runInPage('${model}', 2)`)).toEqual(expected);
    const relaxed = (await page.evaluate(`runInPage('${model}', 1, true)`)) as number[];
    for (const [i, x] of relaxed.entries()) expect(x).toBeCloseTo(expected[i] as number, 5);
  });
});
