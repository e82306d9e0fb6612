import { relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { expect, it } from 'vitest';

const root = new URL('..', import.meta.url).pathname;

/** What a page loads with `tersor/runtime`, in bytes; kernels that few models need come on demand. */
const LIMIT = 120 * 1024;

it('the runtime for pages carries no converter and stays below 120 KB, gzipped', async () => {
  const { outputFiles, metafile } = await build({
    entryPoints: { runtime: `${root}/src/load.ts` },
    outdir: `${root}/dist`,
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
    metafile: true,
    absWorkingDir: root,
  });
  const rooms = new Set(Object.keys(metafile.inputs).map((file) => file.split('/').slice(0, -1).join('/')));
  const foreign = [...rooms].filter((r) => /tensorflow|passes|quantize|convert|cli|node/.test(r));
  expect(foreign).toEqual([]);
  const files = new Map(outputFiles.map(({ path, contents }) => [relative(root, path), contents]));
  const loaded = new Set(['dist/runtime.js']);
  for (const file of loaded)
    for (const { path, kind } of metafile.outputs[file]?.imports ?? [])
      if (kind === 'import-statement') loaded.add(path);
  expect(loaded.size).toBeLessThan(files.size);
  const sizes = [...loaded].map((file) => gzipSync(files.get(file) as Uint8Array, { level: 9 }).length);
  expect(sizes.reduce((a, b) => a + b)).toBeLessThan(LIMIT);
});
