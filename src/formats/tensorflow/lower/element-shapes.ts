import type { Shape } from '../../../ir/tensor.js';
import type { TfNode, TfTensorRef } from '../graph.js';

/**
 * What is read out of lists tells the shapes of their elements where the lists themselves do not: name of the node that
 * makes a list -> the shape that a node states which joins its elements, behind the loop that writes them.
 */
export function elementShapes(nodes: readonly TfNode[]): ReadonlyMap<string, Shape> {
  const found = new Map<string, Shape>();
  for (const node of nodes) {
    const shape = statedShape(node);
    const list = node.inputs[node.op === 'TensorListStack' ? 0 : 2];
    const maker = shape?.every((d) => d >= 0) && list ? makerOf(list) : undefined;
    if (shape && maker && /^TensorListReserve$|^TensorArrayV3$/.test(maker.op)) found.set(maker.name, shape);
  }
  return found;
}

function statedShape({ op, inputs, attrs }: TfNode): Shape | undefined {
  if (op === 'TensorArrayGatherV3' && attrs.has('element_shape')) return attrs.shape('element_shape');
  const value = op === 'TensorListStack' ? inputs[1]?.node.value : undefined;
  return value?.shape.length === 1 ? value.numbers() : undefined;
}

/** The node that made what comes out of loops and identities. */
function makerOf(ref: TfTensorRef): TfNode {
  let { node, index } = ref;
  for (;;) {
    const passed = /^(Stateless)?While$/.test(node.op) ? node.inputs[index] : undefined;
    const before = node.op === 'Identity' ? node.inputs[0] : passed;
    if (!before) return node;
    ({ node, index } = before);
  }
}
