/** Something whose time is taken: one call is one measurement. */
export interface Entrant {
  run(): unknown;
}

export interface TimingOptions {
  /** Measurements of each. */
  readonly runs: number;
  /** Milliseconds for which each runs unmeasured first; engines compile what is hot in the background. */
  readonly warmupMs: number;
  /** Called after every round. */
  readonly onRound?: (done: number) => void;
}

/**
 * Milliseconds of every run of every entrant. They run in turns, round by round, and each round begins with another one:
 * what disturbs the machine for a while disturbs all of them.
 */
export async function timeInterleaved(
  entrants: readonly Entrant[],
  { runs, warmupMs, onRound }: TimingOptions,
): Promise<number[][]> {
  for (const entrant of entrants) {
    const end = performance.now() + warmupMs;
    while (performance.now() < end) await entrant.run();
  }
  const times = entrants.map((): number[] => []);
  for (let round = 0; round < runs; round++) {
    for (let i = 0; i < entrants.length; i++) {
      const at = (round + i) % entrants.length;
      times[at]?.push(await timeOnce(entrants[at] as Entrant));
    }
    onRound?.(round + 1);
  }
  return times;
}

/** Milliseconds of one run. What is not a promise is not waited for. */
export async function timeOnce(entrant: Entrant): Promise<number> {
  const start = performance.now();
  const result = entrant.run();
  if (result instanceof Promise) await result;
  return performance.now() - start;
}
