import { ModelError } from '../errors.js';
import type { Graph, Model, Node } from '../ir/graph.js';
import type { Scheme } from '../ops/litert.js';
import { findOp } from '../ops/registry.js';
import { compileGraph } from '../runtime/compile.js';
import { hasCustomKernel } from '../runtime/custom-ops.js';
import { allKernels } from '../runtime/kernels/index.js';
import { isContextual } from '../runtime/plain.js';
import { detectFeatures } from '../wasm/features.js';
import { schemeOf } from './scheme.js';
import { operatorName } from './summary.js';

/** Where LiteRT computes a node. `at load`: once, since its inputs are constants. `none`: it refuses the model. */
export type LiteRtKernel =
  | 'XNNPACK float'
  | 'XNNPACK int8 (qs8)'
  | 'XNNPACK dynamic range (qd8)'
  | 'builtin float'
  | 'builtin int8'
  | 'builtin int16'
  | 'builtin hybrid'
  | 'builtin'
  | 'scalar fallback'
  | 'at load'
  | 'none';

/** Where a node is computed, here and in LiteRT. */
export interface NodeKernel {
  readonly graph: string;
  readonly op: string;
  /** The name of its first output. */
  readonly name: string;
  /**
   * The variant of the kernel here, `reference` for the plain one of the operator, `at load` for what is computed once,
   * `at run` for what is compiled when sizes are known, `none` for what does not run.
   */
  readonly kernel: string;
  /** The output of the node whose kernel computes this one along. */
  readonly within: string | null;
  readonly litert: LiteRtKernel;
  /** About how many times slower than its float kernel a `scalar fallback` of LiteRT is. */
  readonly slowdown: number | null;
}

/** Where the nodes of a model are computed. */
export interface KernelReport {
  readonly nodes: readonly NodeKernel[];
  /** Kernel of LiteRT -> how many nodes, most frequent first. */
  readonly litert: Readonly<Record<string, number>>;
  /** What is slow in LiteRT or does not run there, with a remedy. */
  readonly warnings: readonly string[];
}

const ON_XNNPACK: Readonly<Record<Scheme, LiteRtKernel>> = {
  f32: 'XNNPACK float',
  f16: 'XNNPACK float',
  i8: 'XNNPACK int8 (qs8)',
  u8: 'XNNPACK int8 (qs8)',
  i16: 'XNNPACK int8 (qs8)',
  hybrid: 'XNNPACK dynamic range (qd8)',
  'hybrid-i4': 'XNNPACK dynamic range (qd8)',
  'i8-i4': 'XNNPACK int8 (qs8)',
};
const BUILTIN: Readonly<Record<Scheme, LiteRtKernel>> = {
  f32: 'builtin float',
  f16: 'builtin float',
  i8: 'builtin int8',
  u8: 'builtin int8',
  i16: 'builtin int16',
  hybrid: 'builtin hybrid',
  'hybrid-i4': 'builtin hybrid',
  'i8-i4': 'builtin int8',
};

/** The kernel of LiteRT for a node, from the facts in its operator's file. Options are not looked at. */
export function liteRtKernel(node: Node): { readonly kernel: LiteRtKernel; readonly slowdown: number | null } {
  const op = findOp(node.op);
  const found = (kernel: LiteRtKernel, slowdown: number | null = null) => ({ kernel, slowdown });
  if (!op || node.op === 'CUSTOM' || op.facts.maxVersion === 0) return found('none');
  const reads = node.inputs.filter((v) => v !== undefined);
  if (reads.length > 0 && reads.every((v) => v.constant) && !op.impure) return found('at load');
  const scheme = schemeOf(node);
  if (!scheme) return found('builtin');
  if (!op.litert) return found(BUILTIN[scheme]);
  const { xnnpack, builtin, scalar = {} } = op.litert;
  // Where float16 weights beside float32 biases are nothing special they are floats.
  const held = scheme === 'f16' && !builtin.includes('f16') ? 'f32' : scheme;
  if (xnnpack.includes(held)) return found(ON_XNNPACK[held]);
  const slowdown = scalar[held];
  if (slowdown !== undefined) return found('scalar fallback', slowdown);
  return found(builtin.includes(held) ? BUILTIN[held] : 'none');
}

interface Here {
  readonly kernel: string;
  readonly within: string | null;
}

/** What a node is called here: the name of its first output, which is unique in most files. */
const labelOf = (node: Node): string => node.outputs[0]?.name ?? node.name;

/** Output value's name -> the kernels of the nodes that compute values of that name, in order. */
type KernelsByOutput = Map<string, Here[]>;

/** What unknown sizes are taken to be: operators may need more than one element. */
const GUESSES = [1, 64] as const;

