import { ModelError } from '../errors.js';
import type { Graph, Node, ValueType } from '../ir/graph.js';
import { printType } from '../ir/print.js';
import { isStatic, type Shape, type Tensor } from '../ir/tensor.js';
import { withNode } from '../ops/build.js';

/**
 * Does work for a node of a model that may be damaged. Kernels and rules check what they say they check; what else goes
 * wrong in them (an operand of a type that the operator never has, a size that no array has) is the model's fault as far
 * as anybody can tell, and says which operands the node got.
 * @throws {ModelError} with the node in front, whatever `work` throws; `cause` holds that.
 */
export function atNode<T>(node: Node, work: () => T, inputs?: readonly (ValueType | Tensor | undefined)[]): T {
  return withNode(node.customCode ?? node.op, node.name, () => {
    try {
      return work();
    } catch (cause) {
      if (cause instanceof ModelError) throw cause;
      const types = (inputs ?? node.inputs).map((v) => (v ? printType(v) : '_')).join(', ');
      const options = cause instanceof RangeError ? ' or sizes that memory can hold' : '';
      throw new ModelError(
        'invalid-graph',
        `expected operands that the operator takes${options}, got (${types}). The model may be damaged.`,
        { cause },
      );
    }
  });
}

/**
 * Compiles or runs a graph. What goes wrong outside of its nodes (a trap of WebAssembly, a stack that graphs within
 * graphs fill) becomes an error that names the graph.
 * @throws {ModelError} with the graph in front, whatever `work` throws; `cause` holds that.
 */
export function atGraph<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof ModelError) throw cause;
    throw new ModelError('invalid-graph', `expected a graph that runs, got "${(cause as Error).message}".`, {
      where: `graph '${name}'`,
      cause,
    });
  }
}

/**
 * Compiles or runs a graph for sizes that the model leaves open, and says so where they do not fit it.
 * @throws {ModelError} what `work` throws, `invalid-graph` with the sizes behind it.
 */
export function atOpenSizes<T>({ inputs }: Graph, sizes: readonly Shape[], work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const open = inputs.flatMap(({ name, shape }, i) => (isStatic(shape) ? [] : [`${name}=${sizes[i]}`]));
    if (!(cause instanceof ModelError) || cause.code !== 'invalid-graph' || open.length === 0) throw cause;
    const text = `The model leaves sizes open, which were given as ${open.join(' ')}: give others, such as those of your data.`;
    throw new ModelError(cause.code, `${cause.message.replace(/\.?$/, '.')} ${text}`, { cause });
  }
}
