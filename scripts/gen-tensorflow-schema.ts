/** Turns the TensorFlow facts of `scripts/data` into `src/schema/tensorflow.gen.ts`: message tables and operators. */
import { readFileSync } from 'node:fs';

interface ProtoField {
  number: number;
  name: string;
  type: string;
  label: 'singular' | 'repeated' | 'map';
  ref?: string;
  key?: string;
  value?: string;
  oneof?: string;
}
type Messages = Record<string, { fields: ProtoField[] }>;

interface OpData {
  in: string[][];
  out: string[][];
  attr: Record<string, { type: string; default?: unknown }>;
  flex?: boolean;
  stateful?: boolean;
}

/** Partial views of messages under names of our own. */
const aliases: Readonly<Record<string, string>> = {
  FunctionName: 'FunctionDef',
  NodeName: 'NodeDef',
  OpName: 'OpDef',
  MetaGraphTags: 'MetaGraphDef',
};

/**
 * The messages and fields that reading needs. `~field`: stays bytes until asked for (functions, nodes, attributes, graphs).
 * `!field`: only named; the decoder passes over it, because its values are read straight from the message's bytes.
 */
const selection: Readonly<Record<string, string>> = {
  SavedModel: 'saved_model_schema_version ~meta_graphs',
  MetaGraphDef: 'meta_info_def graph_def saver_def collection_def signature_def asset_file_def ~object_graph_def',
  MetaGraphTags: 'meta_info_def',
  'MetaGraphDef.MetaInfoDef': '~stripped_op_list tags tensorflow_version stripped_default_attrs',
  OpList: 'op',
  OpDef: 'name input_arg output_arg attr is_stateful',
  'OpDef.ArgDef': 'name type type_attr number_attr type_list_attr',
  'OpDef.AttrDef': 'name type ~default_value',
  GraphDef: '~node versions library',
  VersionDef: 'producer min_consumer',
  FunctionDefLibrary: '~function',
  FunctionName: 'signature>OpName',
  OpName: 'name',
  FunctionDef: 'signature node_def ret ~attr ~arg_attr control_ret',
  'FunctionDef.ArgAttrs': '~attr',
  NodeName: 'name op',
  NodeDef: 'name op input ~attr',
  AttrValue: 'list s i f b type shape ~tensor placeholder func',
  'AttrValue.ListValue': 's i f b type shape ~tensor func',
  NameAttrList: 'name',
  TensorShapeProto: 'dim unknown_rank',
  'TensorShapeProto.Dim': 'size',
  TensorProto:
    'dtype tensor_shape tensor_content !float_val !double_val !int_val !string_val !scomplex_val !int64_val !bool_val' +
    ' !dcomplex_val !half_val !uint32_val !uint64_val !float8_val',
  SaverDef: 'filename_tensor_name restore_op_name',
  CollectionDef: 'node_list',
  'CollectionDef.NodeList': 'value',
  SignatureDef: 'inputs outputs method_name',
  TensorInfo: 'name dtype tensor_shape coo_sparse composite_tensor',
  'TensorInfo.CooSparse': 'values_tensor_name indices_tensor_name dense_shape_tensor_name',
  'TensorInfo.CompositeTensor': 'components',
  AssetFileDef: 'tensor_info filename',
  SavedObjectGraph: 'concrete_functions',
  SavedConcreteFunction: 'bound_inputs',
  TrackableObjectGraph: 'nodes',
  'TrackableObjectGraph.TrackableObject': 'attributes',
  'TrackableObjectGraph.TrackableObject.SerializedTensor': 'name full_name checkpoint_key',
  BundleHeaderProto: 'num_shards endianness',
  BundleEntryProto: 'dtype shape shard_id offset size slices',
  TensorSliceProto: 'extent',
  'TensorSliceProto.Extent': 'start length',
};

const camel = (name: string): string => name.replace(/_([a-z0-9])/g, (_, c: string) => c.toUpperCase());
const shortName = (ref: string): string => ref.split('.').slice(1).join('.');
const typeName = (message: string): string => message.replaceAll('.', '_');

const scalarKind: Readonly<Record<string, string>> = {
  int32: 'int32',
  int64: 'int64',
  uint32: 'uint32',
  uint64: 'uint64',
  enum: 'enum',
  bool: 'bool',
  float: 'float',
  double: 'double',
  fixed32: 'fixed32',
  string: 'string',
  bytes: 'bytes',
};

interface Column {
  name: string;
  field: ProtoField;
  mark: '' | '~' | '!';
}

function columns(message: string, messages: Messages): Column[] {
  return (selection[message] as string).split(' ').map((entry) => {
    const mark = entry.startsWith('~') ? '~' : entry.startsWith('!') ? '!' : '';
    const [name, view] = entry.slice(mark.length).split('>') as [string, string?];
    const field = messages[`tensorflow.${aliases[message] ?? message}`]?.fields.find((f) => f.name === name);
    if (!field) throw new Error(`no field ${message}.${name}`);
    return { name, field: view ? { ...field, ref: `tensorflow.${view}` } : field, mark };
  });
}

