import { proxy, type Remote, wrap } from 'comlink';
import type { Working } from '../protocol.js';
import type { Bench } from '../worker/bench-worker.js';
import type { Session } from '../worker/session-worker.js';

/** A worker and its face. */
export interface Hired<T> {
  readonly face: Remote<T>;
  /** Ends it at once, whatever it is doing; what was asked of it is never answered. */
  dismiss(): void;
}

function hired<T>(worker: Worker, onBroken?: (reason: string) => void): Hired<T> {
  if (onBroken)
    worker.addEventListener('error', ({ message }) => onBroken(message || 'its program could not be loaded'), {
      once: true,
    });
  return { face: wrap<T>(worker), dismiss: () => worker.terminate() };
}

/**
 * The thread that reads, converts and quantizes.
 * @param onBroken Called when it ends by itself, and will not answer.
 */
export const hireSession = (onBroken: (reason: string) => void): Hired<Session> =>
  hired(new Worker(new URL('../worker/session-worker.ts', import.meta.url), { type: 'module' }), onBroken);

/** A thread that runs models: to time them, to compare them, to try them. */
export const hireBench = (): Hired<Bench> =>
  hired(new Worker(new URL('../worker/bench-worker.ts', import.meta.url), { type: 'module' }));

/** Progress as a worker can tell it; no more often than the eye sees. */
export function listener(show: (working: Working) => void): (working: Working) => void {
  let last = '';
  let shown = 0;
  return proxy((working: Working) => {
    const now = performance.now();
    if (working.step === last && now - shown < 40) return;
    last = working.step;
    shown = now;
    show(working);
  });
}
