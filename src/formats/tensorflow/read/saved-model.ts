import { type Origin, originOf } from '../../../bytes/protobuf.js';
import type { ByteSource, FileTree } from '../../../bytes/source.js';
import { ModelError } from '../../../errors.js';
import { Constant } from '../../../ir/constant.js';
import { didYouMean } from '../../../ir/nearest-name.js';
import type { GraphDef, MetaGraphDef } from '../../../schema/tensorflow.gen.js';
import type { ReadSavedModelOptions, TfGraph, TfModel } from '../graph.js';
import { openBundle } from './bundle.js';
import { cutAt } from './cut-at.js';
import { flatten } from './flatten.js';
import { signaturePorts, withShapes } from './ports.js';
import { decode } from './protos.js';
import { mainSource, type RawGraph, rawGraph } from './raw-graph.js';
import { readMessageBytes } from './sniff.js';
import { type VariableSources, variableValues } from './variables.js';

/** Signatures that are for initializing and training, not for calling. */
const INIT = '__saved_model_init_op';
const notCallable: ReadonlySet<string> = new Set([INIT, '__saved_model_train_op']);
const DEFAULT_SIGNATURE = 'serving_default';
const SERVING = 'serve';

/**
 * Reads a SavedModel folder: one flat graph per chosen signature. The values of variables are read from their shard when
 * they are asked for.
 *
 * @throws {ModelError} `not-found` for missing files, tags and signatures; `malformed-file`, `invalid-graph`,
 * `unsupported` for what the files hold; `invalid-option` for shapes that do not fit
 */
export function readSavedModel(tree: FileTree, options: ReadSavedModelOptions = {}): TfModel {
  const source = openModelFile(tree);
  const bytes = readMessageBytes(source, 'SavedModel');
  const origin = originOf(source.name, bytes);
  const { meta, tags } = chooseMetaGraph(bytes, origin, options.tags);
  const graph = rawGraph(meta.graphDef ?? emptyGraph, origin, meta.metaInfoDef?.strippedOpList);
  const assets = assetPaths(meta);
  const bundle = openBundle(tree, 'variables/variables');
  const sources: VariableSources = {
    graph,
    bundle,
    boundInputs: boundInputs(meta, origin),
    restoreOp: meta.saverDef?.restoreOpName ?? '',
    assets,
  };
  const remedy = bundle ? 'Save the model again.' : NO_WEIGHTS;
  const shared = { graph, meta, initialValue: variableValues(sources), remedy, assets };
  const keys = callableKeys(meta);
  const wanted = chooseSignatures(keys, options.signatures, source.name);
  const places = options.inputs ?? [];
  const shapes = Object.fromEntries(
    Object.entries(options.inputShapes ?? {}).filter(([name]) => !places.includes(name)),
  );
  checkShapeNames(shared, wanted, shapes);
  if (wanted.length > 1 && (options.inputs || options.outputs))
    throw new ModelError('invalid-option', 'inputs and outputs belong to one signature. Name it.', {
      where: source.name,
    });
  return {
    kind: 'saved-model',
    name: tree.name,
    producer: meta.metaInfoDef?.tensorflowVersion ?? '',
    tags,
    graphs: wanted.map((key) => cut(readSignature(shared, key, shapes), options)),
    signatureKeys: keys,
    openAsset: (path) => tree.open(path),
  };
}

const NO_WEIGHTS =
  'The weights are not there: put the folder variables (variables.index and variables.data-…) beside saved_model.pb.';

const emptyGraph: GraphDef = { node: [] };

interface Shared {
  readonly graph: RawGraph;
  readonly meta: MetaGraphDef;
  readonly initialValue: (variable: string) => Constant | undefined;
  /** What helps when a variable has no value. */
  readonly remedy: string;
  readonly assets: ReadonlyMap<string, Constant>;
}

function openModelFile(tree: FileTree): ByteSource {
  const source = tree.open('saved_model.pb') ?? tree.open('saved_model.pbtxt');
  if (source) return source;
  const split = tree.open('saved_model.cpb') !== undefined;
  throw new ModelError(
    split ? 'unsupported' : 'not-found',
    split
      ? 'the model is in the split format for graphs over 2 GB, which cannot be read. Save its weights as variables.'
      : 'a file saved_model.pb expected, there is none.',
    { where: tree.name },
  );
}

const sameSet = (a: readonly string[], b: readonly string[]): boolean =>
  new Set(a).size === new Set(b).size && a.every((tag) => b.includes(tag));

function chooseMetaGraph(
  bytes: Uint8Array,
  origin: Origin,
  wanted: readonly string[] | undefined,
): { meta: MetaGraphDef; tags: readonly string[] } {
  const { metaGraphs } = decode('SavedModel', bytes, origin);
  const tagged = metaGraphs.map((part) => ({
    part,
    tags: decode('MetaGraphTags', part, origin).metaInfoDef?.tags ?? [],
  }));
  const chosen = tagged.find(({ tags }) => sameSet(tags, wanted ?? [SERVING])) ?? (wanted ? undefined : likely(tagged));
  if (!chosen) {
    const there = tagged.map(({ tags }) => `[${tags.join(', ')}]`).join(' ') || 'none';
    throw new ModelError(
      'not-found',
      `a graph with tags [${(wanted ?? [SERVING]).join(', ')}] expected, the file has: ${there}.`,
      {
        where: origin.name,
      },
    );
  }
  return { meta: decode('MetaGraphDef', chosen.part, origin), tags: chosen.tags };
}

