import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import axe from 'axe-core';
import { gzipSync, zipSync } from 'fflate';
import { createTar } from 'nanotar';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { convert, prepare, type Recipe, recipeWith, tfjsFiles, writeModel } from '../src/index.js';
import { openModel } from '../src/node/index.js';
import { parseGraph } from '../src/ops/text.js';
import { resolveRecipe } from '../src/quantize/recipe.js';
import { modernHdf5 } from './web/modern-hdf5.js';
import { chromiumFlags, chromiumPath, type ServedPage, servePage } from './web/serve-page.js';

const root = new URL('..', import.meta.url).pathname;
const digits = `${root}test/fixtures/digits`;
const savedModel = `${root}models/mnist_cnn/saved_model`;
if (!chromiumPath)
  console.warn('no Chromium on this machine: the tests of the page are left out (apt-get install chromium)');

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
/** The text of what has the focus, in a page; a button that is to be chosen has its text beside it. */
const FOCUSED = '(document.activeElement.closest("label") ?? document.activeElement).textContent';
/** What the commands write for a model. */
async function inNode(path: string, quantize: string | Recipe): Promise<string> {
  const input = openModel(path);
  await prepare(input);
  return sha256(writeModel(convert(input, { quantize }).model));
}

const SAVED_MODEL = ['saved_model.pb', 'variables/variables.index', 'variables/variables.data-00000-of-00001'];

