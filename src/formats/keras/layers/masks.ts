import type { Value } from '../../../ir/graph.js';
import { activationLayers } from './activations.js';
import type { LayerCall } from './context.js';
import { IDENTITIES } from './identities.js';

/** Layers whose output has the same steps as their input, so that what does not count there does not count here. */
const KEEP: ReadonlySet<string> = new Set([
  ...IDENTITIES,
  ...Object.keys(activationLayers),
  'AdditiveAttention',
  'Attention',
  'BatchNormalization',
  'Conv1D',
  'Dense',
  'GroupNormalization',
  'GroupQueryAttention',
  'GroupedQueryAttention',
  'LayerNormalization',
  'MultiHeadAttention',
  'Normalization',
  'Rescaling',
  'TimeDistributed',
  'UnitNormalization',
]);
/** Layers of Keras 2 that hand on what those of Keras 3 do not, and the other way round. */
const ONLY_KERAS_2: ReadonlySet<string> = new Set(['Conv1D']);
const ONLY_KERAS_3: ReadonlySet<string> = new Set(['GroupNormalization', 'Normalization', 'Rescaling']);

/** Layers that merge inputs of the same steps. */
const MERGE: ReadonlySet<string> = new Set(['Add', 'Average', 'Maximum', 'Minimum', 'Multiply', 'Subtract']);

/** Notes which steps `[N, T]` of a layer's first output count, by those of its inputs. Operations do not hand it on. */
export function passMask(c: LayerCall, [output]: readonly Value[]): void {
  const { className, isOperation } = c.facts;
  const { masks, version } = c.state;
  if (!output || isOperation || masks.has(output)) return;
  const mask = MERGE.has(className)
    ? mergedMask(c)
    : className === 'Concatenate'
      ? joinedMask(c)
      : keptMask(c, version);
  if (mask) masks.set(output, mask);
}

function keptMask(c: LayerCall, version: number): Value | undefined {
  const { className } = c.facts;
  if (!KEEP.has(className) || (version < 3 ? ONLY_KERAS_3 : ONLY_KERAS_2).has(className)) return undefined;
  const [first] = c.inputs;
  return c.named('mask') ?? c.named('query_mask') ?? (first && c.maskOf(first));
}

/** Keras 3 counts a step that counts in any of the inputs, if all have masks; Keras 2 one that counts in all that have. */
function mergedMask(c: LayerCall): Value | undefined {
  const all = c.inputs.map((v) => c.maskOf(v));
  const known = all.filter((m) => m !== undefined);
  if (c.state.version >= 3 && known.length < all.length) return undefined;
  const op = c.state.version >= 3 ? 'LOGICAL_OR' : 'LOGICAL_AND';
  return known.slice(1).reduce<Value | undefined>((a, b) => (a === b ? a : a && c.emit(op, [a, b])), known[0]);
}

/** Along the steps the masks are joined too, with ones where there is none. */
function joinedMask(c: LayerCall): Value | undefined {
  const values = c.inputs;
  const axis = c.config.number('axis', -1);
  if (values.every((v) => !c.maskOf(v))) return undefined;
  if (axis !== 1 || values.some((v) => v.shape?.length !== 3)) return axis === 1 ? undefined : mergedMask(c);
  return c.emit('CONCATENATION', values.map((v) => c.maskOf(v) ?? allSteps(c, v)), { axis: 1 }); // biome-ignore format: short
}

/** `[N, T]` of true. */
function allSteps(c: LayerCall, x: Value): Value {
  const shape = c.emit('SHAPE', [x], { outType: 'INT32' });
  return c.emit('FILL', [c.emit('SLICE', [shape, c.i32([0]), c.i32([2])]), c.make('bool', 1)]);
}
