import { ModelError } from '../errors.js';
import { allocate, bitsOf, type DType, elementCount, type Quantization, type Tensor } from '../ir/tensor.js';
import { fixedFactor, multiplyByFactor } from '../numerics/fixed-point.js';
import { clamp, roundHalfAway } from '../numerics/round.js';
import { defineOp, type VersionFacts } from './define.js';
import { floats } from './floats.js';
import { LITERT } from './litert.js';
import { hasChannelScales } from './version-facts.js';

/**
 * Numbers to integers: `clamp(round(x / scale) + zeroPoint)`, halves away from zero; integers of another quantization are
 * rescaled. Scale and zero point are those of the output, as is its element type: inference says `i8`, and who
 * makes such a node states the type.
 *
 * Source: TFLite operator QUANTIZE; TFLite 8-bit quantization specification.
 */
export const quantize = defineOp({
  name: 'QUANTIZE',
  litert: LITERT.everywhere,
  inputs: ['input'],
  outputs: ['output'],
  choosesType: true,
  version: quantizeVersion,
  infer: ({ input }) => [{ dtype: 'i8', shape: input.shape }],

  reference({ inputs: { input }, types: [type] }) {
    const { dtype, quantization } = type!;
    if (!quantization || quantization.scale.length === 0)
      throw new ModelError('invalid-graph', 'the output expects a scale and zero point, it has none');
    const { shape } = input;
    const { scale, zeroPoint, axis } = quantization;
    const [low, high] = integerRange(dtype);
    const inner = scale.length === 1 ? 1 : elementCount(shape.slice(axis + 1));
    const steps = stepsOf(input, quantization);
    const data = allocate(dtype, elementCount(shape)) as Int8Array;
    for (let i = 0; i < data.length; i++) {
      const channel = scale.length === 1 ? 0 : Math.floor(i / inner) % scale.length;
      data[i] = clamp(steps(i, channel) + (zeroPoint[channel] ?? 0), low, high);
    }
    return [{ dtype, shape, data, quantization }];
  },
});

/** How many steps of the output's scale an element of the input is; integers go through fixed-point arithmetic. */
function stepsOf(input: Tensor, { scale }: Quantization): (index: number, channel: number) => number {
  const from = input.quantization;
  if (from?.scale.length !== 1 || scale.length !== 1) {
    const x = floats(input);
    return (i, channel) => roundHalfAway(Math.fround(x[i]! / scale[channel]!));
  }
  const factor = fixedFactor(from.scale[0]! / scale[0]!);
  const q = input.data as Int8Array;
  return (i) => multiplyByFactor(q[i]! - (from.zeroPoint[0] ?? 0), factor);
}

/** Least and greatest number of an integer type of at most 32 bits. */
function integerRange(dtype: DType): readonly [number, number] {
  const states = 2 ** bitsOf(dtype);
  return dtype.startsWith('u') ? [0, states - 1] : [-states / 2, states / 2 - 1];
}

function quantizeVersion({ inputs, outputs }: VersionFacts): number {
  const [x, y] = [inputs[0], outputs[0]];
  if (x?.dtype === 'u4' || y?.dtype === 'u4') return 5;
  if (x?.dtype === 'i4' || y?.dtype === 'i4') return 4;
  if (hasChannelScales(y)) return 3;
  return y?.dtype === 'i16' ? 2 : 1;
}
