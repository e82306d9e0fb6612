import type { Graph, Model, Node, Use, Value } from '../ir/graph.js';
import type { WeightRule } from '../ops/define.js';
import { findOp } from '../ops/registry.js';
import { algorithmOf, type WeightKind } from './algorithms/index.js';
import type { ScaleLayout } from './algorithms/types.js';
import { argumentName } from './argument-name.js';
import { type ChosenScheme, type RuleMatcher, ruleMatcher } from './match-rules.js';
import type { Recipe } from './recipe.js';

/** Why a constant is stored as it is; `quantized` is the one reason that changes anything. */
export type ReasonCode =
  | 'quantized'
  | 'excluded' // the recipe leaves it in float
  | 'too-small'
  | 'not-a-weight' // the operator takes no integers there
  | 'sibling-stays-float' // all weights of the node or none
  | 'not-finite' // infinite or NaN elements
  | 'leaves-the-graph'
  | 'already-quantized'
  | 'not-float32';

/** The form that a constant takes: equal forms of one constant are made once. */
export interface TargetForm {
  readonly kind: WeightKind;
  readonly layout: ScaleLayout;
}

/** What happens to a constant for some of the nodes that read it. */
export interface PlannedGroup {
  /** Undefined: stays as it is. */
  readonly form: TargetForm | undefined;
  /** The nodes read the integers themselves; else a DEQUANTIZE stands between. */
  readonly hybrid: boolean;
  readonly code: ReasonCode;
  /** What the operator's rule says, such as `CONV_2D operand 1: hybrid int8 per-channel axis 0`. */
  readonly rule: string;
  /** The recipe entry that chose the scheme. */
  readonly entry: string;
  /** A sentence for people. */
  readonly reason: string;
  /** Also sets the option of that name on the nodes. */
  readonly asymmetricInputs: boolean;
  readonly uses: Use[];
}

/** A constant of a graph and what becomes of it; more than one group when its readers differ. */
export interface PlannedConstant {
  readonly graph: Graph;
  readonly value: Value;
  readonly groups: readonly PlannedGroup[];
}

export interface Plan {
  readonly constants: readonly PlannedConstant[];
  /** Rules of the recipe that matched nothing, as text. */
  readonly unusedRules: readonly string[];
}

/** True for constants whose elements rule out a form; known only once they are read. */
export type Unfit = (value: Value, form: TargetForm) => boolean;

/** Identifies a form among those of one constant. */
export const formKey = ({ kind, layout }: TargetForm): string => `${kind} ${layout.granularity} ${layout.axis ?? ''}`;

/**
 * Decides for every constant of every graph how it is stored: the recipe says what is wanted, the rules of the operators
 * that read it say what is possible. Reads no elements and changes nothing.
 */
export function planModel(model: Model, recipe: Recipe, unfit: Unfit = () => false): Plan {
  const matcher = ruleMatcher(recipe);
  const constants = model.graphs.flatMap((graph) =>
    constantsOf(graph).map((value) => ({ graph, value, groups: planConstant(graph, value, { matcher, unfit }) })),
  );
  return { constants, unusedRules: matcher.unused() };
}

/** The constants that nodes of a graph read, in the order of their first readers, then those that only leave it. */
export function constantsOf(graph: Graph): Value[] {
  const found = new Set<Value>();
  for (const node of graph.nodes()) for (const value of node.inputs) if (value?.constant) found.add(value);
  for (const value of graph.outputs) if (value.constant) found.add(value);
  return [...found];
}

interface Context {
  readonly matcher: RuleMatcher;
  readonly unfit: Unfit;
}

type Outcome = Omit<PlannedGroup, 'uses'>;

function planConstant(graph: Graph, value: Value, context: Context): PlannedGroup[] {
  const groups = new Map<string, PlannedGroup>();
  const put = (outcome: Outcome, use?: Use) => {
    const { form, hybrid, asymmetricInputs, rule, entry, reason } = outcome;
    const key = `${form && formKey(form)} ${hybrid} ${asymmetricInputs} ${outcome.code} ${rule} ${entry} ${reason}`;
    const group = groups.get(key) ?? { ...outcome, uses: [] };
    if (use) group.uses.push(use);
    groups.set(key, group);
  };
  const other = notFloat(value);
  for (const use of value.uses) put(other ?? outcomeOf(value, use, context), use);
  if (graph.isOutput(value)) put(other ?? kept('leaves-the-graph', 'kept: it is an output of the graph'));
  return [...groups.values()];
}

function kept(code: ReasonCode, reason: string, rule = '', entry = ''): Outcome {
  return { form: undefined, hybrid: false, asymmetricInputs: false, code, rule, entry, reason };
}

/** What there is to say of constants that are no plain float32 numbers. */
function notFloat(value: Value): Outcome | undefined {
  if (value.quantization) return kept('already-quantized', `kept: already quantized to ${value.dtype}`);
  if (value.dtype === 'f16' || value.dtype === 'bf16') return kept('already-quantized', `kept: already ${value.dtype}`);
  if (value.dtype !== 'f32') return kept('not-float32', `kept: ${value.dtype} elements are not weights`);
  return undefined;
}

