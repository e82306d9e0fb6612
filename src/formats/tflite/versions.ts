import type { Graph, Node, Value } from '../../ir/graph.js';
import type { VersionValue } from '../../ops/define.js';
import { findOp } from '../../ops/registry.js';
import { type BuiltinFacts, builtins } from '../../schema/tflite.gen.js';
import { leastRuntimes } from '../../schema/tflite-versions.gen.js';
import { nodeExtra } from './extras.js';
import { sparsityOf } from './stored.js';

/** What the schema says of an operator, by its name. */
export const builtinFacts = (op: string): BuiltinFacts | undefined =>
  Object.hasOwn(builtins, op) ? (builtins as Readonly<Record<string, BuiltinFacts>>)[op] : undefined;

/** The version of a node's operator by its rules. */
export function ruleVersion(node: Node): number {
  const facts = (value: Value): VersionValue => ({
    dtype: value.dtype,
    shape: value.shape,
    quantization: value.quantization,
    isSparse: sparsityOf(value.constant) !== undefined,
  });
  const op = findOp(node.op);
  if (!op) return 1;
  return op.version({
    inputs: node.inputs.map((value) => value && facts(value)),
    outputs: node.outputs.map(facts),
    options: node.options,
  });
}

/** What the writer's rules say of a model as read, so that it can tell later whether that has changed. */
export interface VersionRules {
  version(node: Node): number;
  leastRuntime(graphs: readonly Graph[]): string;
}

/** The version to write: the file's while the rules say the same of the node as when it was read, else the rules'. */
export function nodeVersion(node: Node): number {
  const known = nodeExtra(node).version;
  const rule = ruleVersion(node);
  if (!known) return rule;
  return known.rule === rule ? known.stored : rule;
}

/**
 * The least runtime version that runs every operator of the graphs, or an empty text when nothing is known of any.
 * Custom operators do not count. Source: TFLite `min_runtime_version` metadata.
 */
export function leastRuntime(graphs: readonly Graph[]): string {
  let least = '';
  for (const graph of graphs)
    for (const node of graph.nodes()) {
      const needed = leastRuntimes[node.op]?.[nodeVersion(node)];
      if (needed && compareVersions(needed, least) > 0) least = needed;
    }
  return least;
}

/** By number of each part; a shorter version is less than one that goes on. */
function compareVersions(a: string, b: string): number {
  const [x, y] = [a, b].map((v) => (v ? v.split('.').map(Number) : [])) as [number[], number[]];
  for (let i = 0; i < Math.max(x.length, y.length); i++) {
    const difference = (x[i] ?? -1) - (y[i] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}

export const versionRules: VersionRules = { version: ruleVersion, leastRuntime };
