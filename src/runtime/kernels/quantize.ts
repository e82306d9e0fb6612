import { type FakeQuantRange, nudge } from '../../ops/fake-quant.js';
import { f32x4 } from '../../wasm/instructions.js';
import { elementwiseKey, emitElementwise, FLAT_UNIT, type Source } from '../emit/elementwise.js';
import { clampVector } from '../emit/math.js';
import {
  brainSource,
  emitQuantize,
  halfSource,
  QUANTIZE_UNIT,
  type QuantizeSpec,
  quantizedSource,
  roundHalfAway,
} from '../emit/quantize.js';
import { type Stage, stageOperands } from '../emit/stages.js';
import type { Kernel, KernelBuilder, KernelNode, Operand } from '../kernel.js';
import { floatVector } from './vectors.js';

const isInteger = (dtype: string | undefined): dtype is QuantizeSpec['dtype'] =>
  dtype === 'i8' || dtype === 'u8' || dtype === 'i16';

/** Adds the loop over the elements of the first input: what is loaded as floats goes through stages. */
function mapElements(to: KernelBuilder, node: KernelNode, stages: readonly Stage[], source?: Source): void {
  const [input] = node.inputs as [Operand];
  const [output] = node.outputs as [Operand];
  const hasChannels = stages.some((s) => s.operand?.mode === 'channel');
  const channels = hasChannels ? output.shape.at(-1) : undefined;
  const key = elementwiseKey(stages, channels, source);
  const func = to.func(key, (module) => emitElementwise(module, stages, channels, source));
  const units = channels === undefined ? Math.ceil(output.count / FLAT_UNIT) : output.count / channels;
  const operands = stageOperands(stages).map((o) => o.value.pointer);
  to.call(func, [input.pointer, output.pointer, ...operands], units, 1);
}

/** Integers quantized as a whole, or along the last axis around zero. */
function integerSource({ dtype, shape, quantization }: Operand): Source | undefined {
  const { scale = [], zeroPoint = [], axis = 0 } = quantization ?? {};
  if (!isInteger(dtype)) return undefined;
  if (scale.length === 1) return quantizedSource({ dtype, scale: scale[0]!, zeroPoint: zeroPoint[0] ?? 0 });
  const isLast = axis === shape.length - 1 && scale.length === shape[axis];
  return isLast && zeroPoint.every((z) => z === 0) ? quantizedSource({ dtype, scale: 1, zeroPoint: 0 }) : undefined;
}

function sourceOf(operand: Operand): Source | undefined {
  if (operand.dtype === 'f16') return halfSource;
  return operand.dtype === 'bf16' ? brainSource : integerSource(operand);
}

/** Multiplies each channel by its scale. */
function scaleStage(to: KernelBuilder, input: Operand): Stage[] {
  const scale = input.quantization?.scale ?? [];
  if (!isInteger(input.dtype) || scale.length === 1) return [];
  const pointer = floatVector(to, scale as Float32Array, 'scales', scale.length, (i) => scale[i] as number);
  const value: Operand = {
    name: `${input.name} scales`,
    dtype: 'f32',
    shape: [scale.length],
    count: scale.length,
    quantization: undefined,
    constant: undefined,
    pointer,
    isVariable: false,
  };
  return [{ key: 'scale', apply: (_, x, y) => x.set(f32x4.mul(x.get, y!)), operand: { mode: 'channel', value } }];
}

/** DEQUANTIZE of integers and narrow floats. */
export const dequantize: Kernel = {
  ops: ['DEQUANTIZE'],
  fuses: true,
  accepts({ inputs: [input], outputs: [output] }) {
    const isFloat = input && output?.dtype === 'f32' && input.count > 0;
    return isFloat && sourceOf(input) ? `dequantize_${input.dtype}` : undefined;
  },
  build(node, to) {
    const [input] = node.inputs as [Operand];
    mapElements(to, node, [...scaleStage(to, input), ...node.stages], sourceOf(input));
  },
};

/** QUANTIZE of floats, with one scale. */
export const quantize: Kernel = {
  ops: ['QUANTIZE'],
  accepts({ inputs: [input], outputs: [output] }) {
    const isOne = output?.quantization?.scale.length === 1 && output.count > 0;
    return input?.dtype === 'f32' && isOne && isInteger(output.dtype) ? `quantize_${output.dtype}` : undefined;
  },
  build(node, to) {
    const [input] = node.inputs as [Operand];
    const { dtype, quantization, pointer } = node.outputs[0]!;
    const [scale = 1] = quantization!.scale;
    const spec: QuantizeSpec = {
      dtype: dtype as QuantizeSpec['dtype'],
      scale,
      zeroPoint: quantization!.zeroPoint[0] ?? 0,
    };
    const func = to.func(`quantize ${JSON.stringify(spec)}`, (module) => emitQuantize(module, spec));
    to.call(func, [input.pointer, pointer], Math.ceil(input.count / QUANTIZE_UNIT), 1);
  },
};

/** `round((clamp(x) - min) / scale) * scale + min` for the nudged range. */
function fakeQuantStage(options: FakeQuantRange): Stage {
  const { min, max, scale } = nudge(options);
  const inverse = Math.fround(1 / scale);
  return {
    key: `fake_quant ${min} ${max} ${scale}`,
    apply(locals, x) {
      const steps = f32x4.mul(f32x4.sub(clampVector(x.get, min, max), f32x4.const(min)), f32x4.const(inverse));
      return x.set(f32x4.add(f32x4.mul(roundHalfAway(locals, steps), f32x4.const(scale)), f32x4.const(min)));
    },
  };
}

/** FAKE_QUANT of floats. */
export const fakeQuant: Kernel = {
  ops: ['FAKE_QUANT'],
  fuses: true,
  inPlace: [0],
  accepts: ({ inputs: [input], outputs: [output] }) =>
    input?.dtype === 'f32' && output?.dtype === 'f32' && input.count > 0 ? 'fake_quant' : undefined,
  build(node, to) {
    mapElements(to, node, [fakeQuantStage(node.options as unknown as FakeQuantRange), ...node.stages]);
  },
};

/** Operators between floats and the types they are stored in. */
export const quantization: readonly Kernel[] = [dequantize, quantize, fakeQuant];
