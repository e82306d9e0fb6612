/// <reference types="vite/client" />
/// <reference types="vite-plugin-pwa/client" />

declare module 'virtual:report-client' {
  /** The script of `web/report/report-client.ts`, bundled. */
  export const reportClient: string;
}

/** The version in package.json, put in when the page is built. */
declare const __VERSION__: string;
