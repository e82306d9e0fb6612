import { stderr } from 'node:process';
import type { SingleBar } from 'cli-progress';
import type { Progress } from '../convert/types.js';
import { say } from './terminal.js';

/** Shows the progress of a conversion on standard error: a bar on a terminal, nothing in a log or with `--json`. */
export interface ProgressBar {
  show(progress: Progress): void;
  stop(): void;
}

const TITLES: Readonly<Record<Progress['step'], string>> = {
  read: 'reading',
  optimize: 'optimizing',
  quantize: 'quantizing',
  write: 'writing',
};
/** Cursor and line breaks stay as they are, so that a command that is interrupted leaves a terminal in order. */
const LOOKS = { stream: stderr, clearOnComplete: true, hideCursor: false, linewrap: true } as const;
/** Nothing is shown for what is done before this many ms. */
const PATIENCE = 300;

export async function progressBar(quiet: boolean): Promise<ProgressBar> {
  if (quiet || !stderr.isTTY) return { show: () => undefined, stop: () => undefined };
  const { SingleBar, Presets } = await import('cli-progress');
  const start = performance.now();
  let shown: SingleBar | undefined;
  return {
    show({ step, detail = '', done = 0, total = 1 }) {
      if (performance.now() - start < PATIENCE) return;
      if (!shown) {
        const format = '{step} {bar} {percentage}% {detail}';
        shown = new SingleBar({ ...LOOKS, format }, Presets.shades_classic);
        shown.start(total, done, { step: TITLES[step], detail });
      }
      shown.setTotal(total);
      shown.update(done, { step: TITLES[step], detail });
    },
    stop: () => shown?.stop(),
  };
}

/** A warning for people, on standard error. */
export const warn = (text: string): void => say(`warning: ${text}`);

/** Tells that `done` is done, of `total` or another number. */
type Show = (done: number, total?: number) => void;

/**
 * Does work behind a bar that counts to `total`, on a terminal that shall have one. The bar goes whether the work succeeds
 * or not: it would keep the program alive.
 */
export async function counting<T>(
  title: string,
  total: number,
  quiet: boolean,
  work: (show: Show) => Promise<T>,
): Promise<T> {
  if (quiet || !stderr.isTTY) return work(() => undefined);
  const { SingleBar, Presets } = await import('cli-progress');
  const bar = new SingleBar({ ...LOOKS, format: `${title} {bar} {value} of {total}` }, Presets.shades_classic);
  bar.start(total, 0);
  try {
    return await work((done, all = total) => {
      bar.setTotal(all);
      bar.update(done);
    });
  } finally {
    bar.stop();
  }
}
