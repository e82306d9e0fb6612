import type { NodeProfile } from './api.js';
import { bytesOf, macsOf } from './cost.js';
import type { StepTime } from './executable.js';

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

/** One row for each step; `runs` hold the times of the same steps in each run. */
export function profileOf(runs: readonly (readonly StepTime[])[]): NodeProfile[] {
  return (runs[0] ?? []).map(({ step }, i) => ({
    op: step.nodes.map((n) => n.op).join('+'),
    name: step.outputs[0]?.name ?? step.node.name,
    kernel: step.kernel,
    ms: median(runs.flatMap((run) => run[i]?.ms ?? [])),
    macs: macsOf(step),
    bytes: bytesOf(step),
  }));
}
