import { readFileSync } from 'node:fs';
import { build as bundle } from 'esbuild';
import { defineConfig, type Plugin } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import { metaPolicy, securityHeaders } from './security-policy.js';

const root = new URL('.', import.meta.url).pathname;
const { version } = JSON.parse(readFileSync(`${root}/../package.json`, 'utf8')) as { version: string };

/** Puts the policy into the built page; Vite's own server needs scripts that it would forbid. */
const policyInPage = (): Plugin => ({
  name: 'policy-in-page',
  apply: 'build',
  transformIndexHtml: () => [
    { tag: 'meta', attrs: { 'http-equiv': 'Content-Security-Policy', content: metaPolicy }, injectTo: 'head-prepend' },
  ],
});

/** `virtual:report-client`: the script that goes into reports, as a text. */
const reportClient = (): Plugin => ({
  name: 'report-client',
  resolveId: (id) => (id === 'virtual:report-client' ? `\0${id}` : undefined),
  async load(id) {
    if (id !== '\0virtual:report-client') return undefined;
    const { outputFiles } = await bundle({
      entryPoints: [`${root}/report/report-client.ts`],
      bundle: true,
      format: 'iife',
      platform: 'browser',
      target: 'es2022',
      minify: true,
      write: false,
    });
    return `export const reportClient = ${JSON.stringify(outputFiles[0]?.text)};`;
  },
});

/** Keeps all built files, so that the page works without a network after its first visit. */
const offline = () =>
  VitePWA({
    // A new version waits until no tab is open: nobody's model is lost, and files of an open page stay where they are.
    registerType: 'prompt',
    injectRegister: false,
    manifest: {
      name: 'Tersor',
      short_name: 'Tersor',
      description: 'Converts, quantizes and measures TensorFlow models in the browser.',
      display: 'standalone',
      start_url: '.',
      background_color: '#faf8f4',
      theme_color: '#faf8f4',
      icons: [{ src: 'icon.svg', sizes: 'any', type: 'image/svg+xml', purpose: 'any' }],
    },
    workbox: {
      globPatterns: ['**/*'],
      // The HDF5 library is large, and few files need it: it is kept once somebody had one.
      globIgnores: ['assets/hdf5_*', 'sw.js'],
      runtimeCaching: [
        { urlPattern: /\/assets\/hdf5_[^/]*$/, handler: 'CacheFirst', options: { cacheName: 'libraries' } },
      ],
      maximumFileSizeToCacheInBytes: 16 << 20,
      inlineWorkboxRuntime: true,
      sourcemap: false,
      clientsClaim: true,
      cleanupOutdatedCaches: true,
    },
  });

export default defineConfig({
  root,
  base: './',
  define: { __VERSION__: JSON.stringify(version) },
  plugins: [policyInPage(), offline()],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  worker: { format: 'es', plugins: () => [reportClient()] },
  // Found before the page is: else Vite would load it a second time.
  optimizeDeps: { entries: ['index.html', 'worker/*-worker.ts'] },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 6000,
  },
  server: { fs: { allow: ['..'] } },
  preview: { headers: securityHeaders },
});
