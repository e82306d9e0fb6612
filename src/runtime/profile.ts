import type { NodeProfile } from './api.js';
import type { Step } from './compile.js';
import type { StepTime } from './executable.js';
import type { Operand } from './kernel.js';
import { elementBytes } from './operands.js';

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

/** One row for each step; `runs` hold the times of the same steps in each run. */
export function profileOf(runs: readonly (readonly StepTime[])[]): NodeProfile[] {
  return (runs[0] ?? []).map(({ step }, i) => ({
    op: step.nodes.map((n) => n.op).join('+'),
    name: step.outputs[0]?.name ?? step.node.name,
    kernel: step.kernel,
    ms: median(runs.flatMap((run) => run[i]?.ms ?? [])),
    macs: macsOf(step),
    bytes: [...step.inputs, ...step.outputs].reduce((sum, o) => sum + (o ? bytesOf(o) : 0), 0),
  }));
}

const bytesOf = (operand: Operand): number => operand.count * elementBytes(operand.dtype);

/** Multiply-accumulates of the operators that are products of matrices at heart. */
function macsOf({ node, inputs, outputs }: Step): number {
  const [, weights] = inputs;
  const out = outputs[0]?.count ?? 0;
  const shape = weights?.shape ?? [];
  switch (node.op) {
    case 'CONV_2D':
    case 'CONV_3D':
    case 'FULLY_CONNECTED':
      return (out * (weights?.count ?? 0)) / Math.max(1, node.op === 'CONV_3D' ? (shape.at(-1) ?? 1) : (shape[0] ?? 1));
    case 'DEPTHWISE_CONV_2D':
      return out * (shape[1] ?? 0) * (shape[2] ?? 0);
    case 'TRANSPOSE_CONV':
      return ((inputs[2]?.count ?? 0) * (weights?.count ?? 0)) / Math.max(1, shape[3] ?? 1);
    case 'BATCH_MATMUL':
      return out * (node.options.adjX ? (inputs[0]?.shape.at(-2) ?? 0) : (inputs[0]?.shape.at(-1) ?? 0));
    default:
      return 0;
  }
}
