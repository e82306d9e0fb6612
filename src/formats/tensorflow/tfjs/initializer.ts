import { isObject, type ModelJson } from './model-json.js';

type Json = Readonly<Record<string, unknown>>;

const listOf = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.filter(isObject) : []);
const entriesOf = (signature: unknown, side: 'inputs' | 'outputs'): [string, Json][] =>
  Object.entries(isObject(signature) && isObject(signature[side]) ? signature[side] : {}).filter(
    (entry): entry is [string, Json] => isObject(entry[1]),
  );
const nodeName = (tensor: unknown): string => String(tensor).replace(/:\d+$/, '').replace(/^\^/, '');

/**
 * The parts of a MetaGraphDef for a graph model: its graph and signature, and where lookup tables are filled by a graph of
 * their own (`modelInitializer`), the nodes of that too. A table is the same in both graphs when its nodes have one name,
 * or when the signatures give both one `resourceId`: then it is an input of the model's graph, which here becomes the table.
 */
export function withInitializer({ modelTopology, modelInitializer, initializerSignature }: ModelJson, found: unknown) {
  const added = listOf(isObject(modelInitializer) ? modelInitializer.node : undefined);
  if (added.length === 0) return { graphDef: modelTopology, signature: found };
  const tables = new Map(entriesOf(initializerSignature, 'outputs').map(([, t]) => [t.resourceId, String(t.name)]));
  const passed = entriesOf(found, 'inputs').filter(([, t]) => t.resourceId !== undefined && tables.has(t.resourceId));
  const handles = new Map(passed.map(([, t]) => [nodeName(t.name), tables.get(t.resourceId) as string]));
  const own = listOf(modelTopology.node).map((node) => {
    const handle = handles.get(String(node.name));
    return handle ? { name: node.name, op: 'Identity', input: [handle], attr: { T: { type: 'DT_RESOURCE' } } } : node;
  });
  const names = new Set(own.map((node) => node.name));
  const read = new Set(added.flatMap((node) => (Array.isArray(node.input) ? node.input.map(nodeName) : [])));
  const last = added.map((node) => String(node.name)).filter((name) => !read.has(name));
  const graphDef = {
    ...modelTopology,
    node: [...own, ...added.filter((node) => !names.has(node.name))],
    library: { function: [modelTopology, modelInitializer].flatMap(functionsOf) },
  };
  return {
    graphDef,
    signature: without(
      found,
      passed.map(([name]) => name),
    ),
    collectionDef: { table_initializer: { nodeList: { value: last } } },
  };
}

const functionsOf = (graph: unknown): readonly Json[] =>
  listOf(isObject(graph) && isObject(graph.library) ? graph.library.function : undefined);

/** A signature without some of its inputs. */
function without(signature: unknown, names: readonly string[]): unknown {
  if (!isObject(signature) || names.length === 0) return signature;
  const inputs = entriesOf(signature, 'inputs').filter(([name]) => !names.includes(name));
  return { ...signature, inputs: Object.fromEntries(inputs) };
}
