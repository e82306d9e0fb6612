import { assert } from '../errors.js';
import { predictTfliteWeightBytes } from '../formats/tflite/index.js';
import type { Constant } from '../ir/constant.js';
import type { Model, Value } from '../ir/graph.js';
import { byteLength } from '../ir/tensor.js';
import { algorithmOf } from './algorithms/index.js';
import type { QuantizedConstant } from './algorithms/types.js';
import { applyPlan, type QuantizedForm } from './apply.js';
import { formKey, type Plan, planModel, type TargetForm } from './plan.js';
import { type Recipe, resolveRecipe } from './recipe.js';
import { countReasons, decisionsOf, type QuantizationReport } from './report.js';

/** Quantized constants by what they were made of and their form. */
export type QuantizedConstants = WeakMap<Constant, Map<string, QuantizedConstant | 'unfit'>>;

/** Options of {@link quantizeModel}. */
export interface QuantizeOptions {
  /**
   * Results of earlier calls on copies of the same model, and where those of this call go: a change of a recipe then costs
   * only the constants whose form is new. Start with an empty map.
   */
  readonly made?: QuantizedConstants;
  /** Called after each constant that is quantized: how many are done, of how many. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Name and content of the metadata that lets runtimes compute float16 models in float16. */
const REDUCED_PRECISION = { name: 'reduced_precision_support', bytes: new TextEncoder().encode('fp16accfp32') };

/**
 * Quantizes the constants of all graphs of a model, in place, by a technique's name or a recipe, and tells what became of
 * each. One constant at a time is read; the results, which are smaller, are kept in memory.
 * @throws {ModelError} `invalid-option` for a recipe that makes no sense.
 */
export function quantizeModel(
  model: Model,
  technique: string | Recipe,
  { made: before = new WeakMap(), onProgress }: QuantizeOptions = {},
): QuantizationReport {
  const recipe = resolveRecipe(technique);
  const first = planModel(model, recipe);
  const made = quantizeConstants(first, before, onProgress);
  const unfit = (value: Value, form: TargetForm) => made.get(value, form) === 'unfit';
  const plan = made.anyUnfit ? planModel(model, recipe, unfit) : first;
  const quantizedForm: QuantizedForm = (value, form) => {
    const result = made.get(value, form);
    assert(result !== undefined && result !== 'unfit', `'${value.name}' was planned and not quantized`);
    return result;
  };
  const decisions = decisionsOf(plan, quantizedForm);
  const weightBytesBefore = bytesOfConstants(plan);
  applyPlan(plan, quantizedForm);
  if (recipe.defaults.weights === 'f16') markReducedPrecision(model);
  return {
    recipe,
    decisions,
    counts: countReasons(decisions),
    weightBytesBefore,
    weightBytesAfter: predictTfliteWeightBytes(model),
    unusedRules: plan.unusedRules,
  };
}

/** Results by constant and form, so that graphs which share a constant share its new form. */
interface Results {
  get(value: Value, form: TargetForm): QuantizedConstant | 'unfit' | undefined;
  readonly anyUnfit: boolean;
}

function quantizeConstants(
  plan: Plan,
  results: QuantizedConstants,
  onProgress: QuantizeOptions['onProgress'],
): Results {
  const wanted = new Map<Constant, Map<string, TargetForm>>();
  for (const { value, groups } of plan.constants)
    for (const { form } of groups) {
      if (!form || !value.constant) continue;
      const forms = wanted.get(value.constant) ?? new Map<string, TargetForm>();
      wanted.set(value.constant, forms.set(formKey(form), form));
    }
  let anyUnfit = false;
  let done = 0;
  for (const [constant, forms] of wanted) {
    const own = results.get(constant) ?? new Map<string, QuantizedConstant | 'unfit'>();
    for (const [key, { kind, layout }] of forms) {
      const result = own.get(key) ?? algorithmOf(kind).quantize(constant, layout) ?? 'unfit';
      if (result === 'unfit') anyUnfit = true;
      own.set(key, result);
    }
    results.set(constant, own);
    onProgress?.(++done, wanted.size);
  }
  return {
    get: (value, form) => value.constant && results.get(value.constant)?.get(formKey(form)),
    anyUnfit,
  };
}

/** Each constant once, however many values share it. */
function bytesOfConstants(plan: Plan): number {
  const constants = new Set(plan.constants.map(({ value }) => value.constant as Constant));
  let bytes = 0;
  for (const { dtype, shape } of constants) bytes += byteLength(dtype, shape);
  return bytes;
}

function markReducedPrecision(model: Model): void {
  const others = model.metadata.filter(({ name }) => name !== REDUCED_PRECISION.name);
  model.metadata = [...others, REDUCED_PRECISION];
}
