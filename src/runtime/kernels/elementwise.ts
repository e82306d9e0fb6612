import { elementwiseKey, emitElementwise, FLAT_UNIT } from '../emit/elementwise.js';
import { type Stage, stageOperands } from '../emit/stages.js';
import type { Kernel, KernelBuilder, KernelNode, Operand } from '../kernel.js';
import { elementwiseOps, rootStage } from './stages.js';

/** The operand that has the shape of the result, and the node as a stage on it. */
function mainOperand(
  node: KernelNode,
): { readonly main: Operand; readonly index: number; readonly stage: Stage } | undefined {
  const [output] = node.outputs;
  if (output?.dtype !== 'f32') return undefined;
  for (const [index, main] of node.inputs.entries()) {
    if (main?.dtype !== 'f32' || String(main.shape) !== String(output.shape)) continue;
    const stage = rootStage(node, index);
    if (stage) return { main, index, stage };
  }
  return undefined;
}

/** Operators of one or two float operands, and chains of them: one loop over the elements. */
export const elementwise: Kernel = {
  ops: elementwiseOps,
  fuses: true,
  inPlace: [0, 1],

  accepts: (node) => (mainOperand(node) ? 'elementwise_f32' : undefined),

  build(node, to) {
    const { main, stage } = mainOperand(node)!;
    callStages(to, main, node.outputs[0]!, [stage, ...node.stages]);
  },
};

/** Adds the call that applies stages to a tensor. */
export function callStages(to: KernelBuilder, main: Operand, output: Operand, stages: readonly Stage[]): void {
  const hasChannels = stages.some((s) => s.operand?.mode === 'channel');
  const channels = hasChannels ? output.shape.at(-1) : undefined;
  const func = to.func(elementwiseKey(stages, channels), (module) => emitElementwise(module, stages, channels));
  const units = channels === undefined ? Math.ceil(main.count / FLAT_UNIT) : main.count / channels;
  to.call(func, [main.pointer, output.pointer, ...stageOperands(stages).map((o) => o.value.pointer)], units, 1);
}
