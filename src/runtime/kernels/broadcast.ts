import type { Shape } from '../../ir/tensor.js';
import type { BuiltinName } from '../../schema/tflite.gen.js';
import { type BroadcastSpec, broadcastKey, broadcastUnits, collapsedAxes, emitBroadcast } from '../emit/broadcast.js';
import { stageOperands } from '../emit/stages.js';
import type { Kernel, KernelNode, Operand } from '../kernel.js';
import { elementBytes } from '../operands.js';
import { elementwiseOps, floatBinary } from './stages.js';
import { integerDivisions, selection, type TypedFunction, typedFunction, typedOps } from './typed-functions.js';

/** Integers without a scale stand for themselves. */
const isPlain = ({ quantization }: Operand): boolean => !quantization || quantization.scale.length === 0;

/** True for constants of integers without a zero. */
const hasNoZero = ({ constant }: Operand): boolean =>
  constant !== undefined && (constant.data() as Int32Array).every((x) => x !== 0);

/** The function of a node, on vectors. */
function functionOf(node: KernelNode): TypedFunction | undefined {
  const { op, inputs, outputs, stages } = node;
  const [a, b] = inputs;
  const [output] = outputs;
  if (!a || !output || outputs.length !== 1 || elementBytes(output.dtype) === 0 || output.count === 0) return undefined;
  if (op === 'SELECT' || op === 'SELECT_V2')
    return output.dtype === b?.dtype ? selection(elementBytes(output.dtype)) : undefined;
  if (op !== 'CAST' && b && b.dtype !== a.dtype) return undefined;
  if (a.dtype === 'f32' && output.dtype === 'f32' && b) {
    const apply = floatBinary(op);
    return apply && { lanes: 4, apply: (locals, [x, y], out) => apply(locals, x!, y!, out) };
  }
  if (!isPlain(a) || !isPlain(output) || (output.dtype !== 'f32' && stages.length > 0)) return undefined;
  if (a.dtype === 'i32' && b && op in integerDivisions && hasNoZero(b)) return integerDivisions[op];
  return typedFunction(op, a.dtype, output.dtype);
}

/** A vector of conditions of SELECT is one for each row. */
const shapeOf = ({ op }: KernelNode, { shape }: Operand, index: number, rank: number): Shape =>
  op === 'SELECT' && index === 0 && shape.length === 1 && rank > 1
    ? [...shape, ...new Array<number>(rank - 1).fill(1)]
    : shape;

function specOf(node: KernelNode): BroadcastSpec | undefined {
  const f = functionOf(node);
  const [output] = node.outputs;
  const operands = node.inputs.flatMap((v) => v ?? []);
  if (!f || !output || operands.length !== node.inputs.length) return undefined;
  const { shape, dtype } = output;
  const hasChannels = node.stages.some((s) => s.operand?.mode === 'channel');
  const shapes = operands.map((v, i) => shapeOf(node, v, i, shape.length));
  if (shapes.some((s) => s.length > shape.length)) return undefined;
  return {
    key: `${node.op} ${operands[0]?.dtype} ${dtype}`,
    operands: operands.map((v) => elementBytes(v.dtype)),
    outBytes: elementBytes(dtype),
    lanes: f.lanes,
    axes: collapsedAxes(shape, shapes, hasChannels),
    hasChannels,
    stages: node.stages,
    apply: f.apply,
  };
}

/** Elementwise operators of any operands that broadcast to one another, and of integers and truth values. */
export const broadcast: Kernel = {
  ops: [...new Set([...elementwiseOps, ...typedOps, 'SELECT', 'SELECT_V2'])] as BuiltinName[],
  fuses: true,
  inPlace: [0, 1, 2],

  accepts: (node) => specOf(node) && `broadcast_${node.inputs.at(-1)?.dtype}`,

  build(node, to) {
    const spec = specOf(node)!;
    const func = to.func(broadcastKey(spec), (module) => emitBroadcast(module, spec));
    const pointers = [...node.inputs, node.outputs[0]].map((v) => v!.pointer);
    const stagePointers = stageOperands(spec.stages).map((o) => o.value.pointer);
    to.call(func, [...pointers, ...stagePointers], broadcastUnits(spec), 1);
  },
};
