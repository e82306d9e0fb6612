import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import type { Json } from '../json.js';
import type { LayerCall, Lower, Operand } from './context.js';

/** The slices of `x[...]`: objects with start, stop and step, numbers, or null for a new axis. */
function slicesOf(operand: Operand | undefined): readonly Json[] | undefined {
  const json = operand && toJson(operand);
  return json === undefined ? undefined : Array.isArray(json) ? json : [json];
}

function toJson(operand: Operand): Json | undefined {
  if ('value' in operand) return operand.value;
  if ('tensor' in operand) return undefined;
  const list = operand.list.map(toJson);
  return list.every((v) => v !== undefined) ? (list as Json[]) : undefined;
}

/** `x[...]` */
export const getItem: Lower = (c) => {
  const x = c.input();
  const items = slicesOf(c.facts.args[1] ?? c.facts.kwargs.slice_spec ?? c.facts.kwargs.key);
  if (!items) throw new ModelError('unsupported', 'is indexed by a value that is computed when the model runs.');
  return slice(c, x, items);
};

const isEllipsis = (item: Json): boolean =>
  item === 'Ellipsis' ||
  item === '...' ||
  (typeof item === 'object' && item !== null && !Array.isArray(item) && (item as { class_name?: Json }).class_name === '__ellipsis__'); // biome-ignore format: long

/** `{start, stop, step}` of Keras 2, `{class_name: '__slice__'}` or a list of the three of Keras 3. */
function partsOf(item: Json): readonly Json[] {
  if (typeof item !== 'object' || item === null) return [];
  if (Array.isArray(item)) return item;
  const object = item as Readonly<Record<string, Json>>;
  const config = object.config;
  const source = (
    typeof config === 'object' && config !== null && !Array.isArray(config) ? config : object
  ) as typeof object;
  return [source.start ?? null, source.stop ?? null, source.step ?? null];
}

function slice(c: LayerCall, x: Value, items: readonly Json[]): Value {
  const rank = c.shapeOf(x).length;
  const [begin, end, strides]: [number[], number[], number[]] = [[], [], []];
  const masks = { beginMask: 0, endMask: 0, shrinkAxisMask: 0, ellipsisMask: 0, newAxisMask: 0 };
  for (const [i, item] of items.entries()) {
    const [start, stop, step] = partsOf(item);
    const isNumber = typeof item === 'number';
    begin.push(isNumber ? item : typeof start === 'number' ? start : 0);
    end.push(isNumber ? item + 1 : typeof stop === 'number' ? stop : 0);
    strides.push(typeof step === 'number' ? step : 1);
    if (isNumber) masks.shrinkAxisMask |= 1 << i;
    else if (item === null) masks.newAxisMask |= 1 << i;
    else if (isEllipsis(item)) masks.ellipsisMask |= 1 << i;
    if (isNumber && item === -1) masks.endMask |= 1 << i;
    if (!isNumber && typeof start !== 'number') masks.beginMask |= 1 << i;
    if (!isNumber && typeof stop !== 'number') masks.endMask |= 1 << i;
  }
  if (items.length > rank + 2) throw new ModelError('malformed-file', `has ${items.length} indices for ${rank} axes`);
  return c.emit('STRIDED_SLICE', [x, c.i32(begin), c.i32(end), c.i32(strides)], masks);
}
