import { Constant } from '../../../ir/constant.js';
import { allocate, type DType, elementCount, type Shape, type TensorData } from '../../../ir/tensor.js';
import { float16FromFloat32 } from '../../../numerics/float16.js';
import type { TfArgFacts, TfAttrValue, TfModel, TfNode, TfOpFacts, TfTensorRef } from '../graph.js';
import { attrsOf } from '../read/attrs.js';
import { findOp } from '../read/op-registry.js';
import { outputTypes } from '../read/raw-graph.js';

const DTYPES: Readonly<Record<string, DType>> = {
  float32: 'f32',
  float64: 'f64',
  float16: 'f16',
  int8: 'i8',
  int16: 'i16',
  int32: 'i32',
  int64: 'i64',
  uint8: 'u8',
  uint16: 'u16',
  uint32: 'u32',
  bool: 'bool',
  string: 'string',
  complex64: 'c64',
};

interface Typed {
  readonly node: TfNode;
  readonly index: number;
  readonly dtype: DType;
}

type Json = string | number | boolean | readonly Json[];

/**
 * A TensorFlow graph from text: one node a line, in the notation of observed-cases.json. `inputs` are the types of the
 * graph's inputs (`float32[None,3]`); the outputs of the last node are the graph's outputs.
 */
export function buildGraph(inputs: readonly string[], steps: readonly string[]): TfModel {
  const nodes: TfNode[] = [];
  const add = (node: TfNode): TfNode => {
    nodes.push(node);
    return node;
  };
  const ports = inputs.map((text, i) => {
    const { dtype, shape } = parseType(text);
    const attrs = attrsOf('Placeholder', { dtype: { kind: 'type', value: dtype } }, undefined);
    const node = add({ name: `x${i}`, op: 'Placeholder', inputs: [], attrs, outputTypes: [dtype] });
    return { name: `x${i}`, tensorName: `serving_default_x${i}:0`, ref: { node, index: 0 }, dtype, shape };
  });
  const made: TfNode[] = [];
  for (const [i, text] of steps.entries())
    made.push(
      add(
        parseStep(
          text,
          `n${i}`,
          ports.map((p) => p.ref.node),
          made,
          add,
        ),
      ),
    );
  const last = made.at(-1) as TfNode;
  const kept = / -> (\d+)$/.exec(steps.at(-1) ?? '')?.[1];
  const types = last.outputTypes ?? ['f32' as DType];
  const outputs = types.slice(0, kept ? Number(kept) : types.length).map((dtype, index) => ({
    name: `output_${index}`,
    tensorName: `PartitionedCall:${index}`,
    ref: { node: last, index },
    dtype,
    shape: undefined,
  }));
  const graph = {
    signature: { key: 'serving_default', inputs: ports, outputs },
    nodes,
    effects: [],
    library: new Map(),
    initializer: [],
  };
  return {
    kind: 'saved-model',
    name: 'case',
    producer: '',
    tags: [],
    signatureKeys: [],
    graphs: [graph],
    openAsset: () => undefined,
  };
}

/** `float32[None,3]` or `f32[2,3]`; `bool[*]` is of unknown rank. */
function parseType(text: string): { dtype: DType; shape: Shape | undefined } {
  const [, name = '', sizes = ''] = /^(\w+)\[(.*)\]$/.exec(text) ?? [];
  const known = sizes === '' ? [] : sizes.split(',').map((s) => (s === 'None' ? -1 : Number(s)));
  const shape = sizes === '*' ? undefined : known;
  return { dtype: DTYPES[name] ?? (name as DType), shape };
}

