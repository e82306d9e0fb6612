import type { DType, Shape } from '../../../ir/tensor.js';
import type { TfOpFacts } from '../graph.js';
import { findOp } from '../read/op-registry.js';
import type { Attrs, Ref } from './graph-writer.js';

type Json = Readonly<Record<string, unknown>>;

const TYPES: Partial<Record<DType, string>> = {
  f32: 'DT_FLOAT',
  f64: 'DT_DOUBLE',
  i8: 'DT_INT8',
  u8: 'DT_UINT8',
  i16: 'DT_INT16',
  u16: 'DT_UINT16',
  i32: 'DT_INT32',
  u32: 'DT_UINT32',
  i64: 'DT_INT64',
  bool: 'DT_BOOL',
  string: 'DT_STRING',
  c64: 'DT_COMPLEX64',
};

/** Name of a type in the JSON format; half floats are computed in float32. */
export const typeName = (dtype: DType): string => TYPES[dtype] ?? 'DT_FLOAT';

export const shapeJson = (shape: Shape | undefined): Json =>
  shape ? { dim: shape.map((d) => ({ size: String(d) })) } : { unknownRank: true };

const base64 = (text: string): string => btoa(text);

/** Attributes of nodes as JSON. */
export const addTo = {
  constant: (dtype: DType, shape: Shape): Json => ({
    dtype: { type: typeName(dtype) },
    value: { tensor: { dtype: typeName(dtype), tensorShape: shapeJson(shape) } },
  }),

  /** Those given, and those that the types and the number of the operands say. */
  node(op: string, inputs: readonly Ref[], outputs: readonly Omit<Ref, 'text'>[], attrs: Attrs): Json {
    const facts = findOp(op);
    const json: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(attrs)) json[name] = valueJson(value, facts?.attrs.get(name)?.type);
    if (facts) {
      implied(json, facts.inputs, inputs);
      implied(json, facts.outputs, outputs);
    } else json.T = { type: typeName(outputs[0]?.dtype ?? 'f32') };
    return Object.fromEntries(Object.entries(json).sort(([a], [b]) => (a < b ? -1 : 1)));
  },
};

function implied(
  json: Record<string, unknown>,
  args: TfOpFacts['inputs'],
  tensors: readonly Omit<Ref, 'text'>[],
): void {
  let at = 0;
  const rest = args.filter((a) => !a.numberAttr && !a.listAttr).length;
  for (const arg of args) {
    const many = arg.numberAttr !== undefined || arg.listAttr !== undefined;
    const count = many ? tensors.length - rest : 1;
    const [first] = tensors.slice(at, at + count);
    if (arg.numberAttr) json[arg.numberAttr] ??= { i: String(count) };
    if (arg.typeAttr && first) json[arg.typeAttr] ??= { type: typeName(first.dtype) };
    if (arg.listAttr)
      json[arg.listAttr] ??= { list: { type: tensors.slice(at, at + count).map((t) => typeName(t.dtype)) } };
    at += count;
  }
}

function valueJson(value: Attrs[string], type: string | undefined): Json {
  if (typeof value === 'boolean') return { b: value };
  if (type === 'func') return { func: { name: value } };
  if (type === 'type') return { type: typeName(value as DType) };
  if (typeof value === 'string') return { s: base64(value) };
  if (typeof value === 'number') return type === 'float' ? { f: value } : { i: String(value) };
  if (type === 'shape') return { shape: shapeJson(value as Shape) };
  const [first] = value;
  if (typeof first === 'string') return { list: { s: (value as readonly string[]).map(base64) } };
  return { list: { i: (value as readonly number[]).map(String) } };
}
