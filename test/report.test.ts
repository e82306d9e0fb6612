import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportSubjects } from '../src/cli/report-subjects.js';
import { nodeDrawing } from '../src/node/drawing.js';
import { rasterize } from '../src/node/rasterize.js';
import type { ReportData } from '../src/report/report-data.js';
import { plainPalette } from '../src/view/plot-svg.js';
import { overviewCharts } from '../src/view/report-overview.js';
import { reportPage } from '../src/view/report-page.js';

const root = new URL('..', import.meta.url).pathname;
const scratch = mkdtempSync(join(tmpdir(), 'tersor-report-'));
const EXECUTABLE = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);
const HOSTILE = '</script><img src=x onerror=alert(1)>\u202e"\'&🙂'.repeat(40);

let data: ReportData;
let page: string;

beforeAll(async () => {
  const subjects = await reportSubjects([`${root}/models/mnist_cnn/saved_model`], {
    quantize: 'float16,dynamic',
    samples: 1,
    seed: 1,
    runs: 3,
    warmupMs: 1,
    json: true,
    data: `${root}/test/fixtures/digits/digits.json`,
    task: 'classification',
    labelOffset: 0,
  });
  const [subject] = subjects;
  const environment = { tersor: '0', runtime: 'Node', platform: 'test', processor: 'test', threads: 1, runs: 3 };
  const hostile = { ...subject!, name: HOSTILE };
  data = { schema: 'tersor-report-1', title: HOSTILE, environment, commands: ['tersor report'], subjects: [hostile] };
  const { outputFiles } = await build({
    entryPoints: [`${root}/web/report/report-client.ts`],
    bundle: true,
    format: 'iife',
    minify: true,
    write: false,
  });
  page = await reportPage(nodeDrawing(), data, outputFiles[0]?.text ?? '');
}, 60_000);
afterAll(() => rmSync(scratch, { recursive: true }));

it('a report is the JSON that its schema describes', async () => {
  const schema = JSON.parse(readFileSync(`${root}/docs/report.schema.json`, 'utf8'));
  expect(violations(schema, schema, data, 'report')).toEqual([]);
  expect(violations(schema, schema, { ...data, subjects: [{}] }, 'report').length).toBeGreaterThan(3);
});

