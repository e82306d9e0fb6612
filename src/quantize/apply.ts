import { assert } from '../errors.js';
import { type Graph, type Node, type Use, Value } from '../ir/graph.js';
import { addNode } from '../ops/build.js';
import { algorithmOf } from './algorithms/index.js';
import type { QuantizedConstant } from './algorithms/types.js';
import { formKey, type Plan, type PlannedConstant, type PlannedGroup, type TargetForm } from './plan.js';
import { pushDown } from './push-down.js';

/** The quantized form of a constant, made before. */
export type QuantizedForm = (value: Value, form: TargetForm) => QuantizedConstant;

/**
 * Carries out a plan, graph by graph: nodes with hybrid kernels read the new constants directly, all others through one
 * DEQUANTIZE for each form of a constant, which then moves behind operators that shrink its result.
 */
export function applyPlan(plan: Plan, quantizedForm: QuantizedForm): void {
  const byGraph = new Map<Graph, PlannedConstant[]>();
  for (const constant of plan.constants) {
    const list = byGraph.get(constant.graph) ?? [];
    byGraph.set(constant.graph, list);
    if (constant.groups.some((g) => g.form)) list.push(constant);
  }
  for (const [graph, constants] of byGraph) {
    const order = new Map([...graph.nodes()].map((node, i) => [node, i] as const));
    const dequantizes = constants.flatMap((constant) => rewire(constant, order, quantizedForm));
    for (const node of dequantizes) if (integers(node)) pushDown(graph, node);
  }
}

const integers = (dequantize: Node): boolean => dequantize.inputs[0]?.quantization !== undefined;

/** Gives the readers of one constant what the plan says; returns the new DEQUANTIZE nodes. */
function rewire(
  { graph, value, groups }: PlannedConstant,
  order: ReadonlyMap<Node, number>,
  quantizedForm: QuantizedForm,
): Node[] {
  const forms = new Map<string, PlannedGroup[]>();
  for (const group of groups) {
    if (!group.form) continue;
    const key = formKey(group.form);
    forms.set(key, [...(forms.get(key) ?? []), group]);
  }
  const staysFloat = groups.some((group) => !group.form);
  const nodes: Node[] = [];
  let nameIsFree = !staysFloat;
  for (const sharing of forms.values()) {
    const form = sharing[0]?.form as TargetForm;
    const stored = storedValue(value, form, quantizedForm(value, form), nameIsFree);
    nameIsFree = false;
    for (const { uses, hybrid, asymmetricInputs } of sharing) {
      if (!hybrid) continue;
      for (const { node, index } of [...uses]) {
        graph.setInput(node, index, stored);
        if (asymmetricInputs) node.options = { ...node.options, asymmetricQuantizeInputs: true };
      }
    }
    const indirect = sharing.filter((group) => !group.hybrid).flatMap((group) => group.uses);
    if (indirect.length > 0) nodes.push(dequantizeFor(graph, stored, indirect, order));
  }
  return nodes;
}

function storedValue(value: Value, form: TargetForm, quantized: QuantizedConstant, takesName: boolean): Value {
  const suffix = form.layout.axis === undefined ? '' : `_axis${form.layout.axis}`;
  const name = takesName ? value.name : `${value.name}_${algorithmOf(form.kind).label}${suffix}`;
  const stored = Value.constant(name, quantized.constant);
  stored.quantization = quantized.quantization;
  return stored;
}

/** One DEQUANTIZE in front of the first of the readers. */
function dequantizeFor(graph: Graph, stored: Value, uses: readonly Use[], order: ReadonlyMap<Node, number>): Node {
  const at = (node: Node): number => order.get(node) as number;
  const first = uses.reduce((a, b) => (at(b.node) < at(a.node) ? b : a)).node;
  const [floats] = addNode(graph, first, { op: 'DEQUANTIZE', name: `${stored.name}_dequantize`, inputs: [stored] });
  assert(floats?.producer, 'a DEQUANTIZE has one output');
  for (const { node, index } of uses) graph.setInput(node, index, floats);
  return floats.producer;
}