/** The graph that is meant when nobody says: the only one for serving, or the only one there is. */
function likely<T extends { readonly tags: readonly string[] }>(tagged: readonly T[]): T | undefined {
  const serving = tagged.filter(({ tags }) => tags.includes(SERVING));
  if (serving.length === 1) return serving[0];
  return tagged.length === 1 ? tagged[0] : undefined;
}

export const callableKeys = (meta: Partial<MetaGraphDef>): string[] =>
  [...(meta.signatureDef?.keys() ?? [])].filter((key) => !notCallable.has(key)).sort();

function chooseSignatures(
  keys: readonly string[],
  wanted: readonly string[] | 'all' | undefined,
  where: string,
): readonly string[] {
  const there = keys.join(', ') || 'none';
  if (keys.length === 0)
    throw new ModelError('not-found', 'a signature expected, the model has none. Save it with signatures.', { where });
  if (wanted === undefined) return keys.includes(DEFAULT_SIGNATURE) ? [DEFAULT_SIGNATURE] : keys;
  if (wanted === 'all') return keys;
  for (const key of wanted)
    if (!keys.includes(key))
      throw new ModelError(
        'not-found',
        `a signature '${key}' expected, the model has: ${there}.${didYouMean(key, keys)}`,
        { where },
      );
  return [...new Set(wanted)];
}

/** With several signatures, a shape may be for an input that only some of them have. */
function checkShapeNames(
  { graph, meta }: Shared,
  keys: readonly string[],
  shapes: Readonly<Record<string, unknown>>,
): void {
  const given = Object.keys(shapes);
  if (given.length === 0) return;
  const inputs = keys.flatMap((key) => {
    const signature = meta.signatureDef.get(key);
    return signature ? signaturePorts(graph, key, signature).inputs : [];
  });
  const names = new Set(inputs.flatMap((p) => [p.name, p.tensorName, p.source.node]));
  for (const name of given) if (!names.has(name)) withShapes(inputs, { [name]: [] });
}

function readSignature(
  shared: Shared,
  key: string,
  shapes: NonNullable<ReadSavedModelOptions['inputShapes']>,
): TfGraph {
  const { graph, meta, initialValue, remedy, assets } = shared;
  const signature = meta.signatureDef.get(key);
  if (!signature) throw new ModelError('not-found', `no signature '${key}'.`);
  const ports = signaturePorts(graph, key, signature);
  const names = new Set(ports.inputs.flatMap((p) => [p.name, p.tensorName, p.source.node]));
  const own = Object.fromEntries(Object.entries(shapes).filter(([name]) => names.has(name)));
  return flatten({
    graph,
    key,
    ...withShapes(ports.inputs, own),
    outputs: ports.outputs,
    initialValue,
    remedy,
    constants: assets,
    initializers: initializers(meta, graph),
  });
}

/** The part of a graph that is asked for. */
const cut = (graph: TfGraph, { inputs, outputs, inputShapes = {} }: ReadSavedModelOptions): TfGraph =>
  inputs || outputs ? cutAt(graph, { inputs, outputs, inputShapes }) : graph;

/** Object ids that the functions of a TensorFlow 2 model are bound to. */
function boundInputs(meta: MetaGraphDef, origin: Origin): Map<string, readonly number[]> {
  if (!meta.objectGraphDef) return new Map();
  const { concreteFunctions } = decode('SavedObjectGraph', meta.objectGraphDef, origin);
  return new Map([...concreteFunctions].map(([name, f]) => [name, f.boundInputs]));
}

/** Nodes that stand for assets -> the asset's path as a string constant. */
function assetPaths(meta: MetaGraphDef): Map<string, Constant> {
  const paths = new Map<string, Constant>();
  for (const { tensorInfo, filename } of meta.assetFileDef) {
    const node = mainSource(tensorInfo?.name ?? '').node;
    if (node) paths.set(node, Constant.of('string', [], [new TextEncoder().encode(`assets/${filename}`)]));
  }
  return paths;
}

/** Nodes that TensorFlow runs once after loading. */
export function initializers(meta: Partial<MetaGraphDef>, graph: RawGraph): string[] {
  const names: string[] = [];
  for (const { name } of meta.signatureDef?.get(INIT)?.outputs.values() ?? []) if (name) names.push(name);
  for (const collection of ['saved_model_main_op', 'legacy_init_op', 'table_initializer'])
    names.push(...(meta.collectionDef?.get(collection)?.nodeList?.value ?? []));
  return [...new Set(names.map((name) => mainSource(name.replace(/^\^/, '')).node))].filter((name) =>
    graph.main.nodes.has(name),
  );
}
