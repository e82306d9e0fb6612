import { assert } from '../errors.js';
import type { Graph, Node, Value } from '../ir/graph.js';
import { elementCount, isStatic, type Shape } from '../ir/tensor.js';
import { findOp } from '../ops/registry.js';
import { type Code, type Expr, when } from '../wasm/code.js';
import type { Features } from '../wasm/features.js';
import { i32 } from '../wasm/instructions.js';
import { call, type Func, WasmModule } from '../wasm/module.js';
import { addressOf, at, type Buffer, ownerOf, placeBuffers, requireRoom, share, touch } from './buffers.js';
import { bytesOf, macsOf } from './cost.js';
import { type Group, groupNodes } from './groups.js';
import type { Argument, Kernel, KernelBuilder, KernelNode, Operand, WasmCall } from './kernel.js';
import type { KernelTable } from './kernels/kernel-table.js';
import { activationStages, stagesOf } from './kernels/stages.js';
import { atNode } from './node-errors.js';
import { elementBytes, Operands } from './operands.js';
import { plainKernel } from './plain.js';
import { type GraphOf, specialize } from './specialize.js';

export type NumericsMode = 'fast' | 'reference';

export interface CompileOptions {
  readonly numerics: NumericsMode;
  readonly features: Features;
  /** The kernels to choose from. */
  readonly kernels: KernelTable;
  readonly shared?: boolean;
  /** The graph is the body of a loop. */
  readonly isRepeated?: boolean;
  readonly graphOf?: GraphOf;
  /** Most memory, in bytes. */
  readonly memoryLimit?: number | undefined;
}

/** One step of a plan: calls of kernels, or a node that JavaScript runs. */
export interface Step {
  readonly node: Node;
  /** The nodes that it computes: the root and its stages. */
  readonly nodes: readonly Node[];
  /** The variant of the kernel; `reference` for the plain one of the operator, `graphs` where it runs other graphs. */
  readonly kernel: string;
  /** JavaScript runs the operator's reference kernel, or the graphs. */
  readonly isPlain: boolean;
  /** Calls of kernels, which have run when all of them have, in order. */
  readonly calls: readonly WasmCall[];
  /** The number of its first call among all calls of the plan. */
  readonly firstCall: number;
  /** There is enough to do for several threads. */
  readonly isLarge: boolean;
  readonly inputs: readonly (Operand | undefined)[];
  readonly outputs: readonly Operand[];
}

/** Multiply-accumulates, or bytes moved, from which sharing the work is worth waking others: some 20 us. */
const LARGE_MACS = 400_000;
const LARGE_BYTES = 400_000;

/** A graph compiled for given shapes, up to the first node whose result has a size that only running it tells. */
export interface Plan {
  readonly graph: Graph;
  readonly steps: readonly Step[];
  readonly inputs: readonly Operand[];
  readonly operands: Operands;
  /** Size of the memory, in bytes. */
  readonly memory: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Nodes from the first of unknown size on. */
  readonly rest: readonly Node[];
  /** What the rest, and the world, read of this plan: in memory, or constants. */
  readonly results: readonly Value[];
}

const isHeld = (value: Value): boolean => isStatic(value.shape);

/** Compiles a graph for the given shapes of its inputs. */
export function compileGraph(graph: Graph, shapes: readonly Shape[], options: CompileOptions): Plan {
  const special = specialize(graph, shapes, options.graphOf);
  const nodes = [...special.nodes()];
  const cut = nodes.findIndex((n) => !n.outputs.every(isHeld));
  const [now, rest] = cut < 0 ? [nodes, []] : [nodes.slice(0, cut), nodes.slice(cut)];
  return new Compilation(special, now, rest, options).plan();
}

class Compilation {
  readonly #graph: Graph;
  readonly #nodes: readonly Node[];
  readonly #rest: readonly Node[];
  readonly #options: CompileOptions;
  readonly #operands = new Operands();
  readonly #module: WasmModule;
  readonly #features: Features;
  readonly #js: Func;
  readonly #functions = new Map<string, Func>();
  #calls = 0;

