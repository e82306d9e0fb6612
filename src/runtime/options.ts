import { ModelError } from '../errors.js';
import type { LoadOptions } from './api.js';
import type { Platform } from './executable.js';

/** @throws {ModelError} `invalid-option` for a mode that there is not, or a limit that is no number. */
export function checkLimits(options: LoadOptions): void {
  const { numerics = 'fast' } = options;
  if (numerics !== 'fast' && numerics !== 'reference')
    throw new ModelError('invalid-option', `numerics: expected fast or reference, got ${String(numerics)}.`);
  for (const name of ['memoryLimit', 'timeLimit'] as const) {
    const limit = options[name] ?? Infinity;
    if (!(typeof limit === 'number' && limit >= 0))
      throw new ModelError('invalid-option', `${name}: expected a number of 0 or more, got ${String(limit)}.`);
  }
}

/** @throws {ModelError} `invalid-option` for a number that is none, or where threads cannot share memory. */
export function threadsOf({ threads = 1 }: LoadOptions, platform: Platform): number {
  if (!Number.isInteger(threads) || threads < 1 || threads > 64)
    throw new ModelError('invalid-option', `threads: expected 1 to 64, got ${threads}.`);
  if (threads > 1 && (typeof SharedArrayBuffer === 'undefined' || !platform.startThread))
    throw new ModelError(
      'unsupported',
      'threads need shared memory. Serve the page with the headers Cross-Origin-Opener-Policy: same-origin and ' +
        'Cross-Origin-Embedder-Policy: require-corp, or leave threads out.',
    );
  return threads;
}
