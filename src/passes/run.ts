import { ModelError } from '../errors.js';
import { Graph, type Model } from '../ir/graph.js';
import type { Tensor } from '../ir/tensor.js';
import { verifyOps } from '../ops/verify.js';
import type { Pass } from './define.js';
import { describeMove, seededOutputs } from './numerics.js';

/** A pass, or passes to repeat in this order until none of them changes anything. */
export type Step = Pass | readonly Pass[];

export interface RunOptions {
  /** Check the graph after every pass that changed something. Default false. */
  readonly verify?: boolean;
  /** Run the graph with reference kernels around every pass that changed something, and stop where the result moved. Default false. */
  readonly checkNumerics?: boolean;
  /** Name of the pass after whose first run each graph is left as it is. */
  readonly stopAfter?: string;
  /** Told of every run of a pass, with the number of its changes. A pass does not run again on a graph that it left as it was. */
  onPass?(name: string, changes: number, graph: Graph): void;
}

/** Passes that go on changing the graph after this many rounds undo each other. */
const MAX_ROUNDS = 32;

/**
 * Runs passes over a graph, or over every graph of a model; returns the number of changes.
 * @throws {ModelError} `not-found` when `stopAfter` names no pass; `invalid-graph` when a check fails, naming the pass.
 */
export function runPasses(target: Model | Graph, steps: readonly Step[], options: RunOptions = {}): number {
  const groups = steps.map((step): readonly Pass[] => ('run' in step ? [step] : step));
  const isRepeated = steps.map((step) => !('run' in step));
  const names = groups.flat().map((p) => p.name);
  if (options.stopAfter !== undefined && !names.includes(options.stopAfter))
    throw new ModelError(
      'not-found',
      `no pass is called '${options.stopAfter}'. There are: ${[...new Set(names)].join(', ')}.`,
    );
  let changes = 0;
  for (const graph of target instanceof Graph ? [target] : target.graphs) {
    const run = new Run(graph, options);
    for (const [i, group] of groups.entries()) {
      changes += isRepeated[i] ? run.repeat(group) : run.once(group);
      if (run.isStopped) break;
    }
  }
  return changes;
}

/** One walk of the passes over one graph. */
class Run {
  readonly #graph: Graph;
  readonly #options: RunOptions;
  #outputs: readonly Tensor[] | undefined;
  isStopped = false;
  /** Runs that changed something. */
  #version = 0;
  /** The version that a pass left as it was. */
  readonly #idle = new Map<Pass, number>();

  constructor(graph: Graph, options: RunOptions) {
    this.#graph = graph;
    this.#options = options;
    if (options.verify) verifyOps(graph);
    if (options.checkNumerics) this.#outputs = seededOutputs(graph);
  }

  repeat(passes: readonly Pass[]): number {
    let total = 0;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const changes = this.once(passes);
      total += changes;
      if (changes === 0 || this.isStopped) return total;
    }
    return total;
  }

  once(passes: readonly Pass[]): number {
    let total = 0;
    for (const pass of passes) {
      total += this.#run(pass);
      if (this.isStopped) break;
    }
    return total;
  }

  #run(pass: Pass): number {
    if (pass.name === this.#options.stopAfter) this.isStopped = true;
    // Again on the same graph, it would do nothing again.
    if (this.#idle.get(pass) === this.#version) return 0;
    const names = this.#graph.outputs.map((v) => v.name);
    const changes = pass.run(this.#graph);
    if (changes > 0) this.#version++;
    else this.#idle.set(pass, this.#version);
    if (changes > 0 && this.#options.verify) inPass(pass, () => this.#verify(names));
    if (changes > 0 && this.#outputs) inPass(pass, () => this.#compare());
    this.#options.onPass?.(pass.name, changes, this.#graph);
    return changes;
  }

  #verify(names: readonly string[]): void {
    verifyOps(this.#graph);
    for (const [i, name] of names.entries())
      if (this.#graph.outputs[i]?.name !== name)
        throw new ModelError('invalid-graph', `output ${i} was '${name}', is '${this.#graph.outputs[i]?.name}'`);
  }

  #compare(): void {
    const after = seededOutputs(this.#graph);
    const move = this.#outputs && after && describeMove(this.#outputs, after);
    if (move) throw new ModelError('invalid-graph', move);
    this.#outputs = after ?? this.#outputs;
  }
}

function inPass(pass: Pass, check: () => void): void {
  try {
    check();
  } catch (cause) {
    if (!(cause instanceof ModelError)) throw cause;
    throw new ModelError(cause.code, `after pass ${pass.name}: ${cause.message}`, { cause });
  }
}
