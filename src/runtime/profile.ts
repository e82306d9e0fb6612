import type { NodeProfile } from './api.js';
import type { Step } from './compile.js';
import { bytesOf, macsOf } from './cost.js';

/** What is said of a step. */
type Timed = Pick<Step, 'node' | 'nodes' | 'kernel' | 'inputs' | 'outputs'>;

interface Total {
  readonly graph: string;
  readonly step: Timed;
  times: number;
  ms: number;
}

/** Takes the time of the steps of one run; those of a loop run many times. */
export class StepTimer {
  readonly totals = new Map<Timed, Total>();
  /** Time since the step that runs began in which others within it ran. */
  #within = 0;

  /** Runs a step of a graph. What it takes for the steps of other graphs is theirs. */
  time<T>(graph: string, step: Timed, run: () => T): T {
    const entered = performance.now();
    const before = this.#within;
    this.#within = 0;
    const start = performance.now();
    const result = run();
    const ms = performance.now() - start - this.#within;
    let total = this.totals.get(step);
    if (!total) {
      total = { graph, step, times: 0, ms: 0 };
      this.totals.set(step, total);
    }
    total.times++;
    total.ms += ms;
    // With the time that measuring took.
    this.#within = before + performance.now() - entered;
    return result;
  }
}

/** The steps of a run by graph, operator and name: a graph that is compiled anew for other sizes keeps these. */
function byName({ totals }: StepTimer): Map<string, Total[]> {
  const found = new Map<string, Total[]>();
  for (const total of totals.values()) {
    const key = JSON.stringify([total.graph, total.step.node.op, nameOf(total.step)]);
    found.set(key, [...(found.get(key) ?? []), total]);
  }
  return found;
}

const nameOf = ({ node, outputs }: Timed): string => (outputs[0] ?? node.outputs[0])?.name ?? node.name;

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

const sum = (totals: readonly Total[] = [], of: (total: Total) => number): number =>
  totals.reduce((all, total) => all + of(total), 0);

/** One row for each step of any of the runs, those of the graph `main` first. */
export function profileOf(timers: readonly StepTimer[], main: string): NodeProfile[] {
  const runs = timers.map(byName);
  const rows = [...new Map(runs.flatMap((run) => [...run]))].map(([key, totals]) => {
    const [{ graph, step }] = totals as [Total];
    return {
      op: step.nodes.map((n) => n.op).join('+'),
      name: nameOf(step),
      kernel: step.kernel,
      ms: median(runs.map((run) => sum(run.get(key), (t) => t.ms))),
      macs: sum(totals, (t) => t.times * macsOf(t.step)),
      bytes: sum(totals, (t) => t.times * bytesOf(t.step)),
      ...(graph !== main && { graph, times: sum(totals, (t) => t.times) }),
    };
  });
  return rows.sort((a, b) => Number('graph' in a) - Number('graph' in b));
}
