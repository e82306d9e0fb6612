import type { Model } from '../../src/ir/graph.js';
import { planModel } from '../../src/quantize/plan.js';
import type { ConstantFacts } from '../protocol.js';

/** What can become of each constant, by its name, and which tensors depend on it directly. */
export function constantFacts(model: Model): Record<string, ConstantFacts> {
  const plan = planModel(model, { version: 1, defaults: { weights: 'i8', minElements: 0 } });
  return Object.fromEntries(
    plan.constants.map(({ value, groups }): [string, ConstantFacts] => [
      value.name,
      {
        layers: value.uses.flatMap(({ node }) => node.outputs.slice(0, 1).map(({ name }) => name)),
        canBeInt8: groups.some(({ form }) => form !== undefined),
      },
    ]),
  );
}
