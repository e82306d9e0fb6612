import { emitPool, type PoolSpec, poolKey } from '../emit/pool.js';
import { stageOperands } from '../emit/stages.js';
import type { Kernel, KernelNode } from '../kernel.js';
import { windowsOf } from './windows.js';

const KINDS: Readonly<Record<string, PoolSpec['kind']>> = {
  AVERAGE_POOL_2D: 'average',
  L2_POOL_2D: 'l2',
  MAX_POOL_2D: 'max',
};

function specOf(node: KernelNode): PoolSpec {
  const { filterHeight, filterWidth } = node.options as Readonly<Record<string, number>>;
  const [rows, columns] = windowsOf(node, [filterHeight ?? 1, filterWidth ?? 1]);
  return { kind: KINDS[node.op]!, rows, columns, channels: node.inputs[0]!.shape[3]! };
}

/** Pooling of floats over windows of any size. */
export const pools: Kernel = {
  ops: ['AVERAGE_POOL_2D', 'L2_POOL_2D', 'MAX_POOL_2D'],
  fuses: true,

  accepts({ op, inputs: [input], outputs: [output] }) {
    const isFloat = input?.dtype === 'f32' && output?.dtype === 'f32';
    return isFloat && input.count > 0 && output.count > 0 ? `pool_${KINDS[op]}_f32` : undefined;
  },

  build(node, to) {
    const spec = specOf(node);
    const [input] = node.inputs;
    const [output] = node.outputs;
    const func = to.func(poolKey(spec, node.stages), (module) => emitPool(module, spec, node.stages));
    const operands = stageOperands(node.stages).map(({ value }) => value.pointer);
    to.call(func, [input!.pointer, output!.pointer, ...operands], input!.shape[0]! * spec.rows.out, 1);
  },
};
