import { ModelError } from '../errors.js';
import type { Graph, Model, Signature, Value } from '../ir/graph.js';
import { bitsOf, elementCount, isComplex, type Shape, type Tensor, type TensorData } from '../ir/tensor.js';
import { detectFeatures } from '../wasm/features.js';
import type { Inputs, InputTensor, LoadOptions, NodeProfile, RunnableModel, RunOptions, SignatureFacts, TensorFacts } from './api.js'; // biome-ignore format: one list
import { dropOldest, Executable, type ExecutableOptions, type Platform, type StepTime } from './executable.js';
import { atGraph } from './node-errors.js';
import { memoryBytes } from './operands.js';
import type { RunContext } from './plain.js';
import { profileOf } from './profile.js';

/** Compilations to keep of one graph, for models that run on inputs of changing shapes. */
const KEPT = 4;
/** What WebAssembly can address. */
const WASM_BYTES = 2 ** 32;
/** Rounds of a loop before it counts as endless. */
const MAX_ROUNDS = 1e7;
/** Calls of graphs within graphs, before a model counts as calling itself. */
const MAX_DEPTH = 64;

/** Compiles a model and gives it a face. */
export const makeRunnable = (model: Model, options: LoadOptions, platform: Platform): RunnableModel =>
  new Runtime(model, options, platform);

class Runtime implements RunnableModel {
  readonly signatures: readonly SignatureFacts[];
  readonly #model: Model;
  readonly #signatures: readonly Signature[];
  readonly #options: ExecutableOptions;
  readonly #shapes: Readonly<Record<string, Shape>>;
  readonly #compiled = new Map<Graph, Map<string, Executable>>();
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

  constructor(model: Model, options: LoadOptions, platform: Platform) {
    this.#model = model;
    const threads = threadsOf(options, platform);
    this.#options = {
      numerics: options.numerics ?? 'fast',
      features: options.relaxedSimd === false ? { relaxed: false } : detectFeatures(),
      platform,
      threads,
      shared: threads > 1,
      memoryLimit: options.memoryLimit,
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
    // Compiling now finds out now what cannot run, and makes the first run as fast as the others.
    const [first] = this.#signatures;
    if (first) this.#executable(this.#graph(first.graph), this.#startShapes(first));
  }

