/** What the page may load and do: its own files, and WebAssembly. Nothing is evaluated, nothing goes anywhere else. */
const DIRECTIVES: readonly (readonly [string, string])[] = [
  ['default-src', "'none'"],
  ['script-src', "'self' 'wasm-unsafe-eval'"],
  ['style-src', "'self'"],
  ['font-src', "'self'"],
  ['img-src', "'self' blob:"],
  ['connect-src', "'self'"],
  ['worker-src', "'self'"],
  ['manifest-src', "'self'"],
  ['base-uri', "'none'"],
  ['form-action', "'none'"],
];

/** The policy for the page's `<meta>` element. */
export const metaPolicy = DIRECTIVES.map(([name, value]) => `${name} ${value}`).join('; ');

/** Headers that a host should send with every file: workers take their policy from there, and `<meta>` cannot say it all. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'Content-Security-Policy': `${metaPolicy}; frame-ancestors 'none'`,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=(self)',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};
