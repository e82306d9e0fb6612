import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, it } from 'vitest';

const root = new URL('../src', import.meta.url).pathname;

/** The way of the data: a folder imports only from itself and from folders of an earlier row. */
const ORDER: readonly (readonly string[])[] = [
  ['errors'],
  ['numerics'],
  ['bytes', 'wasm'],
  ['schema'],
  ['ir'],
  ['ops'],
  ['formats', 'passes', 'runtime', 'data'],
  ['quantize'],
  ['convert'],
  ['load', 'tfjs'],
  ['evaluate'],
  ['report'],
  ['view'],
  ['index', 'node'],
  ['cli'],
];
const rowOf = new Map(ORDER.flatMap((rooms, row) => rooms.map((room) => [room, row] as const)));

const room = (path: string): string => (path.split('/')[0] as string).replace(/\.ts$/, '');
const files = readdirSync(root, { recursive: true })
  .map(String)
  .filter((f) => f.endsWith('.ts'))
  .filter((f) => !/\.test\.ts$|testing\.ts$/.test(f));

interface Import {
  readonly from: string;
  readonly to: string;
}
function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  const found = text.matchAll(/(?:^import\s[^;]*?from|^export\s[^;]*?from|\bimport\()\s*'([^']+)'/gms);
  return [...found].map((m) => {
    const target = m[1] as string;
    const inside = target.startsWith('.') ? relative(root, join(root, dirname(file), target)) : target;
    return { from: file, to: inside };
  });
}
const imports = files.flatMap(importsOf);

it('every folder of src has its place in the order', () => {
  expect([...new Set(files.map(room))].filter((r) => !rowOf.has(r))).toEqual([]);
});

it('folders import only from themselves and from the left', () => {
  const wrong = imports
    .filter(({ to }) => !to.startsWith('node:') && rowOf.has(room(to.replace(/\.js$/, '.ts'))))
    .filter(({ from, to }) => {
      const [a, b] = [room(from), room(to.replace(/\.js$/, '.ts'))];
      return a !== b && (rowOf.get(b) as number) >= (rowOf.get(a) as number);
    });
  expect(wrong.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
});

it('node modules are imported only at the edges', () => {
  const wrong = imports.filter(({ from, to }) => to.startsWith('node:') && !['node', 'cli'].includes(room(from)));
  expect(wrong.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
});

it('one format does not import another', () => {
  const format = (path: string) => path.split('/')[1];
  const wrong = imports.filter(
    ({ from, to }) =>
      from.split('/').length > 2 &&
      to.split('/').length > 2 &&
      room(from) === 'formats' &&
      to.startsWith('formats/') &&
      format(from) !== format(to),
  );
  expect(wrong.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
});

it('every file that a reader opens is short, or generated', () => {
  const long = files.filter(
    (f) => !f.endsWith('.gen.ts') && readFileSync(join(root, f), 'utf8').split('\n').length > 450,
  );
  expect(long).toEqual([]);
});

it('the page has no part of Node in it', () => {
  const web = new URL('../web', import.meta.url).pathname;
  const pages = readdirSync(web, { recursive: true }).map(String);
  const wrong = pages
    .filter((f) => /\.tsx?$/.test(f) && !f.startsWith('dist/') && !f.endsWith('.test.ts') && f !== 'vite.config.ts')
    .flatMap((f) =>
      [...readFileSync(join(web, f), 'utf8').matchAll(/from '(node:[^']+|[^']*src\/(?:node|cli)\/[^']*)'/g)].map(
        (found) => `web/${f} imports ${found[1]}`,
      ),
    );
  expect(wrong).toEqual([]);
});
