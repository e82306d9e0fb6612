import type { DType, Quantization, Shape, Tensor, TensorData } from '../ir/tensor.js';
import type { NumericsMode } from './compile.js';

export type { NumericsMode };

/** How to run a model. */
export interface LoadOptions {
  /**
   * `fast` (default): the kernels of this runtime. `reference`: every operator by the rules of TFLite's reference kernels,
   * one by one, as a device without an accelerator computes it; slow.
   */
  readonly numerics?: NumericsMode;
  /** Threads to compute with; 1 when absent. */
  readonly threads?: number;
  /**
   * Relaxed SIMD where the engine has it (default true): faster, and rounded once instead of twice where products are
   * added up. Without it every engine gives the same bits.
   */
  readonly relaxedSimd?: boolean;
  /** Most memory that one compiled graph may take, in bytes; what WebAssembly can address, 4 GB, when absent. */
  readonly memoryLimit?: number;
  /**
   * Longest time that one run may take, in ms, before its loops and calls of other graphs give up; none when absent. Loops
   * end after ten million rounds in any case.
   */
  readonly timeLimit?: number;
  /** Shapes of inputs with unknown sizes, by name; unknown sizes are 1 otherwise, until tensors of other shapes come. */
  readonly inputShapes?: Readonly<Record<string, Shape>>;
}

/** An input or output of a signature. */
export interface TensorFacts {
  readonly name: string;
  readonly dtype: DType;
  /** Unknown sizes are -1. */
  readonly shape: Shape;
  /** Not even the number of sizes is known: the shape is empty. */
  readonly isUnranked?: boolean;
  readonly quantization?: Quantization | undefined;
}

export interface SignatureFacts {
  readonly key: string;
  readonly inputs: readonly TensorFacts[];
  readonly outputs: readonly TensorFacts[];
}

/** Plain elements in the order of the input's shape, or a tensor: then its shape may differ where sizes are unknown. */
export type InputTensor = TensorData | { readonly data: TensorData; readonly shape?: Shape; readonly dtype?: DType };
/** Inputs by name, or in the order of the signature. */
export type Inputs = Readonly<Record<string, InputTensor>> | readonly InputTensor[];

export interface RunOptions {
  /** Key of the signature; the first one when absent. */
  readonly signature?: string;
  /** Outputs are views of the runtime's memory, good until the next run, instead of copies. */
  readonly views?: boolean;
}

/** What one node of a model took. */
export interface NodeProfile {
  readonly op: string;
  readonly name: string;
  /** The kernel's variant; nodes that another one computes along are not listed. */
  readonly kernel: string;
  /** Median of the runs; without the nodes of other graphs that it runs. */
  readonly ms: number;
  /** Multiply-accumulates of all times; 0 for operators that have none. */
  readonly macs: number;
  /** Bytes of inputs, weights and outputs, of all times. */
  readonly bytes: number;
  /** The graph, when it is one that a node of another graph runs, such as the body of a loop. */
  readonly graph?: string;
  /** How often it ran, in such a graph. */
  readonly times?: number;
}

/** A model that runs. */
export interface RunnableModel {
  readonly signatures: readonly SignatureFacts[];
  /**
   * Computes the outputs, by name, in the order of the signature.
   * @throws {ModelError} `invalid-data` for inputs that do not fit, `not-found` for names that do not exist.
   */
  run(inputs: Inputs, options?: RunOptions): Record<string, Tensor>;
  /** Compiles for other input shapes now instead of at the next run. */
  resize(shapes: Readonly<Record<string, Shape>>, signature?: string): void;
  /** Sets all states and variables back to the start. */
  reset(): void;
  /** Times every node over `runs` runs (10 when absent). */
  profile(inputs: Inputs, options?: RunOptions & { readonly runs?: number }): readonly NodeProfile[];
  /** Bytes of memory that the compiled graphs hold. */
  readonly memoryBytes: number;
  /** Frees the memory and the threads. The model does not run afterwards. */
  dispose(): void;
}
