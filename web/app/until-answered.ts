import { proxy } from 'comlink';
import type { Working } from '../protocol.js';

/** Told of how far some work is. */
export type Tell = (working: Working) => void;

/** The answer to a question; what is told later than that is not shown any more. */
export async function untilAnswered<R>(ask: (tell: Tell) => Promise<R>, show?: Tell): Promise<R> {
  let isOver = false;
  try {
    return await ask(listener((working) => !isOver && show?.(working)));
  } finally {
    isOver = true;
  }
}

/** Progress as a worker can tell it; no more often than the eye sees. */
function listener(show: Tell): Tell {
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
