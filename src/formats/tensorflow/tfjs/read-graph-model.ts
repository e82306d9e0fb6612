import { originOf } from '../../../bytes/protobuf.js';
import { encodeJsonFormat } from '../../../bytes/protobuf-json.js';
import type { ByteSource, FileTree } from '../../../bytes/source.js';
import { Constant } from '../../../ir/constant.js';
import { allocate, type DType } from '../../../ir/tensor.js';
import { messageTables } from '../../../schema/tensorflow.gen.js';
import type { ReadGraphDefOptions, TfModel } from '../graph.js';
import { type GraphFile, readMetaGraph } from '../read/graph-def.js';
import { decode } from '../read/protos.js';
import type { RawBody, RawNode } from '../read/raw-graph.js';
import { enumNumber, sniffTensorFlow } from '../read/sniff.js';
import { withInitializer } from './initializer.js';
import { isObject, type ModelFile, type ModelJson, readJson } from './model-json.js';
import { readWeights } from './weights.js';

/**
 * Reads a TensorFlow.js graph model: a GraphDef in the JSON format of protobuf, with the elements of its constants in
 * other files.
 *
 * @throws {ModelError} `not-found` for missing files; `malformed-file`, `invalid-graph`, `unsupported` for what they hold
 */
export function readGraphModel({ json, where }: ModelFile, tree: FileTree, options: ReadGraphDefOptions = {}): TfModel {
  const weights = readWeights(json, tree, where);
  const bytes = encodeJsonFormat(messageTables, 'MetaGraphDef', metaGraphOf(json), enumNumber, where);
  const origin = originOf(where, bytes);
  const meta = decode('MetaGraphDef', bytes, origin);
  const producer = typeof json.generatedBy === 'string' ? json.generatedBy : '';
  return readMetaGraph(meta, origin, options, { ...graphFile(weights, where), producer });
}

const MANIFEST = 'weights_manifest.json';

/**
 * Reads what the converter of TensorFlow.js wrote before its version 1: a GraphDef whose constants have their elements in
 * other files, as the manifest beside it says. Undefined for a file that has no manifest beside it.
 *
 * @throws {ModelError} as {@link readGraphModel}
 */
export function readSplitGraph(source: ByteSource, options: ReadGraphDefOptions = {}): TfModel | undefined {
  const manifest = source.beside?.(MANIFEST);
  if (!manifest || sniffTensorFlow(source) !== 'graph-def') return undefined;
  const folder: FileTree = { name: source.name, list: () => [], open: (name) => source.beside?.(name) };
  const weightsManifest = readJson(manifest);
  const weights = readWeights({ modelTopology: {}, weightsManifest }, folder, manifest.name);
  const bytes = source.read(0, source.size);
  const origin = originOf(source.name, bytes);
  const graphDef = decode('GraphDef', bytes, origin);
  return readMetaGraph({ graphDef }, origin, options, graphFile(weights, source.name));
}

const graphFile = (weights: ReadonlyMap<string, Constant>, where: string): GraphFile => ({
  kind: 'graph-model',
  producer: '',
  strippedOps: encodeJsonFormat(messageTables, 'OpList', { op: OWN_OPS }, enumNumber, where),
  externalValue: (body, node, dtype) => weightOf(weights, body, node, dtype),
});

/** The graph and its signature as TensorFlow itself would write them. */
function metaGraphOf(json: ModelJson): object {
  const { userDefinedMetadata } = json;
  const stored = json.signature ?? (isObject(userDefinedMetadata) ? userDefinedMetadata.signature : undefined);
  const { signature: found, ...parts } = withInitializer(json, stored);
  const usable = isObject(found) && isObject(found.outputs) && Object.keys(found.outputs).length > 0;
  return { ...parts, ...(usable && { signatureDef: { serving_default: found } }) };
}

/** The weight of a `Const`: those of functions may have the function's name in front. */
function weightOf(
  weights: ReadonlyMap<string, Constant>,
  body: RawBody,
  node: RawNode,
  dtype: DType,
): Constant | undefined {
  const value = weights.get(node.name) ?? weights.get(`${body.name}/${node.name}`);
  return value && value.dtype !== dtype ? restored(value, dtype) : value;
}

/** Manifests know few types: the others were narrowed when the model was written, and are widened again. */
function restored(value: Constant, dtype: DType): Constant {
  if (value.dtype === 'string' || value.dtype === 'c64' || dtype === 'string' || dtype === 'c64') return value;
  return Constant.lazy(dtype, value.shape, () => {
    const from = value.data() as ArrayLike<number | bigint>;
    const to = allocate(dtype, from.length) as { [i: number]: number | bigint };
    const wide = dtype === 'i64' || dtype === 'u64';
    for (let i = 0; i < from.length; i++) to[i] = wide ? BigInt(Math.trunc(Number(from[i]))) : Number(from[i]);
    return to as unknown as Float32Array;
  });
}

const typed = (name: string) => ({ name, typeAttr: 'T' });

/** Operations that TensorFlow.js adds to those of TensorFlow. */
const OWN_OPS = [
  {
    name: 'FusedDepthwiseConv2dNative',
    inputArg: [typed('input'), typed('filter'), { name: 'args', typeAttr: 'T', numberAttr: 'num_args' }],
    outputArg: [typed('output')],
    attr: [
      { name: 'T', type: 'type', defaultValue: { type: 'DT_FLOAT' } },
      { name: 'num_args', type: 'int', defaultValue: { i: 0 } },
      { name: 'strides', type: 'list(int)' },
      { name: 'padding', type: 'string' },
      { name: 'data_format', type: 'string', defaultValue: { s: btoa('NHWC') } },
      { name: 'dilations', type: 'list(int)', defaultValue: { list: { i: [1, 1, 1, 1] } } },
      { name: 'explicit_paddings', type: 'list(int)', defaultValue: { list: {} } },
      { name: 'fused_ops', type: 'list(string)', defaultValue: { list: {} } },
      { name: 'leakyrelu_alpha', type: 'float', defaultValue: { f: 0.2 } },
    ],
  },
  {
    name: 'Prelu',
    inputArg: [typed('x'), typed('alpha')],
    outputArg: [typed('y')],
    attr: [{ name: 'T', type: 'type', defaultValue: { type: 'DT_FLOAT' } }],
  },
];
