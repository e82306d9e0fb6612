/**
 * `npm run bench:page [-- MODEL…]`: the page in Chromium. Time from giving a model (a synthetic one of 25 MB, or files and
 * SavedModel folders) to its result, time of changing one layer, and the longest task of the page's own thread meanwhile.
 */
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { writeModel } from '../src/index.js';
import { parseGraph } from '../src/ops/text.js';
import { chromiumFlags, chromiumPath, servePage } from '../test/web/serve-page.js';

/** What a page that answers may take at most, in ms, and what a conversion of 25 MB may. */
const LONGEST_TASK = 100;
const LONGEST_CONVERSION = 5000;

if (!chromiumPath) {
  console.error('no Chromium on this machine (apt-get install chromium)');
  process.exit(1);
}
const folder = mkdtempSync(join(tmpdir(), 'tersor-bench-'));
const synthetic = join(folder, 'synthetic-25MB.tflite');
writeFileSync(synthetic, syntheticModel());
const page = await servePage();
const browser = await chromium.launch({ executablePath: chromiumPath, args: chromiumFlags });
const models = process.argv.slice(2);
let isGood = true;
for (const path of models.length > 0 ? models : [synthetic]) isGood = (await measure(browser, path)) && isGood;
await browser.close();
await page.close();
rmSync(folder, { recursive: true });
process.exitCode = isGood ? 0 : 1;

async function measure(chrome: Browser, path: string): Promise<boolean> {
  const context = await chrome.newContext({ serviceWorkers: 'block' });
  const tab = await context.newPage();
  await tab.goto(page.url);
  await tab.waitForTimeout(1500);
  await tab.evaluate(`
    globalThis.tasks = [];
    new PerformanceObserver((list) => tasks.push(...list.getEntries().map((e) => e.duration))).observe({ type: 'longtask' });
  `);
  const isFolder = statSync(path).isDirectory();
  await tab.evaluate(`
    globalThis.done = new Promise((done) => {
      new MutationObserver(() => document.querySelector('.result') && done(performance.now() - globalThis.start)).observe(document.body, { childList: true, subtree: true });
    });
    addEventListener('change', () => { globalThis.start = performance.now(); }, true);
  `);
  await tab.locator(`[data-testid=${isFolder ? 'folder' : 'file'}]`).setInputFiles(path);
  const ms = await tab.evaluate<number>('globalThis.done');
  await tab.getByText('what each layer adds by itself').waitFor({ timeout: 300_000 });
  await tab.evaluate(`
    globalThis.changed = new Promise((done) => {
      addEventListener('change', () => {
        const start = performance.now();
        const before = document.querySelector('.standing').textContent;
        new MutationObserver(() => document.querySelector('.standing').textContent !== before && done(performance.now() - start))
          .observe(document.querySelector('.standing'), { childList: true, subtree: true, characterData: true });
      }, true);
    });
    undefined; // the promise is not to be waited for here
  `);
  await tab
    .getByRole('checkbox', { name: /^Quantize / })
    .first()
    .uncheck();
  const change = await tab.evaluate<number>('globalThis.changed');
  await tab.locator('.graph-section').scrollIntoViewIfNeeded();
  await tab.waitForTimeout(3000);
  const longest = Math.max(0, ...(await tab.evaluate<number[]>('tasks')));
  await context.close();
  console.log(
    `${basename(path)}: result after ${ms.toFixed(0)} ms, one layer changed in ${change.toFixed(0)} ms, longest task of the page ${longest.toFixed(0)} ms`,
  );
  return longest <= LONGEST_TASK && (models.length > 0 || ms <= LONGEST_CONVERSION);
}

/** Seven dense layers of 960 by 960, in float: 25.8 MB. */
function syntheticModel(): Uint8Array {
  const layer = (i: number) => `  @w${i} = const f32[960,960]
  @b${i} = const f32[960]
  %y${i} = FULLY_CONNECTED(%${i === 0 ? 'x' : `y${i - 1}`}, @w${i}, @b${i}) {fusedActivationFunction: RELU} : f32[1,960]`;
  const graph = parseGraph(`graph main(%x: f32[1,960]) {
${Array.from({ length: 7 }, (_, i) => layer(i)).join('\n')}
  return %y6
}`);
  return writeModel({ graphs: [graph], signatures: [], description: '', metadata: [] });
}