  constructor(graph: Graph, nodes: readonly Node[], rest: readonly Node[], options: CompileOptions) {
    this.#graph = graph;
    this.#nodes = nodes;
    this.#rest = rest;
    this.#options = options;
    this.#features = options.features;
    this.#module = new WasmModule({ shared: options.shared ?? false, fused: options.features.relaxed });
    this.#js = this.#module.import('js', 1);
  }

  plan(): Plan {
    this.#checkSizes();
    const inputs = this.#graph.inputs.map((v) => this.#operands.of(v));
    const results = this.#results();
    const groups = groupNodes(this.#graph, this.#nodes, {
      fuses: (node) => this.#kernelOf(node)?.fuses === true,
      isStage: (node, value) => stagesOf(node, value, (v) => this.#operands.of(v)) !== undefined,
    });
    this.#findLastReaders(groups, results);
    for (const input of inputs) touch(input.pointer.buffer, -1);
    const steps = groups.map((group, i) => atNode(group.root, () => this.#step(group, i)));
    for (const value of results) if (!value.constant) touch(this.#operands.of(value).pointer.buffer, groups.length);
    const memory = placeBuffers(this.#operands.buffers, this.#options.memoryLimit);
    this.#emit(steps);
    return {
      graph: this.#graph,
      steps,
      inputs,
      operands: this.#operands,
      memory,
      bytes: this.#module.bytes(),
      rest: this.#rest,
      results,
    };
  }

  /** One tensor that is too large ends it before a kernel makes tables for it. */
  #checkSizes(): void {
    for (const { dtype, shape } of [...this.#graph.inputs, ...this.#nodes.flatMap((n) => n.outputs)])
      if (isStatic(shape)) requireRoom(elementCount(shape) * elementBytes(dtype), this.#options.memoryLimit);
  }

  /** Values that are read behind the plan. */
  #results(): Value[] {
    if (this.#rest.length === 0) return [...this.#graph.outputs];
    const made = new Set<Value>([...this.#graph.inputs, ...this.#nodes.flatMap((n) => n.outputs)]);
    const read = [...this.#rest.flatMap((n) => n.inputs), ...this.#graph.outputs];
    return [...new Set(read.filter((v): v is Value => v !== undefined && made.has(v)))];
  }

  #kernelOf(node: Node): Kernel | undefined {
    if (this.#options.numerics === 'reference') return undefined;
    return this.#options.kernels.find(this.#kernelNode(node, []), this.#features);
  }

  #kernelNode(node: Node, chain: readonly Node[]): KernelNode {
    const op = findOp(node.op);
    let last = node;
    const stages = chain.flatMap((next) => {
      const taken = stagesOf(next, last.output, (v) => this.#operands.of(v));
      assert(taken, `${next.op} is no stage`);
      last = next;
      return taken;
    });
    return {
      op: node.op,
      name: node.name,
      options: { ...op?.defaults, ...node.options },
      inputs: node.inputs.map((v) => v && this.#operands.of(v)),
      outputs: last === node ? node.outputs.map((v) => this.#operands.of(v)) : [this.#operands.of(last.output)],
      stages: [...activationStages(node), ...stages],
    };
  }

  #step({ root, chain }: Group, index: number): Step {
    const node = this.#kernelNode(root, chain);
    const kernel = this.#kernelOf(root);
    const stageInputs = node.stages.flatMap((s) => (s.operand ? [s.operand.value] : []));
    const inputs = [...node.inputs, ...stageInputs];
    const calls: WasmCall[] = [];
    for (const operand of [...inputs, ...node.outputs])
      if (operand && !operand.constant) touch(operand.pointer.buffer, index);
    const name = kernel?.accepts(node, this.#features);
    if (kernel && name !== undefined) {
      kernel.build(node, this.#builder(calls, index));
      this.#shareMemory(kernel, node, index);
    }
    const firstCall = this.#calls;
    this.#calls += calls.length;
    const work = { node: root, inputs: name === undefined ? node.inputs : inputs, outputs: node.outputs };
    return {
      ...work,
      nodes: [root, ...chain],
      kernel: name ?? plainKernel(root.op),
      isPlain: name === undefined,
      calls,
      firstCall,
      isLarge: macsOf(work) >= LARGE_MACS || bytesOf(work) >= LARGE_BYTES,
    };
  }

  /** The last step that reads each buffer; what is read behind the plan lives on. */
  readonly #lastReader = new Map<Buffer, number>();

  #findLastReaders(groups: readonly Group[], results: readonly Value[]): void {
    const read = (value: Value | undefined, step: number) => {
      if (value && !value.constant) this.#lastReader.set(this.#operands.of(value).pointer.buffer, step);
    };
    for (const [i, { root, chain }] of groups.entries())
      for (const node of [root, ...chain]) for (const value of node.inputs) read(value, i);
    for (const value of results) read(value, groups.length);
  }

  /** Lets the output take the memory of an input: always for a view, else of one that nobody needs any more. */
  #shareMemory(kernel: Kernel, node: KernelNode, index: number): void {
    const [output] = node.outputs;
    if (!output || output.isVariable) return;
    const inputs = node.inputs.map((input, i) => ({ input, isSafe: kernel.inPlace?.includes(i) ?? false }));
    const same = node.stages.map((s) => (s.operand?.mode === 'same' ? s.operand.value : undefined));
    const owner = (operand: Operand | undefined) =>
      operand && !operand.constant && !operand.isVariable ? ownerOf(operand.pointer.buffer) : undefined;
    const unsafe = new Set(inputs.flatMap(({ input, isSafe }) => (isSafe ? [] : [owner(input)])));
    const candidates = [...inputs.flatMap(({ input, isSafe }) => (isSafe ? [input] : [])), ...same];
    const free = kernel.isView
      ? node.inputs[0]
      : candidates.find((c) => {
          const buffer = owner(c);
          return c && buffer && !unsafe.has(buffer) && this.#lastReader.get(buffer) === index && sameRoom(c, output);
        });
    const buffer = owner(free);
    if (!buffer) return;
    const last = Math.max(this.#lastReader.get(buffer) ?? -1, this.#lastReader.get(output.pointer.buffer) ?? -1);
    share(output.pointer.buffer, buffer);
    this.#lastReader.set(buffer, last);
  }

  #builder(calls: WasmCall[], index: number): KernelBuilder {
    const operands = this.#operands;
    const functions = this.#functions;
    const module = this.#module;
    return {
      features: this.#features,
      module,
      step: index,
      isShared: this.#options.shared ?? false,
      isRepeated: this.#options.isRepeated ?? false,
      func(key, write) {
        let func = functions.get(key);
        if (!func) {
          func = write(module);
          functions.set(key, func);
        }
        return func;
      },
      data: (bytes, fill) => operands.data(bytes, fill),
      sharedData: (source, key, bytes, fill) => operands.sharedData(source, key, bytes, fill),
      scratch(bytes) {
        const buffer = operands.buffer(bytes);
        touch(buffer, index);
        return at(buffer);
      },
      call: (func, args, units = 1, grain = units) => void calls.push({ func, args, units, grain }),
    };
  }

  #emit(steps: readonly Step[]): void {
    const resolved = (argument: Argument) => i32.const(typeof argument === 'number' ? argument : addressOf(argument));
    const run = this.#module.func('run', 0, () =>
      steps.map(({ calls, isPlain }, i): Code => {
        if (isPlain) return call(this.#js, [i32.const(i)]);
        return calls.map(({ func, args, units }) =>
          call(func, [...args.map(resolved), i32.const(0), i32.const(units)]),
        );
      }),
    );
    this.#module.export('run', run);
    const calls = steps.flatMap((s) => s.calls);
    const part = this.#module.func('part', 3, (_, [index, from, to]) =>
      choose(
        calls.map(({ func, args }) => call(func, [...args.map(resolved), from!.get, to!.get])),
        (n) => i32.ltU(index!.get, i32.const(n)),
      ),
    );
    this.#module.export('part', part);
  }
}

/** Runs one of the bodies, found by halving. */
function choose(bodies: readonly Code[], isBelow: (n: number) => Expr<'i32'>, first = 0): Code {
  if (bodies.length < 2) return bodies;
  const half = bodies.length >> 1;
  return when(
    isBelow(first + half),
    choose(bodies.slice(0, half), isBelow, first),
    choose(bodies.slice(half), isBelow, first + half),
  );
}

const sameRoom = (a: Operand, b: Operand): boolean =>
  a.count === b.count && elementBytes(a.dtype) === elementBytes(b.dtype) && elementBytes(a.dtype) > 0;
