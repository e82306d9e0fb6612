import { elementCount, type Tensor } from '../ir/tensor.js';
import { fixedFactor, multiplyByFactor, saturate16 } from '../numerics/fixed-point.js';
import type { OutputType } from './define.js';
import { type Affine, requantizer } from './integers.js';

/** The operator's tensors; weights of time and state are 16-bit integers, or weights of time 8-bit ones. */
export interface SvdfTensors {
  readonly input: Tensor;
  readonly weightsFeature: Tensor;
  readonly weightsTime: Tensor;
  readonly bias?: Tensor | undefined;
  readonly state: Tensor;
}

const scaleOf = ({ quantization }: Tensor): number => quantization?.scale[0] ?? 1;

/** SVDF of 8-bit integers: features and units are rescaled sums, the state holds 16 bits. */
export function integerSvdf(
  { input, weightsFeature, weightsTime, bias, state: before }: SvdfTensors,
  [from, to]: readonly [Affine, Affine],
  rank: number,
  type: OutputType,
): readonly [Tensor, Tensor] {
  const [n = 0, size = 0] = input.shape;
  const [filters = 0, memory = 0] = weightsTime.shape;
  const [x, feature, time] = [input, weightsFeature, weightsTime].map((t) => t.data as Int8Array) as Int8Array[];
  const state = Int16Array.from(before.data as Int16Array);
  const round = Math.fround;
  const toState = fixedFactor(round(round(from.scale * scaleOf(weightsFeature)) / scaleOf(before)));
  const finish = requantizer(round(round(scaleOf(before) * scaleOf(weightsTime)) / to.scale), to);
  const out = new Int8Array(elementCount(type.shape ?? []));
  const units = filters / rank;
  state.copyWithin(0, 1);
  for (let b = 0; b < n; b++)
    for (let u = 0; u < units; u++) {
      let sum = (bias?.data as Int32Array | undefined)?.[u] ?? 0;
      for (let f = u * rank; f < (u + 1) * rank; f++) {
        const first = (b * filters + f) * memory;
        let now = 0;
        for (let i = 0; i < size; i++) now += (x![b * size + i]! - from.zeroPoint) * feature![f * size + i]!;
        state[first + memory - 1] = saturate16(multiplyByFactor(now, toState));
        for (let t = 0; t < memory; t++) sum += state[first + t]! * time![f * memory + t]!;
      }
      out[b * units + u] = finish(sum);
    }
  return [
    { dtype: to.dtype, shape: type.shape ?? [], data: out, quantization: type.quantization },
    { ...before, data: state },
  ];
}