/** How one node will read a float32 constant. */
function outcomeOf(value: Value, use: Use, context: Context): Outcome {
  const { node, index } = use;
  const rule = findOp(node.op)?.weights;
  const outcome = ownOutcome(value, use, rule, context);
  if (!outcome.hybrid || !rule?.allOrNothing) return outcome;
  for (const other of rule.operands) {
    const sibling = node.inputs[other];
    if (other === index || !sibling?.constant || notFloat(sibling)) continue;
    const { hybrid, reason } = ownOutcome(sibling, { node, index: other }, rule, context);
    if (hybrid) continue;
    const why = `kept float: ${node.op} takes integers for all its weights or for none; operand ${other}: ${reason}`;
    return kept('sibling-stays-float', why, `${node.op} operand ${index}: all or nothing`, outcome.entry);
  }
  return outcome;
}

function ownOutcome(value: Value, use: Use, rule: WeightRule | undefined, { matcher, unfit }: Context): Outcome {
  const { node, index } = use;
  const scheme = matcher.schemeFor({ constant: value.name, node: node.name, op: node.op });
  const operand = `${node.op} operand ${index}`;
  if (scheme.weights === 'none')
    return kept('excluded', `kept float: so say the recipe's ${scheme.entry}`, `${operand}: any`, scheme.entry);
  const algorithm = algorithmOf(scheme.weights);
  if (algorithm.operands === 'weights' && !rule?.operands.includes(index))
    return kept('not-a-weight', `kept float: ${noWeight(node.op, index, rule)}`, `${operand}: float`, scheme.entry);
  const count = value.constant?.count ?? 0;
  const least = scheme.minElements ?? algorithm.minElements;
  if (count < least && !isVectorOfAll(value, index, rule))
    return kept(
      'too-small',
      `kept float: ${elements(count)}, fewer than the minimum of ${least}`,
      operand,
      scheme.entry,
    );
  const layout = algorithm.hasScales ? layoutFor(value, scheme, rule) : WHOLE;
  const outcome = quantized(node, operand, scheme, { kind: scheme.weights, layout }, rule);
  if (outcome.form && unfit(value, outcome.form))
    return kept('not-finite', 'kept float: some elements are infinite or NaN', outcome.rule, scheme.entry);
  return outcome;
}

/**
 * A vector, such as the peepholes of an LSTM, whose operator takes integers for all its weights: the matrices beside it
 * decide. The reference converter leaves the whole layer in float for its sake.
 */
const isVectorOfAll = ({ shape }: Value, index: number, rule: WeightRule | undefined): boolean =>
  rule?.allOrNothing === true && shape?.length === 1 && rule.operands.includes(index);

/** Why an operand takes no integers. */
function noWeight(op: string, index: number, rule: WeightRule | undefined): string {
  if (!rule) return `${op} has no integer weights`;
  const argument = argumentName(op, index);
  return argument ? `the ${argument} of ${op} is not a weight` : `operand ${index} of ${op} is not a weight`;
}

const elements = (count: number): string => (count === 1 ? '1 element' : `${count} elements`);

/** One scale for all elements. */
const WHOLE: ScaleLayout = { granularity: 'per-tensor' };

function quantized(
  node: Node,
  operand: string,
  scheme: ChosenScheme,
  form: TargetForm,
  rule: WeightRule | undefined,
): Outcome {
  const { label, hasScales, dtype } = algorithmOf(form.kind);
  const hybrid = dtype === 'i8' && scheme.mode === 'hybrid' && (rule?.hybrid ?? false);
  const stored = hasScales ? `${label} ${describeLayout(form.layout)}` : label;
  return {
    form,
    hybrid,
    code: 'quantized',
    rule: hybrid ? `${operand}: hybrid ${stored}` : `${operand}: ${stored} + dequantize`,
    entry: scheme.entry,
    reason: hybrid
      ? `${node.op} has a kernel that takes ${label} weights`
      : `stored as ${label}, dequantized to float32 for ${node.op}`,
    asymmetricInputs: hybrid && scheme.asymmetricInputs && (rule?.asymmetricInputs ?? false),
  };
}

/** The scales that scheme and operator agree on. */
function layoutFor(value: Value, scheme: ChosenScheme, rule: WeightRule | undefined): ScaleLayout {
  const axis = rule?.axis;
  if (axis === undefined || axis >= (value.shape?.length ?? 0)) return WHOLE;
  if (scheme.granularity === 'per-channel') return { granularity: 'per-channel', axis };
  return rule?.channelScales ? { granularity: 'per-tensor', axis } : WHOLE;
}

function describeLayout({ granularity, axis }: ScaleLayout): string {
  if (axis === undefined) return granularity;
  return granularity === 'per-channel' ? `${granularity} axis ${axis}` : `${granularity} repeated along axis ${axis}`;
}
