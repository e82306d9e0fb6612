/** Share of the time that trying threads may cost where they do not pay. */
const TRIES = 0.02;
/** Gains that later losses are set off against, in ms. */
const CREDIT = 0.5;
/** A call is computed alone every so often, also where threads pay: that is what they are measured against. */
const REMEASURED = 64;
/** Weight of the newest time in the mean, and how many times the mean it counts for at most. */
const NEWEST = 0.25;
const OUTLIER = 2;

/** What is known of one call. Times in ms. */
interface Account {
  runs: number;
  /** A unit computed alone, a moving mean. */
  alone: number;
  /** What sharing has cost beyond computing alone, less what has been waited since. */
  debt: number;
}

/**
 * Decides call by call whether threads should share the work. On a busy machine a thread may be stopped in the middle of its
 * part, for milliseconds, and all wait for it: then a call is computed alone until the loss is a small share of the time
 * gone by. Small calls, which take longer to hand out than to compute, end up alone in the same way.
 */
export class Sharing {
  readonly #accounts = new Map<number, Account>();
  /** Of all calls together: not each of them has to find out for itself that the machine is busy. */
  #debt = 0;

  shouldShare(call: number): boolean {
    const account = this.#accounts.get(call);
    return (
      account !== undefined &&
      account.runs > 1 &&
      // Not all calls in the same run.
      (account.runs + call) % REMEASURED !== 0 &&
      this.#debt <= 0 &&
      account.debt <= 0
    );
  }

  /** Tells how long a call took. */
  note(call: number, units: number, ms: number, isShared: boolean): void {
    let account = this.#accounts.get(call);
    if (!account) {
      account = { runs: 0, alone: ms / units, debt: 0 };
      this.#accounts.set(call, account);
    }
    const { runs, alone } = account;
    // The first run is slow: nothing is in the caches.
    if (runs === 1) account.alone = Math.min(alone, ms / units);
    else if (!isShared) account.alone += NEWEST * (Math.min(ms / units, OUTLIER * alone) - alone);
    const loss = isShared ? ms - alone * units : -TRIES * ms;
    account.runs++;
    account.debt = settled(account.debt, loss, isShared);
    this.#debt = settled(this.#debt, loss, isShared);
  }
}

/** A debt after a loss or a gain; time that goes by pays debts, and gives no credit. */
const settled = (debt: number, loss: number, isShared: boolean): number =>
  isShared ? Math.max(-CREDIT, debt + loss) : debt > 0 ? Math.max(0, debt + loss) : debt;
