import type { Constant } from '../ir/constant.js';
import type { Options } from '../ir/graph.js';
import type { DType, Quantization, Shape } from '../ir/tensor.js';
import type { BuiltinName } from '../schema/tflite.gen.js';
import type { Features } from '../wasm/features.js';
import type { Func, WasmModule } from '../wasm/module.js';
import type { Pointer } from './buffers.js';
import type { Stage } from './emit/stages.js';

/** An input or output of a node whose kernel is being chosen or built. */
export interface Operand {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
  /** Elements in all. */
  readonly count: number;
  readonly quantization: Quantization | undefined;
  readonly constant: Constant | undefined;
  /** Where the elements are: for a constant, a copy of it that is made when somebody asks. */
  readonly pointer: Pointer;
  /** A state: it keeps its contents between runs. */
  readonly isVariable: boolean;
}

/** A node with all that a kernel may ask of it. Shapes are static. */
export interface KernelNode {
  readonly op: string;
  readonly name: string;
  /** With the operator's defaults. */
  readonly options: Options;
  readonly inputs: readonly (Operand | undefined)[];
  readonly outputs: readonly Operand[];
  /** Elementwise operations to apply to the result before it is stored; only for kernels that say `fuses`. */
  readonly stages: readonly Stage[];
}

/** An argument of a kernel function. */
export type Argument = number | Pointer;

/** A call of a kernel function: `func(...args, from, to)` computes the units `from` to `to - 1`. */
export interface WasmCall {
  readonly func: Func;
  readonly args: readonly Argument[];
  readonly units: number;
  /** Units are handed out in multiples of this, so that tiles stay whole. */
  readonly grain: number;
}

/** What a kernel uses to turn a node into calls. */
export interface KernelBuilder {
  readonly features: Features;
  readonly module: WasmModule;
  /** The step of the plan that the node becomes. */
  readonly step: number;
  /** Several threads compute parts of a call at a time. */
  readonly isShared: boolean;
  /** The calls run over and over, as those of the steps of a sequence do: what is small stays in the caches. */
  readonly isRepeated: boolean;
  /** The function of that key, written when it is first asked for. Kernels of equal specification share it. */
  func(key: string, write: (module: WasmModule) => Func): Func;
  /** Constant bytes, such as packed weights. `fill` writes them into a view when the memory exists. */
  data(bytes: number, fill: (view: Uint8Array) => void): Pointer;
  /** Constant data that several nodes may share: the same source and key give the same copy. */
  sharedData(source: object, key: string, bytes: number, fill: (view: Uint8Array) => void): Pointer;
  /** Room that only this node uses, while it runs. */
  scratch(bytes: number): Pointer;
  /** Adds a call. The units are rows, panels or the like: see {@link WasmCall}. */
  call(func: Func, args: readonly Argument[], units?: number, grain?: number): void;
}

/** How some operators are computed fast. */
export interface Kernel {
  readonly ops: readonly BuiltinName[];
  /** It applies {@link KernelNode.stages} to its only output. */
  readonly fuses?: boolean;
  /** The output may lie in the memory of this input, when nothing else needs that any more and both are as large. */
  readonly inPlace?: readonly number[];
  /** The output is the memory of the first input; {@link build} adds no calls. */
  readonly isView?: boolean;
  /** The name of the variant that computes the node, such as `gemm_f32_4x8`; undefined when it is not its case. */
  accepts(node: KernelNode, features: Features): string | undefined;
  build(node: KernelNode, to: KernelBuilder): void;
}
