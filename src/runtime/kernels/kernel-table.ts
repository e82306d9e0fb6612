import type { Features } from '../../wasm/features.js';
import type { Kernel, KernelNode } from '../kernel.js';

/** Kernels by operator; of those for one operator, the first that accepts a node computes it. */
export class KernelTable {
  readonly #byOp = new Map<string, Kernel[]>();

  constructor(kernels: readonly Kernel[]) {
    for (const kernel of kernels)
      for (const op of kernel.ops) this.#byOp.set(op, [...(this.#byOp.get(op) ?? []), kernel]);
  }

  /** Operators that have kernels. */
  get operators(): ReadonlySet<string> {
    return new Set(this.#byOp.keys());
  }

  /** The kernel that computes a node, or undefined: then the operator's reference kernel does. */
  find(node: KernelNode, features: Features): Kernel | undefined {
    return this.#byOp.get(node.op)?.find((kernel) => kernel.accepts(node, features) !== undefined);
  }
}
