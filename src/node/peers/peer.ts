import type { Tensor } from '../../ir/tensor.js';

/** Another runtime with a model and its inputs, ready to be timed. */
export interface Peer {
  /** Name, version and build: `LiteRT 2.5.3 relaxed`. */
  readonly label: string;
  /** Milliseconds for loading and compiling the model; loading the runtime itself is not in it. */
  readonly loadMs: number;
  /** Copies the inputs in, runs, and copies the outputs out. */
  run(): Promise<unknown>;
  /** Largest difference of the first run's outputs from ours; absent when the models are not the same file. */
  readonly largestDifference?: () => number;
  dispose(): void;
}

/** What a peer needs to know. */
export interface PeerRequest {
  /** The `.tflite` file, and the signature and inputs with which it runs. */
  readonly bytes: () => Uint8Array;
  readonly signature: string;
  readonly inputs: Readonly<Record<string, Tensor>>;
  /** What the model, in its first state, gave for them here. */
  readonly outputs: Readonly<Record<string, Tensor>>;
  readonly threads: number;
  /** For random inputs of a model that is not the same file. */
  readonly seed: number;
  /** A model in the peer's own format, for runtimes that cannot read `.tflite`. */
  readonly modelFile?: string;
}