// On a busy machine a browser may miss a click: what fails is tried once more.
describe.runIf(chromiumPath)('the page', { retry: 1 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'tersor-web-'));
  let served: ServedPage;
  let browser: Browser;
  /** A page that takes one model after the other. */
  let shared: Page | undefined;
  /** Whatever a page should not have done. */
  const complaints: string[] = [];

  beforeAll(async () => {
    const zip = Object.fromEntries(
      SAVED_MODEL.map((name) => [`net/${name}`, new Uint8Array(readFileSync(join(savedModel, name)))]),
    );
    writeFileSync(join(folder, 'net.zip'), zipSync(zip, { level: 0 }));
    const tar = createTar(Object.entries(zip).map(([name, data]) => ({ name, data })));
    writeFileSync(join(folder, 'net.tar.gz'), gzipSync(tar, { level: 1 }));
    await modernHdf5(`${root}models/mnist_cnn/mnist_cnn.h5`, join(folder, 'modern.h5'));
    for (const { path, bytes } of tfjsFiles(convert(openModel(savedModel)).model)) {
      mkdirSync(dirname(join(folder, 'tfjs', path)), { recursive: true });
      writeFileSync(join(folder, 'tfjs', path), bytes);
    }
    mkdirSync(join(folder, 'mixed'));
    copyFileSync(`${root}models/mnist_cnn/mnist_cnn.h5`, join(folder, 'mixed/net.h5'));
    writeFileSync(join(folder, 'mixed/labels.txt'), 'zero\none\n');
    writeFileSync(join(folder, 'sound.tflite'), soundModel());
    writeFileSync(join(folder, 'junk.pb'), 'no model at all');
    served = await servePage();
    browser = await chromium.launch({ executablePath: chromiumPath as string, args: chromiumFlags });
  });
  afterAll(async () => {
    await browser?.close();
    await served?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function openPage(options: BrowserContextOptions = {}): Promise<Page> {
    const context = await browser.newContext({ serviceWorkers: 'block', reducedMotion: 'reduce', ...options });
    await context.addInitScript(
      'addEventListener("securitypolicyviolation", (e) => console.error("forbidden:", e.violatedDirective, e.blockedURI))',
    );
    context.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    context.on('weberror', (error) => complaints.push(String(error.error())));
    context.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(served.url) && !url.startsWith('blob:')) complaints.push(`a request left the page: ${url}`);
    });
    const page = await context.newPage();
    await page.goto(served.url);
    return page;
  }
  const give = (page: Page, path: string, input = 'file') => page.locator(`[data-testid=${input}]`).setInputFiles(path);
  const result = (page: Page) => page.locator('.result').waitFor();
  const sample = async (page: Page) => {
    await page.getByRole('button', { name: 'Try the sample' }).click();
    await result(page);
  };
  const settled = (page: Page) => page.locator('.outcome.is-busy').waitFor({ state: 'detached' });
  async function downloaded(page: Page): Promise<string> {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download' }).click(),
    ]);
    return sha256(readFileSync(await download.path()));
  }

  it.each<[string, string, string, 'file' | 'folder']>([
    ['a SavedModel folder', savedModel, savedModel, 'folder'],
    ['a zipped SavedModel', join(folder, 'net.zip'), savedModel, 'file'],
    ['a .tar.gz of a SavedModel', join(folder, 'net.tar.gz'), savedModel, 'file'],
    ['a .keras file', `${root}models/mnist_ds_cnn/mnist_ds_cnn.keras`, '', 'file'],
    ['a .h5 file', `${root}models/mnist_cnn/mnist_cnn.h5`, '', 'file'],
    ['a .h5 file of the newest layout', join(folder, 'modern.h5'), `${root}models/mnist_cnn/mnist_cnn.h5`, 'file'],
    ['a TensorFlow.js folder', join(folder, 'tfjs'), '', 'folder'],
    ['a folder of a model and other files', join(folder, 'mixed'), `${root}models/mnist_cnn/mnist_cnn.h5`, 'folder'],
    ['a frozen graph', `${root}test/fixtures/tensorflow/frozen/graph.pb`, '', 'file'],
    ['a .tflite file', `${root}test/fixtures/tflite/conv_float.tflite`, '', 'file'],
  ])('%s becomes the bytes that the commands write', async (_, path, like, input) => {
    shared ??= await openPage();
    await give(shared, path, input);
    await result(shared);
    expect(await downloaded(shared)).toBe(await inNode(like || path, 'dynamic'));
    await shared.getByRole('button', { name: 'Another model' }).click();
  });

  it('other techniques and exceptions become the bytes that the commands write', async () => {
    const page = await openPage();
    const h5 = `${root}models/mnist_cnn/mnist_cnn.h5`;
    await give(page, h5);
    await result(page);
    for (const [label, name] of [
      ['Float16', 'float16'],
      ['Float32', 'none'],
      ['Weight-only', 'weight-only'],
      ['Dynamic range', 'dynamic'],
    ] as const) {
      await page.getByRole('radio', { name: label }).check();
      await page.locator(`[download="mnist_cnn${name === 'none' ? '' : `.${name}`}.tflite"]`).waitFor();
      expect(await downloaded(page)).toBe(await inNode(h5, name));
    }
    const before = await page.locator('.standing-to').textContent();
    await page.getByRole('checkbox', { name: 'Quantize dense/kernel' }).uncheck();
    await page.locator('tr.is-exception').waitFor();
    await settled(page);
    expect(await page.locator('.standing-to').textContent()).not.toBe(before);
    expect(await downloaded(page)).toBe(
      await inNode(h5, recipeWith(resolveRecipe('dynamic'), { exclude: ['dense/kernel'] })),
    );
    await page.getByRole('button', { name: 'Undo the exception' }).click();
    await page.locator('tr.is-exception').waitFor({ state: 'detached' });
    await settled(page);
    expect(await downloaded(page)).toBe(await inNode(h5, 'dynamic'));
    await page.context().close();
  });

  it('measures speed and the error of layers, and reads a drawn digit with both models', async () => {
    const page = await openPage();
    await sample(page);
    await page.getByRole('button', { name: 'Draw an example' }).click();
    await page.getByText('Both say the same.').waitFor();
    expect(await page.locator('.score-label').first().textContent()).toBe('2');
    await page.getByText(/Median of \d+ runs/).waitFor({ timeout: 90_000 });
    await page.getByText('what each layer adds by itself').waitFor();
    expect(await page.locator('tr', { hasText: 'conv2d_1/kernel' }).textContent()).toMatch(/dB.*dB.*% of the noise/);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save a report' }).click(),
    ]);
    const report = readFileSync(await download.path(), 'utf8');
    expect(download.suggestedFilename()).toBe('mnist_cnn.report.html');
    expect(report).toContain('<title>What quantization does to mnist_cnn.h5</title>');
    for (const text of ['dense/kernel', 'class="graph"', '--quantize dynamic', 'virtual:'])
      expect([text, report.includes(text)]).toEqual([text, text !== 'virtual:']);
    await page.context().close();
  });

  it('says that a worker has stopped', async () => {
    const page = await openPage();
    await page.evaluate(
      'Worker = class extends Worker { constructor(url, options) { super(String(url).includes("bench") ? "no-such.js" : url, options); } }',
    );
    await sample(page);
    await page
      .getByText(/A worker of this page has stopped: /)
      .first()
      .waitFor();
    await page.context().close();
  });

  it('measures the accuracy on labelled data, as the command does, and again for another technique', async () => {
    const page = await openPage();
    await sample(page);
    const rows = () => page.locator('.accuracy tbody tr').allTextContents();
    const labelled = page.locator('[data-testid=labelled]');
    await labelled.setInputFiles(['digits.json', 'x.npy', 'y.npy'].map((name) => join(digits, name)));
    const found = page.getByText('Of 1000 samples both are right on the same ones.');
    await found.waitFor();
    // What "tersor evaluate" gives: docs/tutorial.md.
    for (const row of await rows()) expect(row).toContain('98.50 % 97.5 % to 99.1 %');
    await page.getByRole('radio', { name: 'Float16' }).check();
    await found.waitFor({ state: 'detached' });
    await found.waitFor();
    await labelled.setInputFiles([join(digits, 'x.npy')]);
    expect(await page.locator('.accuracy [role=alert]').textContent()).toContain('labelled data expected');
    await page.context().close();
  });

  it('listens to the microphone for models that take sound', async () => {
    const page = await openPage({ permissions: ['microphone'] });
    await give(page, join(folder, 'sound.tflite'));
    await result(page);
    await page.getByRole('button', { name: /Record/ }).click();
    await page.locator('.output').waitFor();
    // The machine's microphone of tests beeps: its mean square is not zero.
    expect(Number(await page.locator('.output-numbers td').first().textContent())).toBeGreaterThan(1e-6);
    await page.context().close();
  });

  it('takes what is dropped on it', async () => {
    const page = await openPage();
    const file = `${root}test/fixtures/tflite/conv_float.tflite`;
    const dropped = await page.evaluateHandle(`
      const transfer = new DataTransfer();
      const bytes = Uint8Array.from(atob('${readFileSync(file, 'base64')}'), (c) => c.charCodeAt(0));
      transfer.items.add(new File([bytes], 'conv_float.tflite'));
      transfer
    `);
    await page.dispatchEvent('.page', 'drop', { dataTransfer: dropped });
    await result(page);
    expect(await downloaded(page)).toBe(await inNode(file, 'dynamic'));
    await page.context().close();
  });

  it('walks through a folder that is dropped on it', async () => {
    const page = await openPage();
    const devtools = await page.context().newCDPSession(page);
    const data = { items: [], files: [savedModel], dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
      await devtools.send('Input.dispatchDragEvent', { type, x: 200, y: 500, data });
    await result(page);
    expect(await downloaded(page)).toBe(await inNode(savedModel, 'dynamic'));
    await page.context().close();
  });

  it('goes back from a model to the front, by either button', async () => {
    const page = await openPage();
    const front = page.getByRole('button', { name: 'Try the sample' });
    await sample(page);
    await page.goBack();
    await front.waitFor();
    await sample(page);
    await page.getByRole('button', { name: 'Another model' }).click();
    await front.waitFor();
    await sample(page);
    await page.reload();
    await front.waitFor();
    expect(page.url()).toBe(served.url);
    await page.context().close();
  });

  it('says why a model is not smaller', async () => {
    const page = await openPage();
    await give(page, join(folder, 'sound.tflite'));
    await result(page);
    const text = await page.locator('.outcome').textContent();
    expect(text).toContain('Same');
    expect(text).toContain('None of its weights can be stored in fewer bits.');
    await page.context().close();
  });

  it('says what is wrong with files that are no models, and takes the next one', async () => {
    const page = await openPage();
    await give(page, join(folder, 'junk.pb'));
    expect(await page.getByRole('alert').textContent()).toContain('junk.pb: ');
    await give(page, `${root}models/mnist_cnn/saved_model/saved_model.pb`);
    await page.getByText('needs the other files of its folder').waitFor();
    await sample(page);
    await page.context().close();
  });

  it('can be used with the keyboard alone', async () => {
    const page = await openPage();
    const tabTo = async (name: string) => {
      for (let i = 0; i < 40; i++) {
        await page.keyboard.press('Tab');
        if ((await page.evaluate<string>(FOCUSED)).includes(name)) return;
      }
      throw new Error(`no way to '${name}' with the Tab key`);
    };
    await tabTo('Drop a model here');
    await tabTo('Try the sample');
    await page.keyboard.press('Enter');
    await result(page);
    expect(await page.evaluate('document.activeElement.tagName')).toBe('H1');
    await tabTo('Dynamic range');
    await page.keyboard.press('ArrowRight');
    await page.locator('[download="mnist_cnn.weight-only.tflite"]').waitFor();
    expect(await page.getByRole('radio', { name: 'Weight-only' }).isChecked()).toBe(true);
    await tabTo('Draw an example');
    await page.keyboard.press('Enter');
    await page.locator('.scores').waitFor();
    await page.keyboard.press('Shift+Tab');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download' }).press('Enter'),
    ]);
    expect(download.suggestedFilename()).toBe('mnist_cnn.weight-only.tflite');
    await page.context().close();
  });

  it.each(['light', 'dark'] as const)('is accessible and fits a phone (%s)', async (colorScheme) => {
    const page = await openPage({ colorScheme, viewport: { width: 390, height: 844 } });
    const check = async () => {
      await page.evaluate(axe.source);
      const found = await page.evaluate(async () => {
        const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run();
        return violations.map(
          ({ id, impact, nodes }) => `${impact} ${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`,
        );
      });
      expect(found.filter((text) => /^(serious|critical)/.test(text))).toEqual([]);
      for (const width of [320, 390, 1280]) {
        await page.setViewportSize({ width, height: 844 });
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      }
      await page.setViewportSize({ width: 390, height: 844 });
    };
    await check();
    await sample(page);
    await page.getByRole('button', { name: 'Draw an example' }).click();
    await page.locator('.scores').waitFor();
    await page.getByText(/Median of \d+ runs/).waitFor();
    await page.locator('.graph-section').scrollIntoViewIfNeeded();
    await page.locator('.graph-box .node').first().click();
    await check();
    await page.context().close();
  });

  it('works without a network after the first visit', async () => {
    const page = await openPage({ serviceWorkers: 'allow' });
    await page.evaluate('navigator.serviceWorker.ready.then(({ scope }) => scope)');
    await page.context().setOffline(true);
    await page.reload();
    await sample(page);
    expect(await downloaded(page)).toBe(await inNode(`${root}models/mnist_cnn/mnist_cnn.h5`, 'dynamic'));
    await page.context().close();
  });

  it('takes a new version once no tab of the old one is open', async () => {
    const page = await openPage({ serviceWorkers: 'allow' });
    await page.evaluate('navigator.serviceWorker.ready.then(({ scope }) => scope)');
    const change = (name: string, from: RegExp, to: string) => {
      const file = join(served.folder, name);
      const text = readFileSync(file, 'utf8');
      expect(text).toMatch(from);
      writeFileSync(file, text.replace(from, to));
    };
    change('index.html', /<title>.*?<\/title>/, '<title>The next version</title>');
    change('sw.js', /("?url"?: *"index\.html",\s*"?revision"?: *")\w+/, '$1next');
    await page.reload();
    const waits = 'navigator.serviceWorker.getRegistration().then((r) => r.waiting !== null)';
    await expect.poll(() => page.evaluate(waits), { timeout: 10_000 }).toBe(true);
    expect(await page.title()).not.toBe('The next version');
    await sample(page);
    const later = await page.context().newPage();
    await page.close();
    const titleLater = async () => {
      await later.goto('about:blank');
      await later.goto(served.url);
      return later.title();
    };
    await expect.poll(titleLater, { timeout: 10_000 }).toBe('The next version');
    await sample(later);
    await later.context().close();
  });

  it('broke no rule of its policy, reported no error and asked no other host, in all of the above', () => {
    expect(complaints).toEqual([]);
  });
});

/** A model of one second of sound whose outputs are the mean square and the mean. */
function soundModel(): Uint8Array {
  const graph = parseGraph(`graph main(%sound: f32[1,16000]) {
  @axis = const i32[1] [1]
  %square = MUL(%sound, %sound) : f32[1,16000]
  %power = MEAN(%square, @axis) {keepDims: true} : f32[1,1]
  return %power
}`);
  return writeModel({ graphs: [graph], signatures: [], description: '', metadata: [] });
}
