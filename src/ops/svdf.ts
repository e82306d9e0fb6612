import { activate } from './activation.js';
import { defineOp, type VersionFacts } from './define.js';
import { allocateFloats, floats, floatTensor, optionalFloats } from './floats.js';
import { integerSvdf } from './integer-svdf.js';
import { type Affine, affinesOf } from './integers.js';
import { invalid, requireRank } from './shapes.js';
import { hasTypes } from './version-facts.js';
import { inputRow, rowProduct, weightMatrix } from './weight-matrix.js';

/**
 * Filters of low rank over the last inputs: each filter remembers its feature of the last M runs and weighs them; a unit
 * sums `rank` filters, adds its bias and applies the activation.
 *
 * - input `[N, I]`, weightsFeature `[F, I]`, weightsTime `[F, M]`, bias `[F / rank]`, state `[N, F * M]`
 * - output `[N, F / rank]`
 *
 * Source: TFLite operator SVDF.
 */
export const svdf = defineOp({
  name: 'SVDF',
  litert: { xnnpack: [], builtin: ['f32', 'i8', 'hybrid'] },
  inputs: ['input', 'weightsFeature', 'weightsTime', 'bias?', 'state'],
  outputs: ['output'],
  defaults: { rank: 1 },
  impure: true,
  states: ['state'],
  weights: { operands: [1, 2], hybrid: true, asymmetricInputs: true },
  version: svdfVersion,

  infer({ input, weightsFeature }, { rank }) {
    const [n = -1] = requireRank(input.shape, 2, 'input') ?? [];
    const [filters = -1] = requireRank(weightsFeature.shape, 2, 'weightsFeature') ?? [];
    if (rank < 1 || (filters >= 0 && filters % rank !== 0)) throw invalid(`${filters} filters have no rank ${rank}`);
    return [{ dtype: input.dtype, shape: [n, filters < 0 ? -1 : filters / rank] }];
  },

  reference({ inputs, types: [type], options: { rank, fusedActivationFunction, asymmetricQuantizeInputs } }) {
    const meanings = affinesOf([inputs.input, type!]);
    if (meanings) return integerSvdf(inputs, meanings as [Affine, Affine], rank, type!);
    const [n = 0, size = 0] = inputs.input.shape;
    const [filters = 0, memory = 0] = inputs.weightsTime.shape;
    const x = floats(inputs.input);
    const feature = weightMatrix(inputs.weightsFeature);
    const time = floats(inputs.weightsTime);
    const bias = optionalFloats(inputs.bias);
    const state = Float32Array.from(floats(inputs.state));
    state.copyWithin(0, 1);
    const units = filters / rank;
    const sums = new Float64Array(n * units);
    for (let b = 0; b < n; b++) {
      const row = x.subarray(b * size, (b + 1) * size);
      const now = inputRow(row, feature.scale !== undefined, !asymmetricQuantizeInputs);
      for (let f = 0; f < filters; f++) {
        const first = (b * filters + f) * memory;
        state[first + memory - 1] = rowProduct(feature, f, now);
        for (let t = 0; t < memory; t++)
          sums[b * units + Math.floor(f / rank)]! += state[first + t]! * time[f * memory + t]!;
      }
    }
    const out = allocateFloats(type!);
    for (let i = 0; i < out.length; i++)
      out[i] = activate(sums[i]! + (bias?.[i % units] ?? 0), fusedActivationFunction);
    return [floatTensor(type!, out), { ...inputs.state, data: state }];
  },
});

function svdfVersion(facts: VersionFacts): number {
  if (facts.inputs[0]?.dtype === 'i8') return 3;
  if (!hasTypes(facts, ['f32', 'i8'], undefined)) return 1;
  return facts.options.asymmetricQuantizeInputs ? 4 : 2;
}
