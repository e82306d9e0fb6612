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
        shown = new SingleBar(
          { format, stream: stderr, clearOnComplete: true, hideCursor: true },
          Presets.shades_classic,
        );
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

/** A bar that counts to `total`: for work that is not a conversion. Shown and hidden as {@link progressBar} is. */
export async function countingBar(title: string, total: number, quiet: boolean) {
  if (quiet || !stderr.isTTY) return { show: (_done: number): void => undefined, stop: () => undefined };
  const { SingleBar, Presets } = await import('cli-progress');
  const bar = new SingleBar(
    { format: `${title} {bar} {value} of {total}`, stream: stderr, clearOnComplete: true, hideCursor: true },
    Presets.shades_classic,
  );
  bar.start(total, 0);
  return { show: (done: number): void => bar.update(done), stop: () => bar.stop() };
}
