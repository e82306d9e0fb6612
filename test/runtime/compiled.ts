import type { Model } from '../../src/ir/graph.js';
import type { Shape, Tensor } from '../../src/ir/tensor.js';
import type { Step } from '../../src/runtime/compile.js';
import { compileLazily, Executable, type ExecutableOptions } from '../../src/runtime/executable.js';
import { allKernels } from '../../src/runtime/kernels/index.js';
import type { RunContext } from '../../src/runtime/plain.js';
import { detectFeatures, type Features } from '../../src/wasm/features.js';
import { PAGE } from '../../src/wasm/host.js';

/** A compiled graph whose memory a test may look into. */
export interface Opened {
  readonly executable: Executable;
  readonly memory: ArrayBuffer;
}

/** Compiles graphs of a model as the runtime does, on one thread, and shows their memories. */
export class OpenModel {
  readonly #model: Model;
  readonly #features: Features;
  readonly #compiled = new Map<string, Opened>();
  readonly #onCompiled: (opened: Opened) => void;
  readonly #onStep: (opened: Opened, step: Step) => void;
  readonly #context: RunContext = {
    resources: new Map(),
    runGraph: (index, inputs) => this.run(index, inputs),
    runLoop: () => undefined,
    checkRound: () => {},
    memoryLimit: () => 2 ** 32,
    runOnce: (index) => void this.run(index, []),
  };

  constructor(
    model: Model,
    onCompiled: (opened: Opened) => void,
    onStep: (opened: Opened, step: Step) => void = () => {},
    features: Features = detectFeatures(),
  ) {
    this.#features = features;
    this.#model = model;
    this.#onCompiled = onCompiled;
    this.#onStep = onStep;
  }

  /** Compiles graph `index` for inputs of these shapes. */
  open(index: number, shapes: readonly Shape[]): Opened {
    const key = `${index}: ${shapes.map((s) => s.join()).join(';')}`;
    let opened = this.#compiled.get(key);
    if (!opened) {
      opened = openGraph(this.#model, index, shapes, this.#context, this.#features);
      this.#compiled.set(key, opened);
      this.#onCompiled(opened);
    }
    return opened;
  }

  /** Runs graph `index` step by step. */
  run(index: number, inputs: readonly Tensor[]): Tensor[] {
    const opened = this.open(
      index,
      inputs.map((t) => t.shape),
    );
    const own = new Set(opened.executable.plan.steps);
    const timer: RunContext['timer'] = {
      time: (_, step, run) => {
        const result = run();
        if (own.has(step as Step)) this.#onStep(opened, step as Step);
        return result;
      },
    };
    const before = this.#context.timer;
    this.#context.timer = timer;
    try {
      return opened.executable.run(inputs);
    } finally {
      this.#context.timer = before;
    }
  }
}

function openGraph(
  model: Model,
  index: number,
  shapes: readonly Shape[],
  context: RunContext,
  features: Features,
): Opened {
  let memory: { readonly buffer: ArrayBuffer } | undefined;
  const host = (globalThis as unknown as { WebAssembly: { Instance: new (module: object, imports: object) => object } })
    .WebAssembly;
  const { Instance } = host;
  const options: ExecutableOptions = {
    numerics: 'fast',
    features,
    kernels: allKernels,
    threads: 1,
    platform: { compile: compileLazily, startThread: undefined },
  };
  try {
    host.Instance = class extends Instance {
      constructor(module: object, imports: object) {
        super(module, imports);
        memory = (imports as { env: { memory: { buffer: ArrayBuffer } } }).env.memory;
      }
    };
    const executable = new Executable(model.graphs[index]!, shapes, options, context);
    if (!memory || memory.buffer.byteLength % PAGE !== 0) throw new Error('no memory was seen');
    return { executable, memory: memory.buffer };
  } finally {
    host.Instance = Instance;
  }
}
