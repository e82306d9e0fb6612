import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import type { DType } from '../../../ir/tensor.js';
import type { Json } from '../json.js';
import { type LayerCall, type Operand, plainOf } from './context.js';

/** Names of arguments that may be tensors, in the order in which functions take them. */
const NAMES = ['condition', 'x', 'x1', 'a', 'y', 'x2', 'b'];

/** Numbers of an operand: how deep they are nested, and all of them. */
interface Numbers {
  readonly shape: readonly number[];
  readonly numbers: readonly number[];
}

/** Tensors of the arguments, and numbers among them as constants, of the one type that all of them have in a sum. */
export function operandsOf(c: LayerCall): Value[] {
  const found = [...c.facts.args, ...NAMES.flatMap((key) => c.facts.kwargs[key] ?? [])].flatMap(parts);
  const dtype = commonType(found);
  return found.map((o) => (isNumbers(o) ? c.make(dtype, o.numbers, o.shape) : c.cast(o, dtype)));
}

/** The operands of a function of a list, which may be its first argument, in front of others. */
export function listedOperands(c: LayerCall): Value[] {
  const [first] = c.facts.args;
  return operandsOf(first && 'list' in first ? c.part({ args: [first], kwargs: {} }) : c);
}

/** The two operands of a function. @throws {ModelError} `malformed-file` */
export function twoOperands(c: LayerCall): readonly [Value, Value] {
  const [a, b] = operandsOf(c);
  if (a && b) return [a, b];
  throw new ModelError('malformed-file', 'expects two operands');
}

/** Operand `index` in the positions of the arguments, or by name: a tensor, or numbers of that type. */
export function operandAt(c: LayerCall, index: number, key: string, dtype?: DType): Value | undefined {
  const operand = c.facts.args[index] ?? c.facts.kwargs[key];
  const [found] = operand ? parts(operand) : [];
  if (!found) return undefined;
  if (!isNumbers(found)) return dtype ? c.cast(found, dtype) : found;
  return c.make(dtype ?? commonType([found]), found.numbers, found.shape);
}

const isNumbers = (x: Value | Numbers): x is Numbers => 'numbers' in x && 'shape' in x && Array.isArray(x.numbers);

function parts(operand: Operand): (Value | Numbers)[] {
  if ('tensor' in operand) return [operand.tensor];
  if ('list' in operand && operand.list.some((o) => 'tensor' in o)) return operand.list.flatMap(parts);
  const plain = plainOf(operand);
  const numbers = plain === undefined ? undefined : numbersIn(plain);
  return numbers ? [numbers] : [];
}

function numbersIn(json: Json): Numbers | undefined {
  if (typeof json === 'number') return { shape: [], numbers: [json] };
  if (typeof json === 'boolean') return { shape: [], numbers: [Number(json)] };
  if (!Array.isArray(json)) return undefined;
  const inner = json.map(numbersIn);
  const [first] = inner;
  if (!first || inner.some((n) => n?.shape.join() !== first.shape.join())) return undefined;
  return { shape: [inner.length, ...first.shape], numbers: inner.flatMap((n) => n?.numbers ?? []) };
}

/** Floats where one is a float or a broken number; else the widest of the integers. */
function commonType(operands: readonly (Value | Numbers)[]): DType {
  const types = operands.filter((o): o is Value => !isNumbers(o)).map((v) => v.dtype);
  const isBroken = operands.some((o) => isNumbers(o) && o.numbers.some((n) => !Number.isInteger(n)));
  const [only = isBroken ? 'f32' : 'i32'] = types;
  if (types.includes('f32') || isBroken || types.length === 0) return types.length === 0 ? only : 'f32';
  if (types.every((t) => t === only) && (only !== 'bool' || operands.length === types.length)) return only;
  return types.includes('i64') ? 'i64' : 'i32';
}

/** A number or a list of numbers, as a list. */
export const numbersOf = (json: Json | undefined): number[] | undefined =>
  typeof json === 'number' ? [json] : Array.isArray(json) && json.every((n) => typeof n === 'number') ? [...json] : undefined; // biome-ignore format: short

/** The axes of an argument, counted from the front; undefined where there are none. */
export function axesOf(c: LayerCall, position: number, key: string, rank: number): number[] | undefined {
  const axes = numbersOf(c.plain(position, key))?.map((a) => (a < 0 ? a + rank : a));
  if (axes?.some((a) => !Number.isInteger(a) || a < 0 || a >= rank))
    throw new ModelError('malformed-file', `${key}: axes of ${rank} expected, got ${axes}`);
  return axes;
}

/** One axis of the first input, counted from the front. */
export function axisOf(c: LayerCall, position: number, key: string, fallback: number, more = 0): number {
  const rank = c.shapeOf(c.input()).length + more;
  const axis = numbersOf(c.plain(position, key))?.[0] ?? fallback;
  return axis < 0 ? axis + rank : axis;
}