/** Compiles a graph, its unknown sizes being `guess`, to see which kernels its nodes get. */
function kernelsHere(graph: Graph, guess: number): KernelsByOutput {
  const found: KernelsByOutput = new Map();
  const note = (node: Node, here: Here) => {
    const name = labelOf(node);
    found.set(name, [...(found.get(name) ?? []), here]);
  };
  const shapes = graph.inputs.map(({ shape = [] }) => shape.map((d) => (d < 0 ? guess : Math.max(d, 1))));
  const plan = compileGraph(graph, shapes, { numerics: 'fast', features: detectFeatures(), kernels: allKernels });
  for (const { kernel, isPlain, nodes } of plan.steps)
    for (const [i, node] of nodes.entries()) {
      const runs =
        !isPlain || isContextual(node.op) || hasCustomKernel(node) || findOp(node.op)?.reference !== undefined;
      note(node, { kernel: runs ? kernel : 'none', within: i > 0 ? labelOf(nodes[0] as Node) : null });
    }
  for (const node of plan.rest) note(node, { kernel: 'at run', within: null });
  return found;
}

/** The kernels for the first sizes that fit the operators; undefined when none do. */
function kernelsOfGuess(graph: Graph): KernelsByOutput | undefined {
  for (const guess of GUESSES)
    try {
      return kernelsHere(graph, guess);
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
    }
  return undefined;
}

function kernelsOfGraph(graph: Graph): NodeKernel[] {
  const here = kernelsOfGuess(graph);
  return [...graph.nodes()].map((node) => {
    const found = here?.get(labelOf(node))?.shift();
    const { kernel, slowdown } = liteRtKernel(node);
    return {
      graph: graph.name,
      op: operatorName(node),
      name: labelOf(node),
      kernel: here ? (found?.kernel ?? 'at load') : 'none',
      within: found?.within ?? null,
      litert: kernel,
      slowdown,
    };
  });
}

/** What to do about a scalar kernel of LiteRT. */
const REMEDIES: Readonly<Partial<Record<Scheme, (op: string) => string>>> = {
  f16: () => 'Store the biases in float16 as well, or the weights in float32.',
  hybrid: (op) => `Leave them in float: --exclude ${op}.`,
  i16: () => 'Use 8-bit activations.',
  'hybrid-i4': () => 'Use 8-bit weights.',
  'i8-i4': () => 'Use 8-bit weights.',
};
const WORDS: Readonly<Partial<Record<Scheme, string>>> = {
  f16: 'float, beside float32 biases,',
  hybrid: 'hybrid',
  i16: '16-bit',
  'hybrid-i4': '4-bit hybrid',
  'i8-i4': '4-bit',
};

/** A sentence on so many nodes that LiteRT computes slowly or not at all; undefined when all is well. */
function warningOf(node: Node): ((count: number) => string) | undefined {
  const { kernel, slowdown } = liteRtKernel(node);
  if (kernel !== 'scalar fallback' && kernel !== 'none') return undefined;
  const scheme = schemeOf(node);
  const op = operatorName(node);
  const words = (scheme && WORDS[scheme]) ?? '';
  const remedy = (scheme && REMEDIES[scheme]?.(op)) ?? '';
  const sentence = (count: number): string =>
    kernel === 'none'
      ? `${count} ${op} ${count > 1 ? 'have' : 'has'} no ${words} kernel in LiteRT.`
      : `${count} ${op} ${count > 1 ? 'run' : 'runs'} in a scalar ${words} kernel in LiteRT, about ${slowdown} times slower than float.`;
  return (count) => `${sentence(count)} ${remedy}`.replaceAll('  ', ' ').trim();
}

function warningsOf(model: Model): string[] {
  const groups = new Map<string, { count: number; text: (count: number) => string }>();
  for (const node of model.graphs.flatMap((g) => [...g.nodes()])) {
    const text = warningOf(node);
    if (!text) continue;
    const key = `${operatorName(node)} ${schemeOf(node)}`;
    groups.set(key, { count: (groups.get(key)?.count ?? 0) + 1, text });
  }
  return [...groups.values()].map(({ count, text }) => text(count));
}

/** Where the nodes of a model are computed, here and in LiteRT. */
export function reportKernels(model: Model): KernelReport {
  const nodes = model.graphs.flatMap(kernelsOfGraph);
  const counts = new Map<string, number>();
  for (const { litert } of nodes) counts.set(litert, (counts.get(litert) ?? 0) + 1);
  return {
    nodes,
    litert: Object.fromEntries([...counts].sort((a, b) => b[1] - a[1])),
    warnings: warningsOf(model),
  };
}
