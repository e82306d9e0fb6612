import { ModelError } from '../errors.js';
import type { Graph, Value } from '../ir/graph.js';
import type { Shape, Tensor, TensorData } from '../ir/tensor.js';
import { withNode } from '../ops/build.js';
import { PAGE, type WasmInstance, type WasmMemory, wasmHost } from '../wasm/host.js';
import { addressOf, BAD_INDEX } from './buffers.js';
import { Compilations } from './compilations.js';
import { type CompileOptions, compileGraph, type Plan, type Step } from './compile.js';
import type { Operand } from './kernel.js';
import { loopMoves, type Move } from './loop.js';
import { elementBytes, memoryBytes, viewOf } from './operands.js';
import { type RunContext, runPlain } from './plain.js';
import { type Remainder, remainderOf, runFirst } from './remainder.js';
import { ThreadPool, type ThreadStarter } from './threads.js';

/** Turns a WebAssembly module into code; Node has a way to make the first call as fast as the later ones. */
export type ModuleCompiler = (bytes: Uint8Array<ArrayBuffer>) => object;

export const compileLazily: ModuleCompiler = (bytes) => new wasmHost.Module(bytes);

/** What the platform does for the runtime. */
export interface Platform {
  readonly compile: ModuleCompiler;
  readonly startThread: ThreadStarter | undefined;
}

export interface ExecutableOptions extends CompileOptions {
  readonly platform: Platform;
  /** Threads in all. */
  readonly threads: number;
}

/** Compilations to keep of what runs behind a graph; sizes that change all the time would fill the memory. */
const KEPT = 8;

/** The copies of a loop: what the condition reads, the results to the inputs, and the answer of the condition. */
interface LoopWays {
  readonly copies: readonly Move[];
  readonly moves: readonly Move[];
  readonly isTrue: Uint8Array;
}

/** A graph compiled for inputs of given shapes: memory, code, and what runs behind them. */
export class Executable {
  readonly plan: Plan;
  readonly #context: RunContext;
  readonly #memory: WasmMemory;
  readonly #instance: WasmInstance;
  /** Tensors that memory cannot hold, such as strings. */
  readonly #objects = new Map<Operand, Tensor>();
  readonly #remainder: Remainder | undefined;
  readonly #behind: Compilations | undefined;
  #threads: ThreadPool | undefined;
  /** The condition under which the graph ran last as the body of a loop. */
  #loop: { readonly condition: Executable; readonly ways: LoopWays | undefined } | undefined;