function parseStep(
  text: string,
  name: string,
  inputs: readonly TfNode[],
  made: readonly TfNode[],
  add: (node: TfNode) => TfNode,
): TfNode {
  const [, op = '', args = '', attributes = ''] = /^(\w+)\((.*?)\)(?: (\{.*\}))?(?: -> \d+)?$/.exec(text) ?? [];
  const operands =
    args === '' ? [] : args.split(', ').map((a, i) => parseOperand(a, `${name}_${i}`, inputs, made, add));
  const facts = findOp(op);
  const given = attributes === '' ? {} : (JSON.parse(attributes) as Record<string, Json>);
  const attrs = attrsOf(`${op} '${name}'`, { ...inferredAttrs(facts, operands), ...typedAttrs(facts, given) }, facts);
  const types = outputTypes(facts, attrs, op);
  const refs: TfTensorRef[] = operands.map(({ node, index }) => ({ node, index }));
  return { name, op, inputs: refs, attrs, ...(types && { outputTypes: types }) };
}

function parseOperand(
  text: string,
  name: string,
  inputs: readonly TfNode[],
  made: readonly TfNode[],
  add: (node: TfNode) => TfNode,
): Typed {
  const [, kind, at = '', output = '0'] = /^([$%])(\d+)(?::(\d+))?$/.exec(text) ?? [];
  const node = kind === '$' ? inputs[Number(at)] : kind === '%' ? made[Number(at)] : add(constantNode(text, name));
  if (!node) throw new Error(`no operand ${text}`);
  return { node, index: Number(output), dtype: node.outputTypes?.[Number(output)] ?? 'f32' };
}

function constantNode(text: string, name: string): TfNode {
  const [type = '', values] = text.split('=');
  const { dtype, shape = [] } = parseType(type);
  const count = elementCount(shape);
  const numbers = values?.split(' ').map(Number) ?? Array.from({ length: count }, (_, i) => (i + 1) / 100);
  const value = Constant.of(dtype, shape, elementsOf(dtype, numbers));
  return { name, op: 'Const', inputs: [], attrs: attrsOf('Const', {}, undefined), value, outputTypes: [dtype] };
}

function elementsOf(dtype: DType, numbers: readonly number[]): TensorData {
  if (dtype === 'f16') return float16FromFloat32(Float32Array.from(numbers));
  const data = allocate(dtype, numbers.length) as { [i: number]: number | bigint };
  for (const [i, n] of numbers.entries()) data[i] = dtype === 'i64' ? BigInt(n) : n;
  return data as unknown as TensorData;
}

/** The attributes that follow from the operands: their types and how many there are. */
function inferredAttrs(facts: TfOpFacts | undefined, operands: readonly Typed[]): Record<string, TfAttrValue> {
  const attrs: Record<string, TfAttrValue> = {};
  const args = facts?.inputs ?? [];
  const repeated = args.filter((a) => a.numberAttr).length;
  const counted = (a: TfArgFacts) => (a.numberAttr ? (operands.length - (args.length - repeated)) / repeated : 1);
  let at = 0;
  for (const arg of args) {
    const count = arg.listAttr ? operands.length - at : counted(arg);
    const types = operands.slice(at, at + count).map((o): TfAttrValue => ({ kind: 'type', value: o.dtype }));
    if (arg.numberAttr) attrs[arg.numberAttr] = { kind: 'int', value: count };
    if (arg.listAttr) attrs[arg.listAttr] = { kind: 'list', value: types };
    if (arg.typeAttr && types[0]) attrs[arg.typeAttr] = types[0];
    at += count;
  }
  return attrs;
}

function typedAttrs(facts: TfOpFacts | undefined, given: Record<string, Json>): Record<string, TfAttrValue> {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name, attrValue(facts?.attrs.get(name)?.type ?? '', value)]),
  );
}

function attrValue(type: string, value: Json): TfAttrValue {
  if (type === 'shape') return { kind: 'shape', value: value as readonly number[] };
  if (typeof value === 'object') {
    const inner = type.replace(/^list\((.*)\)$/, '$1');
    return { kind: 'list', value: value.map((v) => attrValue(inner, v)) };
  }
  if (typeof value === 'boolean') return { kind: 'bool', value };
  if (typeof value === 'number') return { kind: type === 'float' ? 'float' : 'int', value };
  if (type === 'type') return { kind: 'type', value: value as DType };
  return { kind: 'string', value: new TextEncoder().encode(value) };
}
