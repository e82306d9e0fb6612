/**
 * `npm run build`: the library as plain modules (tsc), and the commands as one script with its compiled code, because
 * loading and compiling two hundred modules would cost more than most conversions.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

const root = new URL('..', import.meta.url).pathname;

rmSync(`${root}/dist`, { recursive: true, force: true });
run('npx', ['--no-install', 'tsc', '-p', 'tsconfig.build.json']);
await build({
  entryPoints: [`${root}/src/cli/bundle.ts`],
  outfile: `${root}/dist/bin/commands.cjs`,
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20',
  minifySyntax: true,
  minifyWhitespace: true,
  // Larger than everything else together, and only for Keras files: imported from where it is installed.
  external: ['h5wasm', 'tinypool'],
  plugins: [
    {
      // What draws reports is a script of its own.
      name: 'report-view',
      setup: ({ onResolve }) =>
        onResolve({ filter: /\/report-view\.js$/ }, () => ({ path: './report.mjs', external: true })),
    },
  ],
  // `src/cli/launch.ts` runs the script, which is one function of these.
  banner: { js: '(function (module, require, bundleUrl, importModule) {' },
  footer: { js: '})' },
  define: { 'import.meta.url': 'bundleUrl' },
});

/** A script that comes from a code cache cannot import by itself: `src/cli/launch.ts` does it for it. */
const bundle = `${root}/dist/bin/commands.cjs`;
writeFileSync(bundle, readFileSync(bundle, 'latin1').replaceAll('await import(', 'await importModule('), 'latin1');

/** What draws reports, with its libraries, and what runs inside of a report. */
await build({
  entryPoints: [`${root}/src/cli/report-view.ts`],
  outfile: `${root}/dist/bin/report.mjs`,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  minify: true,
  // An optional part of linkedom that draws pixels.
  external: ['canvas'],
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
});
await build({
  entryPoints: [`${root}/web/report/report-client.ts`],
  outfile: `${root}/dist/bin/report-client.js`,
  bundle: true,
  format: 'iife',
  platform: 'browser',
  target: 'es2022',
  minify: true,
});
/** What the threads of an evaluation run. */
await build({
  entryPoints: [`${root}/src/cli/evaluate-worker.ts`],
  outfile: `${root}/dist/bin/evaluate-worker.mjs`,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  minify: true,
  external: ['h5wasm'],
});
copyFileSync(`${root}/node_modules/@resvg/resvg-wasm/index_bg.wasm`, `${root}/dist/bin/resvg.wasm`);
for (const font of ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'])
  copyFileSync(`${root}/node_modules/dejavu-fonts-ttf/ttf/${font}`, `${root}/dist/bin/${font}`);

/** The runtime in few files, for pages and for Node: it loads faster than a hundred modules. */
await build({
  entryPoints: { runtime: `${root}/src/load.ts` },
  outdir: `${root}/dist`,
  // Kernels that few models need come when they are needed.
  splitting: true,
  chunkNames: 'runtime-[name]-[hash]',
  bundle: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  minify: true,
});
for (const [format, file] of [
  ['esm', 'runtime.node.js'],
  ['cjs', 'runtime.cjs'],
] as const)
  await build({
    entryPoints: [`${root}/src/node/runtime.ts`],
    outfile: `${root}/dist/${file}`,
    bundle: true,
    format,
    platform: 'node',
    target: 'node20',
    minifySyntax: true,
    minifyWhitespace: true,
  });
/** The types of the CommonJS entry are those of the other one. */
const TYPES = `import type * as runtime from './node/runtime.js' with { 'resolution-mode': 'import' };
export type * from './node/runtime.js' with { 'resolution-mode': 'import' };
export declare const load: typeof runtime.load;
export declare const bytesSource: typeof runtime.bytesSource;
export declare const ModelError: typeof runtime.ModelError;
`;
writeFileSync(`${root}/dist/runtime.d.cts`, TYPES);

/** Converts the bundled models, then keeps the compiled code of all that ran. */
const WARM_UP = `
import { writeFileSync } from 'node:fs';
import { loadBundle } from './dist/cli/launch.js';
const { commands, compiled } = loadBundle();
for (const model of ['mnist_cnn', 'mnist_ds_cnn'])
  for (const technique of ['dynamic', 'float16']) {
    const input = 'models/' + model + '/saved_model';
    const code = await commands.tersor(['convert', input, '-o', 'dist/warm-up.tflite', '--quantize', technique]);
    if (code !== 0) process.exit(code);
  }
writeFileSync('dist/bin/commands.cache', compiled());`;
run(process.execPath, ['--input-type=module', '-e', WARM_UP]);
rmSync(`${root}/dist/warm-up.tflite`);

function run(command: string, args: readonly string[]): void {
  // Options of Node that are set here would make the compiled code useless to others.
  const env = { ...process.env, NODE_OPTIONS: '' };
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: 'utf8', env });
  if (status === 0) return;
  console.error(`${stdout}\n${stderr}`.trim());
  process.exit(1);
}
