import { ModelError } from '../errors.js';
import type { Graph, Model, Signature, Value } from '../ir/graph.js';
import { isStatic, type Shape, type Tensor } from '../ir/tensor.js';
import { detectFeatures } from '../wasm/features.js';
import type { Inputs, LoadOptions, NodeProfile, RunnableModel, RunOptions, SignatureFacts } from './api.js';
import { Compilations } from './compilations.js';
import { Executable, type ExecutableOptions, type Platform } from './executable.js';
import { checkShape, inputTensor, namedInputs, sizesOr1 } from './inputs.js';
import type { KernelTable } from './kernels/kernel-table.js';
import { atGraph, atOpenSizes } from './node-errors.js';
import { checkLimits, threadsOf } from './options.js';
import type { RunContext } from './plain.js';
import { profileOf, StepTimer } from './profile.js';
import { checkNames, defaultSignature, factsOf } from './signatures.js';

/** Compilations to keep of one graph, for models that run on inputs of changing shapes. */
const KEPT = 4;
/** What WebAssembly can address. */
const WASM_BYTES = 2 ** 32;
/** Rounds of a loop before it counts as endless. */
const MAX_ROUNDS = 1e7;
/** Calls of graphs within graphs, before a model counts as calling itself. */
const MAX_DEPTH = 64;

const isLoopBody = ({ graphs }: Model, graph: Graph): boolean => {
  const index = graphs.indexOf(graph);
  return graphs.some((g) => [...g.nodes()].some((n) => n.op === 'WHILE' && n.options.bodySubgraphIndex === index));
};

/** Compiles a model and gives it a face. */
export const makeRunnable = (
  model: Model,
  options: LoadOptions,
  platform: Platform,
  kernels: KernelTable,
): RunnableModel => new Runtime(model, options, platform, kernels);

