import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { expect, it } from 'vitest';

const root = new URL('..', import.meta.url).pathname;

/** What `tersor/runtime` is for a page. */
const LIMIT = 136 * 1024;

it('the runtime for pages carries no converter and stays below 136 KB, gzipped', async () => {
  const { outputFiles, metafile } = await build({
    entryPoints: [`${root}/src/load.ts`],
    bundle: true,
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
  expect(gzipSync((outputFiles[0] as { contents: Uint8Array }).contents, { level: 9 }).length).toBeLessThan(LIMIT);
});