/** `int`, `bytes`, or a message's name; for maps, that of the values. */
function kind({ type, ref, value }: ProtoField): string {
  if (type === 'map')
    return value?.startsWith('tensorflow.') ? shortName(value) : (scalarKind[value as string] as string);
  return type === 'message' ? shortName(ref as string) : (scalarKind[type] as string);
}

/** A field as text: `number name kind`, with `*` for repeated, `%` (and the key's kind) for maps, `~` and `!` as above, `?` for presence. */
function fieldText({ field, mark, name }: Column): string {
  const repeated = field.label === 'repeated' ? '*' : field.type === 'map' ? `%${scalarKind[field.key as string]}` : '';
  const presence = field.oneof && scalarKind[field.type] ? '?' : '';
  return `${field.number} ${camel(name)} ${mark}${kind(field)}${presence}${repeated}`;
}

const scalarTypes: Readonly<Record<string, string>> = {
  bool: 'boolean',
  string: 'string',
  bytes: 'Uint8Array',
  int64: 'number | bigint',
  uint64: 'number | bigint',
};

function memberText(column: Column): string | undefined {
  const { field, mark, name } = column;
  if (mark === '!') return undefined;
  const k = kind(field);
  const isMessage = k in selection;
  const element = mark === '~' ? 'Uint8Array' : isMessage ? typeName(k) : (scalarTypes[k] ?? 'number');
  if (field.label === 'repeated')
    return `  readonly ${camel(name)}: readonly ${element.includes('|') ? `(${element})` : element}[];`;
  if (field.type === 'map') {
    const key = field.key === 'string' ? 'string' : 'number';
    return `  readonly ${camel(name)}: ReadonlyMap<${key}, ${element}>;`;
  }
  const optional = isMessage || field.oneof;
  return `  readonly ${camel(name)}${optional ? '?' : ''}: ${element}${optional ? ' | undefined' : ''};`;
}

/** `name inputs outputs attributes flags`, separated by tabs; lists by spaces. */
function opText(name: string, op: OpData): string {
  const arg = (a: string[]): string => [a[0], a[1], ...a.slice(2).filter((t) => t.startsWith('*'))].join(':');
  const attrs = Object.entries(op.attr).map(
    ([key, a]) => `${key}:${a.type}${'default' in a ? `=${JSON.stringify(a.default).replaceAll(' ', '\\u0020')}` : ''}`,
  );
  const flags = `${op.stateful ? 's' : ''}${op.flex ? 'f' : ''}`;
  return [name, op.in.map(arg).join(' '), op.out.map(arg).join(' '), attrs.join(' '), flags].join('\t');
}

/** The text of `src/schema/tensorflow.gen.ts`. */
export function generateTensorflowSchema(dataDirectory: string): string {
  const read = (name: string) => JSON.parse(readFileSync(`${dataDirectory}/${name}.json`, 'utf8'));
  const protos = read('tf-protos') as { messages: Messages; enums: Record<string, { values: Record<string, number> }> };
  const { ops } = read('tf-ops') as { ops: Record<string, OpData> };

  const out = ['// Generated by `npm run gen` from scripts/data/tf-protos.json and tf-ops.json. Do not edit.', ''];
  const names = Object.keys(selection);
  for (const message of names) {
    out.push(`export interface ${typeName(message)} {`);
    out.push(...columns(message, protos.messages).flatMap((c) => memberText(c) ?? []));
    out.push('}');
  }
  out.push('', 'export interface Messages {');
  out.push(...names.map((m) => `  readonly '${m}': ${typeName(m)};`), '}', '');
  out.push('/** Message -> its fields `number name kind`; the marks are explained in bytes/protobuf.ts. */');
  out.push('export const messageTables: Readonly<Record<keyof Messages, string>> = {');
  for (const m of names) out.push(`  '${m}': '${columns(m, protos.messages).map(fieldText).join(', ')}',`);
  out.push('};', '');
  out.push(
    '/** Number -> name of a DataType, without `DT_` and in lower case: `float`, `half`; adding 100 gives its `ref`. */',
  );
  const types = Object.entries(protos.enums['tensorflow.DataType']?.values ?? {}).filter(([, v]) => v < 100);
  out.push('export const dataTypes: Readonly<Record<number, string>> = {');
  out.push(...types.map(([name, v]) => `  ${v}: '${name.slice(3).toLowerCase()}',`), '};', '');
  out.push(
    '/** One operator a line: name, inputs, outputs, attributes, flags (`s` stateful, `f` on the Select TF list). */',
  );
  const text = Object.entries(ops)
    .map(([name, op]) => opText(name, op))
    .join('\n');
  out.push(
    `export const operators = ${'`'}${text.replaceAll('\\', '\\\\').replaceAll('`', '\\`').replaceAll('${', '\\${')}${'`'};`,
    '',
  );
  return out.join('\n');
}