class Runtime implements RunnableModel {
  readonly signatures: readonly SignatureFacts[];
  readonly #model: Model;
  readonly #signatures: readonly Signature[];
  readonly #options: ExecutableOptions;
  readonly #shapes: Readonly<Record<string, Shape>>;
  readonly #compiled = new Map<Graph, Compilations>();
  readonly #ran = new Set<number>();
  #depth = 0;
  #isDisposed = false;
  readonly #timeLimit: number;
  /** When the current run has taken too long, in ms of `performance.now`. */
  #deadline = Infinity;
  readonly #context: RunContext = {
    memoryLimit: () => this.#options.memoryLimit ?? WASM_BYTES,
    resources: new Map(),
    runGraph: (index, inputs) => this.#runGraph(this.#graph(index), inputs),
    runLoop: (condition, body, inputs) =>
      this.#deeper(this.#graph(body), () => {
        const shapes = inputs.map((t) => t.shape);
        const [test, round] = [condition, body].map((index) => this.#executable(this.#graph(index), shapes));
        return round!.loop(test!, inputs);
      }),
    checkRound: (round) => {
      if (round >= MAX_ROUNDS) throw new ModelError('invalid-data', `the loop has not ended after ${round} rounds`);
      this.#checkTime();
    },
    runOnce: (index) => {
      if (this.#ran.has(index)) return;
      this.#ran.add(index);
      this.#runGraph(this.#graph(index), []);
    },
  };

  constructor(model: Model, options: LoadOptions, platform: Platform, kernels: KernelTable) {
    this.#model = model;
    checkLimits(options);
    const threads = threadsOf(options, platform);
    this.#options = {
      numerics: options.numerics ?? 'fast',
      features: options.relaxedSimd === false ? { relaxed: false } : detectFeatures(),
      kernels,
      platform,
      threads,
      shared: threads > 1,
      memoryLimit: options.memoryLimit,
      graphOf: (index) => model.graphs[index],
    };
    this.#shapes = options.inputShapes ?? {};
    this.#timeLimit = options.timeLimit ?? Infinity;
    this.#signatures = model.signatures.length > 0 ? model.signatures : [defaultSignature(model)];
    this.signatures = this.#signatures.map((s) => {
      const graph = this.#graph(s.graph);
      const side = (list: Signature['inputs'], values: readonly Value[]) =>
        list.map(({ name, index }) => factsOf(name, values[index] as Value));
      return { key: s.key, inputs: side(s.inputs, graph.inputs), outputs: side(s.outputs, graph.outputs) };
    });
    checkNames(this.#shapes, this.signatures);
    const [first] = this.#signatures;
    if (first) this.#compileEarly(first);
  }

  get memoryBytes(): number {
    return [...this.#compiled.values()].reduce((sum, c) => sum + c.memoryBytes, 0);
  }

  run(inputs: Inputs, options: RunOptions = {}): Record<string, Tensor> {
    const { signature, tensors } = this.#prepare(inputs, options);
    this.#deadline = performance.now() + this.#timeLimit;
    const graph = this.#graph(signature.graph);
    const shapes = tensors.map((t) => t.shape);
    const outputs = atOpenSizes(graph, shapes, () => this.#runGraph(graph, tensors, options.views));
    return Object.fromEntries(signature.outputs.map(({ name, index }) => [name, outputs[index] as Tensor]));
  }

  resize(shapes: Readonly<Record<string, Shape>>, key?: string): void {
    this.#checkAlive();
    const signature = this.#signature(key);
    const facts = this.#factsOf(signature);
    checkNames(shapes, [facts]);
    const graph = this.#graph(signature.graph);
    const sizes = this.#startShapes(signature, shapes);
    atOpenSizes(graph, sizes, () => this.#executable(graph, sizes));
  }

  reset(): void {
    this.#ran.clear();
    this.#context.resources.clear();
    for (const compilations of this.#compiled.values()) compilations.reset();
  }

  profile(inputs: Inputs, options: RunOptions & { readonly runs?: number } = {}): readonly NodeProfile[] {
    const { signature, tensors } = this.#prepare(inputs, options);
    const graph = this.#graph(signature.graph);
    const shapes = tensors.map((t) => t.shape);
    const timers = Array.from({ length: options.runs ?? 10 }, () => new StepTimer());
    try {
      for (const timer of timers) {
        this.#deadline = performance.now() + this.#timeLimit;
        this.#context.timer = timer;
        atOpenSizes(graph, shapes, () => this.#runGraph(graph, tensors));
      }
    } finally {
      this.#context.timer = undefined;
    }
    return profileOf(timers, graph.name);
  }

  dispose(): void {
    this.#isDisposed = true;
    for (const compilations of this.#compiled.values()) compilations.dispose();
    this.#compiled.clear();
    this.#context.resources.clear();
  }

  /** Compiling at once finds out at once what cannot run, and makes the first run as fast as the others. */
  #compileEarly(signature: Signature): void {
    const graph = this.#graph(signature.graph);
    const isGuess = (index: number, name: string) => !isStatic(graph.inputs[index]?.shape) && !this.#shapes[name];
    try {
      this.#executable(graph, this.#startShapes(signature));
    } catch (error) {
      // Sizes that nobody knows yet may be such that 1 does not fit them.
      const isSize = error instanceof ModelError && /^invalid-(graph|data)$/.test(error.code);
      if (!isSize || !signature.inputs.some(({ index, name }) => isGuess(index, name))) throw error;
    }
  }

  #checkAlive(): void {
    if (this.#isDisposed) throw new ModelError('invalid-option', 'the model has been disposed of. Load it again.');
  }

  #graph(index: number): Graph {
    const graph = this.#model.graphs[index];
    if (!graph) throw new ModelError('invalid-graph', `the model has no graph ${index}`);
    return graph;
  }

  #signature(key: string | undefined): Signature {
    const signature = key === undefined ? this.#signatures[0] : this.#signatures.find((s) => s.key === key);
    if (signature) return signature;
    const known = this.#signatures.map((s) => `'${s.key}'`).join(', ');
    throw new ModelError('not-found', `no signature '${key}'. There are: ${known}.`);
  }

  #factsOf(signature: Signature): SignatureFacts {
    return this.signatures[this.#signatures.indexOf(signature)] as SignatureFacts;
  }

  /** The shapes of a signature's inputs: those given, else the recorded ones with 1 for unknown sizes. */
  #startShapes({ graph, inputs }: Signature, given = this.#shapes): Shape[] {
    const shapes = this.#graph(graph).inputs.map((value) => sizesOr1(value.shape));
    for (const { name, index } of inputs) {
      const shape = given[name];
      const value = this.#graph(graph).inputs[index];
      if (shape && value) shapes[index] = checkShape(shape, value, name);
    }
    return shapes;
  }

  #prepare(inputs: Inputs, options: RunOptions): { signature: Signature; tensors: Tensor[] } {
    this.#checkAlive();
    const signature = this.#signature(options.signature);
    const graph = this.#graph(signature.graph);
    const given = namedInputs(inputs, signature);
    const start = this.#startShapes(signature);
    const tensors = graph.inputs.map((value, index) => {
      const name = signature.inputs.find((i) => i.index === index)?.name ?? value.name;
      const input = given[name];
      if (input === undefined || input === null)
        throw new ModelError('invalid-data', `expected ${value.dtype} [${value.shape}], got nothing.`, {
          where: `input '${name}'`,
        });
      return inputTensor(name, value, input, start[index] as Shape);
    });
    return { signature, tensors };
  }

  #executable(graph: Graph, shapes: readonly Shape[]): Executable {
    if (shapes.length !== graph.inputs.length)
      throw new ModelError('invalid-graph', `expected ${graph.inputs.length} inputs, got ${shapes.length}`, {
        where: `graph '${graph.name}'`,
      });
    let compilations = this.#compiled.get(graph);
    if (!compilations) {
      // Graphs within graphs are small, and run by the thread that runs their node.
      const alone = this.#depth > 1 ? { ...this.#options, threads: 1, shared: false } : this.#options;
      const options = { ...alone, isRepeated: isLoopBody(this.#model, graph) };
      const compile = (sizes: readonly Shape[]) =>
        atGraph(graph.name, () => new Executable(graph, sizes, options, this.#context));
      compilations = new Compilations(KEPT, compile);
      this.#compiled.set(graph, compilations);
    }
    return compilations.of(shapes);
  }

  #runGraph(graph: Graph, inputs: readonly Tensor[], views = false): Tensor[] {
    const shapes = inputs.map((t) => t.shape);
    return this.#deeper(graph, () => atGraph(graph.name, () => this.#executable(graph, shapes).run(inputs, views)));
  }

  #checkTime(): void {
    if (performance.now() > this.#deadline)
      throw new ModelError('invalid-data', `expected a run of at most ${this.#timeLimit} ms, it has not ended by then`);
  }

  #deeper<T>(graph: Graph, run: () => T): T {
    if (this.#depth >= MAX_DEPTH) throw new ModelError('invalid-graph', `graph '${graph.name}' calls itself`);
    this.#checkTime();
    this.#depth++;
    try {
      return run();
    } finally {
      this.#depth--;
    }
  }
}