  constructor(graph: Graph, shapes: readonly Shape[], options: ExecutableOptions, context: RunContext) {
    this.plan = compileGraph(graph, shapes, options);
    this.#context = context;
    // One page more: vectors may be read past the end of the last buffer.
    const pages = Math.ceil(this.plan.memory / PAGE) + 1;
    this.#memory = allocateMemory(pages, options.shared ?? false);
    const js = (index: number) => this.#runPlain(this.plan.steps[index] as Step);
    const module = options.platform.compile(this.plan.bytes);
    this.#instance = new wasmHost.Instance(module, { env: { memory: this.#memory, js } });
    for (const { pointer, bytes, fill } of this.plan.operands.fills)
      fill(new Uint8Array(this.#memory.buffer, addressOf(pointer), bytes));
    // What they hold of the model is not needed any more.
    this.plan.operands.fills.length = 0;
    this.reset();
    const { startThread } = options.platform;
    if (options.shared && startThread && this.plan.steps.some((s) => s.isLarge))
      this.#threads = new ThreadPool(options.threads, startThread, module, this.#memory);
    this.#remainder = remainderOf(this.plan);
    const { graph: behind } = this.#remainder ?? {};
    if (behind) this.#behind = new Compilations(KEPT, (sizes) => new Executable(behind, sizes, options, context));
  }

  /** Bytes of memory, those of what runs behind included. */
  get memoryBytes(): number {
    return this.#memory.buffer.byteLength + (this.#behind?.memoryBytes ?? 0);
  }

  /** Sets all states to zero: quantized ones to what stands for it. */
  reset(): void {
    const states = this.plan.steps.flatMap((s) => s.inputs).filter((o): o is Operand => o?.isVariable === true);
    for (const state of states) {
      const zero = state.quantization?.zeroPoint[0] ?? 0;
      if (zero === 0) this.#bytes(state).fill(0);
      else (this.#view(state) as Int8Array).fill(zero);
    }
    this.#behind?.reset();
  }

  /**
   * Runs the graph. `inputs` are in its order, of the types it was compiled for.
   * @param views Outputs are views of the memory, good until the next run, instead of copies.
   */
  run(inputs: readonly Tensor[], views = false): Tensor[] {
    this.#setInputs(inputs);
    this.#runSteps();
    return this.#finish(views);
  }

  #runSteps(): void {
    const { timer } = this.#context;
    if (timer) for (const step of this.plan.steps) timer.time(this.plan.graph.name, step, () => this.#runStep(step));
    else if (this.#threads) for (const step of this.plan.steps) this.#runStep(step);
    else this.#instance.exports.run?.();
  }

  /**
   * Runs the graph on its own results as long as the first result of `condition` is true of them; undefined when the two
   * are not of the kind that memory alone can loop.
   */
  loop(condition: Executable, inputs: readonly Tensor[]): Tensor[] | undefined {
    if (this.#loop?.condition !== condition) this.#loop = { condition, ways: this.#waysOf(condition) };
    const { ways } = this.#loop;
    if (!ways) return undefined;
    const { copies, moves, isTrue } = ways;
    this.#setInputs(inputs);
    for (let round = 0; ; round++) {
      for (const { from, to } of copies) to.set(from);
      condition.#runSteps();
      if (isTrue[0] !== 1) break;
      this.#context.checkRound(round);
      this.#runSteps();
      for (const { from, to } of moves) to.set(from);
    }
    condition.#checkIndices();
    this.#checkIndices();
    return this.plan.inputs.map((operand) => {
      const tensor = this.#tensor(operand);
      return { ...tensor, data: (tensor.data as Float32Array).slice() };
    });
  }

  /** What a loop copies between the memories; undefined when memory alone does not do. */
  #waysOf(condition: Executable): LoopWays | undefined {
    if (this.#remainder || condition.#remainder) return undefined;
    const moves = loopMoves(this.plan, (operand) => this.#bytes(operand));
    const [answer] = condition.plan.results.map((value) => condition.plan.operands.of(value));
    if (!moves || answer?.dtype !== 'bool' || answer.constant) return undefined;
    if (condition.plan.inputs.some(({ dtype }, i) => dtype !== this.plan.inputs[i]?.dtype)) return undefined;
    const copies = condition.plan.inputs.flatMap((operand, i): Move[] => {
      const isRead = condition.plan.steps.some((s) => s.inputs.includes(operand)) || operand === answer;
      const from = this.#bytes(this.plan.inputs[i] as Operand);
      return isRead ? [{ from, to: condition.#bytes(operand) }] : [];
    });
    return { copies, moves, isTrue: condition.#bytes(answer) };
  }

  #bytes({ pointer, count, dtype }: Operand): Uint8Array {
    return new Uint8Array(this.#memory.buffer, addressOf(pointer), count * elementBytes(dtype));
  }

  #runStep(step: Step): void {
    if (step.isPlain) {
      this.#runPlain(step);
      return;
    }
    const part = this.#instance.exports.part as (call: number, from: number, to: number) => void;
    for (const [i, { units, grain }] of step.calls.entries()) {
      const call = step.firstCall + i;
      if (this.#threads && step.isLarge && units > grain) this.#threads.run(call, units, grain, part);
      else part(call, 0, units);
    }
  }

  /** Stops the threads. */
  dispose(): void {
    this.#threads?.dispose();
    this.#behind?.dispose();
  }

  #setInputs(inputs: readonly Tensor[]): void {
    for (const [i, operand] of this.plan.inputs.entries()) this.#write(operand, inputs[i] as Tensor);
  }

  /** @throws {ModelError} `invalid-data` when a kernel has read an index that is out of range. */
  #checkIndices(): void {
    const note = new Int32Array(this.#memory.buffer, BAD_INDEX, 2);
    const [step = 0, index] = note;
    const node = this.plan.steps[step - 1]?.node;
    if (!node) return;
    note.fill(0);
    withNode(node.op, node.name, () => {
      throw new ModelError('invalid-data', `index ${index} is out of range`);
    });
  }

  #finish(views: boolean): Tensor[] {
    this.#checkIndices();
    if (!this.#remainder) return this.plan.results.map((value) => this.#read(value, views));
    const results = new Map(this.plan.results.map((value) => [value, this.#read(value, true)]));
    const tensors = runFirst(this.#remainder, results, this.#context);
    return this.#behind!.of(tensors.map((t) => t.shape)).run(tensors);
  }

  #runPlain(step: Step): void {
    const inputs = step.inputs.map((operand) => operand && this.#tensor(operand));
    const results = runPlain(step.node, inputs, step.outputs, this.#context);
    for (const [i, operand] of step.outputs.entries()) this.#write(operand, results[i] as Tensor);
    // Behind the outputs come the new contents of the states.
    const states = step.inputs.filter((o): o is Operand => o?.isVariable === true);
    for (const [i, state] of states.entries()) {
      const result = results[step.outputs.length + i];
      if (result) this.#write(state, result);
    }
  }

  #tensor(operand: Operand): Tensor {
    const { dtype, shape, quantization, constant } = operand;
    const object = this.#objects.get(operand);
    if (object) return object;
    return { dtype, shape, quantization, data: constant ? constant.data() : this.#view(operand) };
  }

  #view({ dtype, count, pointer }: Operand): TensorData {
    return viewOf(this.#memory.buffer, addressOf(pointer), dtype, count);
  }

  #write(operand: Operand, tensor: Tensor): void {
    if (!tensor) throw new ModelError('invalid-graph', `'${operand.name}' got no value`);
    if (String(tensor.shape) !== String(operand.shape) || tensor.dtype !== operand.dtype)
      throw new ModelError(
        'invalid-graph',
        `'${operand.name}' should be ${operand.dtype} [${operand.shape}], got ${tensor.dtype} [${tensor.shape}]`,
      );
    if (elementBytes(operand.dtype) === 0) this.#objects.set(operand, tensor);
    else
      new Uint8Array(this.#memory.buffer, addressOf(operand.pointer), operand.count * elementBytes(operand.dtype)).set(
        memoryBytes(tensor.dtype, tensor.data),
      );
  }

  #read(value: Value, views: boolean): Tensor {
    const operand = this.plan.operands.of(value);
    const tensor = this.#tensor(operand);
    if (views || operand.constant || elementBytes(operand.dtype) === 0) return tensor;
    return { ...tensor, data: (tensor.data as Float32Array).slice() };
  }
}

function allocateMemory(pages: number, shared: boolean): WasmMemory {
  try {
    return new wasmHost.Memory({ initial: pages, maximum: pages, shared });
  } catch (cause) {
    const size = `${((pages * PAGE) / 2 ** 20).toFixed(0)} MB`;
    throw new ModelError('unsupported', `${size} of memory could not be had. Use smaller inputs.`, { cause });
  }
}
