import type { DType, Quantization, Shape, Tensor, TensorData } from '../ir/tensor.js';

export type NumericsMode = 'fast' | 'reference';

export interface LoadOptions {
  readonly numerics?: NumericsMode;
  readonly threads?: number;
  /** Shapes for inputs with unknown sizes, by name. */
  readonly inputShapes?: Readonly<Record<string, Shape>>;
}

export interface TensorFacts {
  readonly name: string;
  readonly dtype: DType;
  /** Unknown sizes are -1. */
  readonly shape: Shape;
  readonly quantization?: Quantization;
}

export interface SignatureFacts {
  readonly key: string;
  readonly inputs: readonly TensorFacts[];
  readonly outputs: readonly TensorFacts[];
}

export type InputTensor = TensorData | { readonly data: TensorData; readonly shape?: Shape; readonly dtype?: DType };
export type Inputs = Readonly<Record<string, InputTensor>> | readonly InputTensor[];

export interface RunOptions {
  readonly signature?: string;
  /** Outputs are views that the next run overwrites. */
  readonly views?: boolean;
}

export interface NodeProfile {
  readonly op: string;
  readonly name: string;
  readonly kernel: string;
  readonly ms: number;
  readonly macs: number;
  readonly bytes: number;
}

/** A model that runs. Call {@link RunnableModel.dispose} when done. */
export interface RunnableModel {
  readonly signatures: readonly SignatureFacts[];
  run(inputs: Inputs, options?: RunOptions): Record<string, Tensor>;
  resize(shapes: Readonly<Record<string, Shape>>, signature?: string): void;
  reset(): void;
  profile(inputs: Inputs, options?: RunOptions & { readonly runs?: number }): readonly NodeProfile[];
  dispose(): void;
}
