import type { DType, Shape } from '../ir/tensor.js';
import { byteLength } from '../ir/tensor.js';
import { algorithmOf } from './algorithms/index.js';
import type { QuantizedForm } from './apply.js';
import { argumentName } from './argument-name.js';
import type { Plan, PlannedConstant, PlannedGroup, ReasonCode } from './plan.js';
import type { Recipe } from './recipe.js';

/** A place where a constant is read. */
export interface Consumer {
  readonly node: string;
  readonly op: string;
  /** Index of the input. */
  readonly operand: number;
  /** Name of the input, such as `filter`; null for operators that are not known. */
  readonly argument: string | null;
}

/** What was done with one constant for some of its readers, and why. */
export interface Decision {
  readonly graph: string;
  /** Name of the constant. */
  readonly value: string;
  readonly shape: Shape;
  /** Element type it had. */
  readonly dtype: DType;
  /** Empty when it only leaves the graph. */
  readonly consumers: readonly Consumer[];
  /** `kept`, `int8 hybrid`, `int8 + dequantize`, `float16 + dequantize`. */
  readonly action: string;
  readonly code: ReasonCode;
  /** The operator's rule, such as `CONV_2D operand 1: hybrid int8 per-channel axis 0`. */
  readonly rule: string;
  /** The recipe entry that applied: `defaults`, or a rule as text; empty when the recipe was not asked. */
  readonly recipeEntry: string;
  /** A sentence for people. */
  readonly reason: string;
  readonly elements: number;
  /** Bytes of the elements; 0 for strings. Another decision on the same constant counts the same bytes again. */
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  /** Number of scales; 0 when not quantized. */
  readonly scales: number;
  /** Signal-to-quantization-noise ratio in dB; null when nothing was lost. */
  readonly sqnrDb: number | null;
}

/** Everything that quantization did to a model. Plain data. */
export interface QuantizationReport {
  readonly recipe: Recipe;
  readonly decisions: readonly Decision[];
  /** Reason -> number of decisions. */
  readonly counts: Readonly<Partial<Record<ReasonCode, number>>>;
  /** Bytes of all constants before: each once, however many readers it has. */
  readonly weightBytesBefore: number;
  /** Bytes of constants that the written file will hold: equal contents are stored once. Scales are not counted. */
  readonly weightBytesAfter: number;
  /** Rules of the recipe that matched nothing, as text. */
  readonly unusedRules: readonly string[];
}

/** The decisions of a plan that is about to be carried out. */
export function decisionsOf(plan: Plan, quantizedForm: QuantizedForm): Decision[] {
  return plan.constants.flatMap((constant) =>
    constant.groups.map((group) => decisionOf(constant, group, quantizedForm)),
  );
}

/** How many decisions were taken for each reason. */
export function countReasons(decisions: readonly Decision[]): Partial<Record<ReasonCode, number>> {
  const counts: Partial<Record<ReasonCode, number>> = {};
  for (const { code } of decisions) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
}

function decisionOf({ graph, value }: PlannedConstant, group: PlannedGroup, quantizedForm: QuantizedForm): Decision {
  const { form } = group;
  const shape = value.shape ?? [];
  const made = form && quantizedForm(value, form);
  const bytesBefore = byteLength(value.dtype, shape);
  return {
    graph: graph.name,
    value: value.name,
    shape,
    dtype: value.dtype,
    consumers: group.uses.map(({ node, index }) => ({
      node: node.name,
      op: node.op,
      operand: index,
      argument: argumentName(node.op, index),
    })),
    action: form ? `${algorithmOf(form.kind).label} ${group.hybrid ? 'hybrid' : '+ dequantize'}` : 'kept',
    code: group.code,
    rule: group.rule,
    recipeEntry: group.entry,
    reason: made?.note ? `${group.reason}; ${made.note}` : group.reason,
    elements: value.constant?.count ?? 0,
    bytesBefore,
    bytesAfter: made ? byteLength(made.constant.dtype, shape) : bytesBefore,
    scales: made?.quantization?.scale.length ?? 0,
    sqnrDb: made?.sqnrDb ?? null,
  };
}