it('a report asks for nothing, and names cannot break out of it', () => {
  expect(page).not.toMatch(/(?:src|href)="(?!data:)/);
  expect(page).not.toContain('<img src=x');
  expect(page.match(/<script/g)?.length).toBe(2);
  expect(page).toContain('Every constant, and why');
});

it('the accuracy of every form is measured on labelled data', () => {
  const [float, half, dynamic] = data.subjects[0]?.variants ?? [];
  for (const form of [float, half, dynamic]) expect(form?.accuracy?.value).toBeCloseTo(0.985, 2);
  expect(page).toContain('of 1000 samples');
});

it('the charts become pictures', async () => {
  const { size } = overviewCharts(nodeDrawing(plainPalette), data);
  const files = {
    wasm: new URL('../node_modules/@resvg/resvg-wasm/index_bg.wasm', import.meta.url),
    fonts: [new URL('../node_modules/dejavu-fonts-ttf/ttf/DejaVuSans.ttf', import.meta.url)],
  };
  const [png, again] = [await rasterize(size.svg, files), await rasterize(size.svg, files)];
  expect([...png.subarray(1, 4)]).toEqual([...Buffer.from('PNG')]);
  expect(png.length).toBeGreaterThan(5000);
  expect(again).toEqual(png);
});

describe.skipIf(!EXECUTABLE)('in Chromium (left out where it is not installed)', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: EXECUTABLE as string,
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    });
  });
  afterAll(() => browser?.close());

  it.each(['light', 'dark'] as const)('a report is usable and accessible in %s', async (colorScheme) => {
    const axe = readFileSync(`${root}/node_modules/axe-core/axe.min.js`, 'utf8');
    // The policy of the page keeps out the checker too.
    const tab = await browser.newPage({ viewport: { width: 390, height: 844 }, colorScheme, bypassCSP: true });
    const trouble: string[] = [];
    tab.on('pageerror', (error) => trouble.push(String(error)));
    tab.on('dialog', (dialog) => void dialog.dismiss().then(() => trouble.push('a dialog')));
    tab.on('request', (request) => {
      if (!request.url().startsWith('data:') && !request.url().startsWith('about:')) trouble.push(request.url());
    });
    await tab.setContent(page);
    const width = await tab.evaluate(() => (globalThis as unknown as Page).document.documentElement.scrollWidth);
    expect(width).toBe(390);
    await tab.click('[role=tab] >> nth=0');
    expect(await tab.isVisible('#form-0-0')).toBe(true);
    expect(await tab.isVisible('#form-0-1')).toBe(false);
    await tab.fill('.find', 'FULLY_CONNECTED');
    expect(await tab.textContent('.node-facts')).toContain('FULLY_CONNECTED');
    expect(await tab.locator('.node-facts .histogram').count()).toBeGreaterThan(1);
    // One stop for the tabulator, arrows from there.
    expect(await tab.locator('.graph .node[tabindex="0"]').count()).toBe(1);
    await tab.focus('.graph .node >> nth=0');
    await tab.keyboard.press('ArrowDown');
    await tab.keyboard.press('Enter');
    expect(await tab.getAttribute('.graph .node.selected', 'data-node')).toBe('1');
    await tab.fill('#form-0-0 .filter', 'dense');
    expect(await tab.locator('#form-0-0 .sortable tbody tr:visible').count()).toBeGreaterThan(0);
    await tab.evaluate(axe);
    const found = await tab.evaluate(() => (globalThis as unknown as Page).axe.run());
    const serious = found.violations.filter((v) => v.impact === 'serious' || v.impact === 'critical');
    expect(serious.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).slice(0, 2)}`)).toEqual([]);
    expect(trouble).toEqual([]);
    await tab.close();
  });

  it('its policy lets its own script run, and nothing else', async () => {
    const tab = await browser.newPage();
    const said: string[] = [];
    tab.on('console', (message) => said.push(message.text()));
    await tab.setContent(page);
    await tab.click('.theme');
    expect(
      await tab.evaluate(() => (globalThis as unknown as Page).document.documentElement.dataset.theme),
    ).toBeTruthy();
    expect(said).toEqual([]);
    await tab.close();
  });
});

/** As much of a page as the tests look at. */
interface Page {
  readonly document: { readonly documentElement: { scrollWidth: number; dataset: Record<string, string> } };
  readonly axe: {
    run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }>;
  };
}

describe('as a command', () => {
  const built = existsSync(`${root}/dist/bin/report.mjs`);
  it.skipIf(!built)('writes the report and its charts (after a build)', () => {
    const out = join(scratch, 'r.html');
    const args = ['report', `${root}/models/mnist_cnn/saved_model`, '-o', out, '--svg', scratch, '--png', scratch];
    const more = [
      '--input-shape',
      'image=1,28,28,1',
      '--runs',
      '3',
      '--warmup-ms',
      '1',
      '--normalize',
      '-1..1',
      '--quantize',
      'dynamic',
      '--json',
    ];
    const json = execFileSync(process.execPath, [`${root}/bin/tersor.js`, ...args, ...more], { stdio: 'pipe' });
    const [again, compare] = JSON.parse(String(json)).commands;
    expect(again).toMatch(
      / --quantize dynamic --samples 4 --seed 1 --input-shape image=1,28,28,1 --normalize -1..1 --runs 3 --warmup-ms 1$/,
    );
    expect(compare).toMatch(
      /^tersor compare .*saved_model --quantize dynamic --samples 4 --seed 1 --input-shape image=1,28,28,1 --normalize -1..1$/,
    );
    expect(statSync(out).size).toBeLessThan(1.5e6);
    for (const name of ['size', 'latency', 'error-1', 'bytes-1'])
      for (const ending of ['svg', 'png'])
        expect(statSync(join(scratch, `${name}.${ending}`)).size).toBeGreaterThan(1000);
  });
});

interface Schema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
}

/** Where a value breaks a schema; the words that the published schema uses. */
function violations(top: Schema, schema: Schema, value: unknown, at: string): string[] {
  if (schema.$ref) return violations(top, top.$defs?.[schema.$ref.replace('#/$defs/', '')] as Schema, value, at);
  if (schema.anyOf)
    return schema.anyOf.some((s) => violations(top, s, value, at).length === 0) ? [] : [`${at}: none of anyOf`];
  if ('const' in schema && schema.const !== value) return [`${at}: ${schema.const} expected`];
  const type = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
  const types = schema.type === undefined ? [type] : [schema.type].flat();
  const fits = types.includes(type) || (types.includes('integer') && Number.isInteger(value));
  if (!fits) return [`${at}: ${types} expected, got ${type}`];
  if (Array.isArray(value)) return value.flatMap((v, i) => violations(top, schema.items ?? {}, v, `${at}[${i}]`));
  if (type !== 'object') return [];
  const object = value as Record<string, unknown>;
  const missing = (schema.required ?? []).filter((key) => !(key in object)).map((key) => `${at}.${key}: missing`);
  const inner = Object.entries(object).flatMap(([key, v]) => {
    const own = schema.properties?.[key] ?? schema.additionalProperties ?? true;
    if (own === false) return [`${at}.${key}: not in the schema`];
    return own === true ? [] : violations(top, own, v, `${at}.${key}`);
  });
  return [...missing, ...inner];
}
