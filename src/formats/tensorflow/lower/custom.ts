import { type FlexValue, flexBufferMap } from '../../../bytes/flexbuffer.js';
import { ModelError } from '../../../errors.js';
import type { Value, ValueType } from '../../../ir/graph.js';
import { tensorTypeOf } from '../../../ops/tensor-type.js';
import { enums } from '../../../schema/tflite.gen.js';
import type { TfAttrs, TfAttrValue } from '../graph.js';
import type { Lowering } from './context.js';
import { singleType } from './single-precision.js';

/**
 * A custom operator of the operation's own name over the same operands. Its options are a FlexBuffer map of the
 * attributes: text, numbers, element types (as numbers of the TFLite schema) and lists of them; the rest is left out.
 */
export function lowerCustom(c: Lowering): Value[] {
  const { node } = c;
  if (!node.outputTypes)
    throw new ModelError('unsupported', `the model does not say which types the outputs of ${node.op} have`);
  const types: ValueType[] = node.outputTypes.map((dtype, i) => ({
    dtype: singleType(dtype),
    shape: node.outputShapes?.[i],
  }));
  const customOptions = flexBufferMap(attributesOf(c.attrs));
  c.warn(`stays as the custom operator ${node.op}: only a runtime that implements it can run the model`);
  return c.append('CUSTOM', c.inputs, types, { customCode: node.op, customOptions });
}

function attributesOf(attrs: TfAttrs): Record<string, FlexValue> {
  const entries: Record<string, FlexValue> = {};
  for (const name of attrs.names) {
    const value = name.startsWith('_') ? undefined : attrs.value(name);
    const flex = value && flexValue(value);
    if (flex) entries[name] = flex;
  }
  return entries;
}

function flexValue(attr: TfAttrValue): FlexValue | undefined {
  switch (attr.kind) {
    case 'int':
      return { kind: 'int', value: Number(attr.value) };
    case 'float':
      return { kind: 'float', value: attr.value };
    case 'bool':
      return { kind: 'bool', value: attr.value };
    case 'string':
      return { kind: 'string', value: new TextDecoder().decode(attr.value) };
    case 'type':
      return { kind: 'int', value: enums.TensorType?.values[tensorTypeOf(attr.value)] ?? 0 };
    case 'list': {
      const items = attr.value.flatMap((v) => flexValue(v) ?? []);
      return items.length === attr.value.length ? { kind: 'list', value: items } : undefined;
    }
    case 'shape':
    case 'tensor':
    case 'func':
      return undefined;
    default:
      return attr satisfies never;
  }
}
