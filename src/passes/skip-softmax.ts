import { findOp } from '../ops/registry.js';
import { definePass, type Pass } from './define.js';
import { integersOf, isPlainFloat, optionsOf } from './match.js';

/** ARG_MAX and ARG_MIN along the last axis read what SOFTMAX and LOG_SOFTMAX read: they keep the order of the elements. */
export function skipSoftmax(): Pass {
  return definePass('skip-softmax', (graph) => {
    let changes = 0;
    for (const node of graph.nodes()) {
      if (node.op !== 'ARG_MAX' && node.op !== 'ARG_MIN') continue;
      const [scores, axis] = node.inputs;
      const softmax = scores?.producer;
      if (softmax?.op !== 'SOFTMAX' && softmax?.op !== 'LOG_SOFTMAX') continue;
      const [logits] = softmax.inputs;
      const [last] = integersOf(axis) ?? [];
      const isLast = last === -1 || (last !== undefined && last + 1 === logits?.shape?.length);
      const { beta = 1 } = optionsOf(softmax);
      if (!isLast || !isPlainFloat(scores) || !isPlainFloat(logits) || !((beta as number) > 0)) continue;
      graph.setInput(node, 0, logits);
      changes++;
      if (findOp(softmax.op) && scores && scores.uses.length === 0 && !graph.isOutput(scores)) graph.remove(softmax);
    }
    return changes;
  });
}
