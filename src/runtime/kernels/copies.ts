import type { Shape } from '../../ir/tensor.js';
import { partView } from '../../ops/join.js';
import { reversedView } from '../../ops/reverse.js';
import { normalizeAxis } from '../../ops/shapes.js';
import { type Masks, stridedView } from '../../ops/strided-slice.js';
import { tiledView } from '../../ops/tile.js';
import { broadcastView, mergedAxes, permutedView, type View, wholeView, windowView } from '../../ops/view.js';
import type { BuiltinName } from '../../schema/tflite.gen.js';
import { type Pointer, shifted } from '../buffers.js';
import { type CopySpec, copyKey, copyName, copyUnits, emitCopy } from '../emit/copy.js';
import type { Kernel, KernelBuilder, KernelNode, Operand } from '../kernel.js';
import { elementBytes } from '../operands.js';

/** Elements of one operand that go to another one. */
export interface Copy {
  readonly source: Operand;
  readonly from: View;
  readonly target: Operand;
  readonly to: View;
}

const option = (node: KernelNode, name: string): number => Number(node.options[name] ?? 0);

/** The elements of a constant operand. */
function numbers(operand: Operand | undefined): number[] | undefined {
  const data = operand?.constant?.data();
  return data && Array.from(data as ArrayLike<number | bigint>, Number);
}

/** The whole output shows a view of the first input. */
const viewed = ({ inputs: [source], outputs: [target] }: KernelNode, from: View | undefined): Copy[] | undefined =>
  source && target && from ? [{ source, from, target, to: wholeView(from.shape) }] : undefined;

const shapeOf = (operand: Operand | undefined): Shape => operand?.shape ?? [];

/** The parts of a whole one behind another along an axis, with the size that each has there. */
function partViews(whole: Shape, axis: number, sizes: readonly number[]): View[] {
  let start = 0;
  return sizes.map((size) => {
    start += size;
    return partView(whole, axis, start - size, size);
  });
}

/** The outputs are parts of `source` along an axis. */
function parted({ outputs }: KernelNode, source: Operand | undefined, option: number, isNewAxis: boolean) {
  const shape = shapeOf(source);
  const axis = normalizeAxis(option, shape.length);
  const views = partViews(
    shape,
    axis,
    outputs.map((o) => (isNewAxis ? 1 : (o.shape[axis] as number))),
  );
  return source && outputs.map((target, i) => ({ source, from: views[i]!, target, to: wholeView(views[i]!.shape) }));
}

/** The inputs are parts of the output along an axis. */
function joined({ inputs, outputs: [target] }: KernelNode, option: number, isNewAxis: boolean): Copy[] | undefined {
  const shape = shapeOf(target);
  const axis = normalizeAxis(option, shape.length);
  const views = partViews(
    shape,
    axis,
    inputs.map((x) => (isNewAxis ? 1 : (shapeOf(x)[axis] as number))),
  );
  return (
    target &&
    inputs.flatMap((source, i) => (source ? [{ source, from: wholeView(views[i]!.shape), target, to: views[i]! }] : []))
  );
}