  get memoryBytes(): number {
    return [...this.#compiled.values()].flatMap((m) => [...m.values()]).reduce((sum, e) => sum + e.memoryBytes, 0);
  }

  run(inputs: Inputs, options: RunOptions = {}): Record<string, Tensor> {
    const { signature, tensors } = this.#prepare(inputs, options);
    this.#deadline = performance.now() + this.#timeLimit;
    const outputs = this.#runGraph(this.#graph(signature.graph), tensors, options.views);
    return Object.fromEntries(signature.outputs.map(({ name, index }) => [name, outputs[index] as Tensor]));
  }

  resize(shapes: Readonly<Record<string, Shape>>, key?: string): void {
    this.#checkAlive();
    const signature = this.#signature(key);
    const facts = this.#factsOf(signature);
    checkNames(shapes, [facts]);
    const graph = this.#graph(signature.graph);
    const list = graph.inputs.map((value) => sizesOr1(value.shape));
    for (const { name, index } of signature.inputs) {
      const shape = shapes[name];
      const value = graph.inputs[index];
      if (shape && value) list[index] = checkShape(shape, value, name);
    }
    this.#executable(graph, list);
  }

  reset(): void {
    this.#ran.clear();
    this.#context.resources.clear();
    for (const executables of this.#compiled.values()) for (const e of executables.values()) e.reset();
  }

  profile(inputs: Inputs, options: RunOptions & { readonly runs?: number } = {}): readonly NodeProfile[] {
    const { signature, tensors } = this.#prepare(inputs, options);
    const graph = this.#graph(signature.graph);
    const executable = this.#executable(
      graph,
      tensors.map((t) => t.shape),
    );
    const times: StepTime[][] = [];
    for (let i = 0; i < (options.runs ?? 10); i++) {
      const run: StepTime[] = [];
      this.#deadline = performance.now() + this.#timeLimit;
      atGraph(graph.name, () => executable.runTimed(tensors, (time) => run.push(time)));
      times.push(run);
    }
    return profileOf(times);
  }

  dispose(): void {
    this.#isDisposed = true;
    for (const executables of this.#compiled.values()) for (const e of executables.values()) e.dispose();
    this.#compiled.clear();
    this.#context.resources.clear();
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

  #startShapes({ graph, inputs }: Signature): Shape[] {
    const shapes = this.#graph(graph).inputs.map((value) => sizesOr1(value.shape));
    for (const { name, index } of inputs) {
      const shape = this.#shapes[name];
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
      if (input === undefined)
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
    const key = shapes.map((s) => s.join()).join(';');
    let executables = this.#compiled.get(graph);
    if (!executables) {
      executables = new Map();
      this.#compiled.set(graph, executables);
    }
    let executable = executables.get(key);
    if (!executable) {
      // Graphs within graphs are small, and run by the thread that runs their node.
      const options = this.#depth > 1 ? { ...this.#options, threads: 1, shared: false } : this.#options;
      executable = atGraph(graph.name, () => new Executable(graph, shapes, options, this.#context));
      dropOldest(executables, KEPT);
      executables.set(key, executable);
    }
    return executable;
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

/** @throws {ModelError} `invalid-option` for a number that is none, or where threads cannot share memory. */
function threadsOf({ threads = 1 }: LoadOptions, platform: Platform): number {
  if (!Number.isInteger(threads) || threads < 1 || threads > 64)
    throw new ModelError('invalid-option', `threads: expected 1 to 64, got ${threads}.`);
  if (threads > 1 && (typeof SharedArrayBuffer === 'undefined' || !platform.startThread))
    throw new ModelError(
      'unsupported',
      'threads need shared memory. Serve the page with the headers Cross-Origin-Opener-Policy: same-origin and ' +
        'Cross-Origin-Embedder-Policy: require-corp, or leave threads out.',
    );
  return threads;
}

const sizesOr1 = (shape: Shape | undefined): Shape => (shape ?? []).map((d) => (d < 0 ? 1 : d));

const factsOf = (name: string, { dtype, shape, quantization }: Value): TensorFacts => ({
  name,
  dtype,
  shape: shape ?? [],
  ...(quantization && { quantization }),
});

/** The first graph under the names of its tensors, for models that have no signatures. */
function defaultSignature({ graphs: [graph] }: Model): Signature {
  const named = (values: readonly Value[] = []) => {
    const seen = new Set<string>();
    return values.map(({ name }, index) => {
      const own = seen.has(name) || name === '' ? `${name}:${index}` : name;
      seen.add(own);
      return { name: own, index };
    });
  };
  return { key: '', graph: 0, inputs: named(graph?.inputs), outputs: named(graph?.outputs) };
}

function checkNames(shapes: Readonly<Record<string, Shape>>, signatures: readonly SignatureFacts[]): void {
  const known = new Set(signatures.flatMap((s) => s.inputs.map((i) => i.name)));
  for (const name of Object.keys(shapes))
    if (!known.has(name)) throw new ModelError('not-found', `no input '${name}'. There are: ${[...known].join(', ')}.`);
}

function namedInputs(inputs: Inputs, signature: Signature): Readonly<Record<string, InputTensor>> {
  const names = signature.inputs.map((i) => i.name);
  if (Array.isArray(inputs)) {
    if (inputs.length !== names.length)
      throw new ModelError(
        'invalid-data',
        `expected ${names.length} inputs (${names.join(', ')}), got ${inputs.length}.`,
      );
    return Object.fromEntries(names.map((name, i) => [name, inputs[i] as InputTensor]));
  }
  for (const name of Object.keys(inputs))
    if (!names.includes(name)) throw new ModelError('not-found', `no input '${name}'. There are: ${names.join(', ')}.`);
  return inputs as Readonly<Record<string, InputTensor>>;
}

/** @throws {ModelError} `invalid-data` unless the shape agrees with the known sizes. */
function checkShape(shape: Shape, value: Value, name: string): Shape {
  const isWhole = shape.every((d) => Number.isInteger(d) && d >= 0);
  const fits =
    !value.shape || (shape.length === value.shape.length && value.shape.every((d, i) => d < 0 || d === shape[i]));
  // Files record sizes where the converter knew none: another shape may still run, and inference says when it cannot.
  if (isWhole && (fits || shape.length === value.shape?.length)) return shape;
  throw new ModelError('invalid-data', `expected a shape like [${value.shape}], got [${shape}].`, {
    where: `input '${name}'`,
  });
}

const isData = (input: InputTensor): input is TensorData => ArrayBuffer.isView(input) || Array.isArray(input);

function inputTensor(name: string, value: Value, input: InputTensor, start: Shape): Tensor {
  const where = `input '${name}'`;
  const data = isData(input) ? input : input.data;
  const shape = isData(input) || !input.shape ? start : checkShape(input.shape, value, name);
  const { dtype } = value;
  const given = isData(input) ? undefined : input.dtype;
  if (given !== undefined && given !== dtype)
    throw new ModelError('invalid-data', `expected ${dtype} elements, got ${given}.`, { where });
  const count = elementCount(shape) * (isComplex(dtype) ? 2 : 1);
  if (!holds(dtype, data))
    throw new ModelError('invalid-data', `expected elements of type ${dtype}, got ${data?.constructor?.name}.`, {
      where,
    });
  if (data.length !== count)
    throw new ModelError('invalid-data', `[${shape}] has ${count} elements, got ${data.length}.`, { where });
  return { dtype, shape, data };
}

/** True when the array is of the kind that holds such elements. */
function holds(dtype: Value['dtype'], data: TensorData): boolean {
  if (bitsOf(dtype) === 0) return Array.isArray(data);
  if (!ArrayBuffer.isView(data)) return false;
  const sample = memoryBytes(dtype, data).byteLength;
  const bytes = Math.max(1, bitsOf(dtype) / 8 / (isComplex(dtype) ? 2 : 1));
  const isFloatArray = data instanceof Float32Array || data instanceof Float64Array;
  const wantsFloat = dtype === 'f32' || dtype === 'f64' || isComplex(dtype);
  return sample === data.length * bytes && isFloatArray === wantsFloat;
}
