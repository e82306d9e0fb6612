import { type Remote, wrap } from 'comlink';
import type { Bench } from '../worker/bench-worker.js';
import type { Session } from '../worker/session-worker.js';
import { type Tell, untilAnswered } from './until-answered.js';

/** A worker that has been started. */
export interface Hired<T> {
  /**
   * Asks it something. `show` is told how far it is, until it has answered: progress goes another way than the answer, and
   * may come later.
   * @throws {Error} what it says went wrong, or that it has stopped.
   */
  ask<R>(work: (face: Remote<T>, tell: Tell) => Promise<R>, show?: Tell): Promise<R>;
  /** Ends it at once, whatever it is doing; what was asked of it is never answered. */
  dismiss(): void;
}

function hired<T>(worker: Worker): Hired<T> {
  const face = wrap<T>(worker);
  // A program that cannot be loaded never answers.
  const broken = new Promise<never>((_, reject) =>
    worker.addEventListener('error', ({ message }) => {
      const reason = message || 'its program could not be loaded';
      reject(new Error(`A worker of this page has stopped: ${reason}. Load the page again.`));
    }),
  );
  broken.catch(() => {});
  return {
    ask: (work, show) => untilAnswered((tell) => Promise.race([work(face, tell), broken]), show),
    dismiss: () => worker.terminate(),
  };
}

/** The thread that reads, converts and quantizes. */
export const hireSession = (): Hired<Session> =>
  hired(new Worker(new URL('../worker/session-worker.ts', import.meta.url), { type: 'module' }));

/** A thread that runs models: to time them, to compare them, to try them. */
export const hireBench = (): Hired<Bench> =>
  hired(new Worker(new URL('../worker/bench-worker.ts', import.meta.url), { type: 'module' }));
