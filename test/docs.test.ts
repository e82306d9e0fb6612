import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import ts from 'typescript';
import { afterAll, afterEach, beforeEach, expect, it, vi } from 'vitest';
import { main } from '../src/cli/main.js';

const root = new URL('..', import.meta.url).pathname;
const scratch = mkdtempSync(join(tmpdir(), 'tersor-docs-'));

let said = '';
beforeEach(() => {
  said = '';
  const keep = (text: unknown) => {
    said += text;
    return true;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(keep);
  vi.spyOn(process.stderr, 'write').mockImplementation(keep);
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => rmSync(scratch, { recursive: true }));

/** The command lines of a text, as lists of arguments; those of the report draw, which needs a build, and are known. */
function commandsOf(document: string): string[][] {
  const text = readFileSync(`${root}/docs/${document}`, 'utf8');
  const blocks = [...text.matchAll(/```(?:sh|yaml)\n([\s\S]*?)```/g)].map((m) => m[1] as string);
  const lines = blocks.flatMap((block) => block.split('\n'));
  const found = lines.flatMap((line) => /^\s*(?:- run: )?(?:node bin\/tersor\.js|tersor) (.*)$/.exec(line)?.[1] ?? []);
  return found.map((line) => line.split(/\s+/));
}

/** Files of the project by their place in it; all others lie in the scratch folder. */
function placed(argument: string): string {
  if (argument.startsWith('-') || !/[./]/.test(argument) || /^[\d.]+%?$/.test(argument)) return argument;
  if (existsSync(join(root, argument))) return join(root, argument);
  return /\.(tflite|json|html|xml|md)$/.test(argument) ? join(scratch, basename(argument)) : argument;
}

const quick = (args: readonly string[]): string[] =>
  args[0] === 'benchmark'
    ? [...args, '--runs', '2', '--warmup-ms', '1']
    : args[0] === 'evaluate'
      ? [...args, '--limit', '64', ...(args.includes('--min-value') ? ['--min-value', '0.9'] : [])]
      : [...args];

it.each(['tutorial.md', 'ci.md', 'evaluate.md'])(
  'every command of docs/%s works',
  async (document) => {
    const commands = commandsOf(document).filter(([name]) => name !== 'report');
    expect(commands.length).toBeGreaterThan(0);
    for (const args of commands) {
      said = '';
      expect(await main(quick(args.map(placed))), `tersor ${args.join(' ')}\n${said}`).toBe(0);
    }
  },
  120_000,
);

it('the examples of the README fit the types', () => {
  const readme = readFileSync(`${root}/README.md`, 'utf8');
  const blocks = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map((m) => m[1] as string);
  expect(blocks.length).toBeGreaterThan(1);
  const files = new Map(blocks.map((text, i) => [`${root}src/example-${i}.ts`, text]));
  const options: ts.CompilerOptions = {
    ...ts.parseJsonConfigFileContent(ts.readConfigFile(`${root}/tsconfig.json`, ts.sys.readFile).config, ts.sys, root)
      .options,
    noEmit: true,
    paths: {
      tersor: [`${root}src/index.ts`],
      'tersor/node': [`${root}src/node/index.ts`],
      'tersor/runtime': [`${root}src/node/runtime.ts`],
    },
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (file) => files.has(file) || fileExists(file);
  host.getSourceFile = (file, ...rest) => {
    const text = files.get(file);
    return text === undefined ? getSourceFile(file, ...rest) : ts.createSourceFile(file, text, rest[0]);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  const problems = [...files.keys()].flatMap((file) => program.getSemanticDiagnostics(program.getSourceFile(file)));
  expect(problems.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '))).toEqual([]);
}, 60_000);

it('a check that does not hold ends with 1 and says which', async () => {
  const model = `${root}/models/mnist_cnn/saved_model`;
  const xml = join(scratch, 'failed.xml');
  expect(
    await main(['compare', model, '--quantize', 'dynamic', '--min-sqnr', '90', '--max-size', '30%', '--junit', xml]),
  ).toBe(1);
  expect(said).toContain('1 of 2 checks failed: SQNR of output_0: 36.3 dB, at least 90 dB wanted');
  expect(readFileSync(xml, 'utf8')).toContain('tests="2" failures="1"');
  expect(await main(['compare', model])).toBe(2);
  expect(await main(['compare', model, '--quantize', 'dynamic', '--max-size', 'small'])).toBe(2);
  expect(await main(['compare', model, '--quantize', 'dynamic', '--baseline', xml])).toBe(1);
  expect(said).toContain('a file of --write-baseline expected, got text that is not JSON');
});

it('check says whether a model goes through, and writes nothing', async () => {
  const model = `${root}/models/mnist_ds_cnn/saved_model`;
  expect(await main(['check', model])).toBe(0);
  expect(said).toContain('converts');
  expect(said).toMatch(/slow in LiteRT \(dynamic\): \d+ DEPTHWISE_CONV_2D/);
  said = '';
  expect(await main(['check', model, '--json'])).toBe(0);
  const report = JSON.parse(said);
  expect(report).toMatchObject({ format: 'savedmodel', converts: true, error: null });
  expect(report.techniques.map((t: { technique: string }) => t.technique)).toEqual([
    'none',
    'float16',
    'dynamic',
    'weight-only',
  ]);
  expect(report.techniques[2].bytes).toBeLessThan(report.techniques[0].bytes / 3);
  const words = `${root}/test/fixtures/tensorflow/text_classifier`;
  said = '';
  expect(await main(['check', words])).toBe(1);
  expect(said).toContain('StringLower');
  said = '';
  expect(await main(['check', model, '--quantize', 'bogus', '--json'])).toBe(2);
  expect(said).not.toContain('converts');
});