/** What each operator copies; undefined when a position is not constant. */
const COPIES: Readonly<Partial<Record<BuiltinName, (node: KernelNode) => readonly Copy[] | undefined>>> = {
  BROADCAST_TO: (node) => viewed(node, broadcastView(wholeView(shapeOf(node.inputs[0])), shapeOf(node.outputs[0]))),
  CONCATENATION: (node) =>
    (node.options.fusedActivationFunction ?? 'NONE') === 'NONE' && hasOneScale(node)
      ? joined(node, option(node, 'axis'), false)
      : undefined,
  EXPAND_DIMS: whole,
  FILL({ inputs: [, source], outputs: [target] }) {
    if (!source || !target) return undefined;
    return [{ source, from: broadcastView(wholeView([]), target.shape), target, to: wholeView(target.shape) }];
  },
  PACK: (node) => joined(node, option(node, 'axis'), true),
  RESHAPE: whole,
  REVERSE_V2(node) {
    const axes = numbers(node.inputs[1]);
    return viewed(node, axes && reversedView(wholeView(shapeOf(node.inputs[0])), axes));
  },
  SLICE(node) {
    const begin = numbers(node.inputs[1]);
    return viewed(node, begin && windowView(wholeView(shapeOf(node.inputs[0])), begin, shapeOf(node.outputs[0])));
  },
  SPLIT(node) {
    const [axis] = numbers(node.inputs[0]) ?? [];
    return axis === undefined ? undefined : parted(node, node.inputs[1], axis, false);
  },
  SPLIT_V(node) {
    const [axis] = numbers(node.inputs[2]) ?? [];
    return axis === undefined ? undefined : parted(node, node.inputs[0], axis, false);
  },
  SQUEEZE: whole,
  STRIDED_SLICE(node) {
    const [input, ...lists] = node.inputs;
    const [begin, end, strides] = lists.map(numbers);
    if (!begin || !end || !strides) return undefined;
    return viewed(node, stridedView(shapeOf(input), { begin, end, strides }, node.options as unknown as Masks));
  },
  TILE(node) {
    const times = numbers(node.inputs[1]);
    return viewed(node, times && tiledView(shapeOf(node.inputs[0]), times));
  },
  TRANSPOSE(node) {
    const order = numbers(node.inputs[1]);
    return viewed(node, order && permutedView(wholeView(shapeOf(node.inputs[0])), order));
  },
  UNPACK: (node) => parted(node, node.inputs[0], option(node, 'axis'), true),
};

function whole(node: KernelNode): Copy[] | undefined {
  return viewed(node, wholeView(shapeOf(node.inputs[0])));
}

/** Quantized parts can be copied only when the numbers mean the same in the whole. */
function hasOneScale({ inputs, outputs: [output] }: KernelNode): boolean {
  const facts = (operand: Operand | undefined) =>
    operand?.quantization && [...operand.quantization.scale, ...operand.quantization.zeroPoint].join();
  return inputs.every((input) => !facts(input) || facts(input) === facts(output));
}

/** The copy in bytes. */
export function copySpec(from: View, to: View, bytes: number): CopySpec {
  const axes = mergedAxes(from, to).map((a) => ({ size: a.size, from: a.from * bytes, to: a.to * bytes }));
  const inner = axes.at(-1);
  const isRun = inner?.from === bytes && inner.to === bytes;
  return isRun ? { axes: axes.slice(0, -1), run: inner.size * bytes } : { axes, run: bytes };
}

/** Adds the call that copies a view of `source` to one of `target`. */
export function copy(to: KernelBuilder, source: Pointer, from: View, target: Pointer, at: View, bytes: number): void {
  if (from.shape.includes(0)) return;
  const spec = copySpec(from, at, bytes);
  const func = to.func(copyKey(spec), (module) => emitCopy(module, spec));
  to.call(func, [shifted(source, from.offset * bytes), shifted(target, at.offset * bytes)], copyUnits(spec), 1);
}

const copiesOf = (node: KernelNode): readonly Copy[] | undefined => COPIES[node.op as BuiltinName]?.(node);

/** Operators that only move elements: copies between windows on tensors. */
export const copies: Kernel = {
  ops: Object.keys(COPIES) as BuiltinName[],

  accepts(node) {
    const isHeld = [...node.outputs, node.inputs[0]].every((o) => o && elementBytes(o.dtype) > 0);
    const copies = isHeld ? copiesOf(node) : undefined;
    if (!copies || copies.some(({ source, target }) => source.dtype !== target.dtype)) return undefined;
    const [first] = copies.filter((c) => c.target.count > 0);
    return first ? copyName(copySpec(first.from, first.to, elementBytes(first.source.dtype))) : 'copy_nothing';
  },

  build(node, to) {
    for (const { source, from, target, to: at } of copiesOf(node)!)
      copy(to, source.pointer, from, target.pointer, at, elementBytes(source.dtype));
  },
};
