import type { Node } from '../ir/graph.js';
import type { Operand } from './kernel.js';
import { elementBytes } from './operands.js';

/** A node with its operands. */
interface Work {
  readonly node: Node;
  readonly inputs: readonly (Operand | undefined)[];
  readonly outputs: readonly Operand[];
}

/** Bytes of inputs, weights and outputs. */
export const bytesOf = ({ inputs, outputs }: Work): number =>
  [...inputs, ...outputs].reduce((sum, o) => sum + (o ? o.count * elementBytes(o.dtype) : 0), 0);

/** Multiply-accumulates of the operators that are products of matrices at heart; 0 for others. */
export function macsOf({ node, inputs, outputs }: Work): number {
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
    case 'LSTM':
    case 'RNN':
    case 'SVDF':
    case 'UNIDIRECTIONAL_SEQUENCE_LSTM':
    case 'BIDIRECTIONAL_SEQUENCE_LSTM':
    case 'UNIDIRECTIONAL_SEQUENCE_RNN':
    case 'BIDIRECTIONAL_SEQUENCE_RNN': {
      const matrices = inputs.filter((o) => o?.constant && o.shape.length === 2);
      const rows = (inputs[0]?.count ?? 0) / (inputs[0]?.shape.at(-1) || 1);
      return rows * matrices.reduce((sum, o) => sum + (o?.count ?? 0), 0);
    }
    default:
      return 0;
  }
}
