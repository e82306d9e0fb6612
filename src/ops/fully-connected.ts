import type { Shape } from '../ir/tensor.js';
import { defineOp, type VersionFacts } from './define.js';
import { products } from './products.js';
import { invalid, requireRank } from './shapes.js';
import { hasTypes, isPerChannel, namesBiasType } from './version-facts.js';

/**
 * Dense layer: `input · filterᵀ + bias`, with fused activation.
 *
 * - input `[..., I]` (any shape whose elements divide into rows of I), filter `[O, I]`, bias `[O]`
 * - output `[rows, O]`, or the input's shape with O as last size when `keepNumDims`
 *
 * Source: TFLite operator FULLY_CONNECTED; TFLite 8-bit quantization specification.
 */
export const fullyConnected = defineOp({
  name: 'FULLY_CONNECTED',
  litert: {
    xnnpack: ['f32', 'i8', 'u8', 'hybrid', 'hybrid-i4', 'i8-i4'],
    builtin: ['f32', 'f16', 'i8', 'u8', 'i16', 'hybrid', 'hybrid-i4', 'i8-i4'],
    scalar: { f16: 5, i16: 10 },
  },
  inputs: ['input', 'filter', 'bias?'],
  outputs: ['output'],
  weights: { operands: [1], axis: 0, hybrid: true, asymmetricInputs: true },
  version: fullyConnectedVersion,

  infer({ input, filter }, { keepNumDims }) {
    const [o = -1, i = -1] = requireRank(filter.shape, 2, 'filter') ?? [];
    const shape = keepNumDims ? keptShape(input.shape, i, o) : [rows(input.shape, i), o];
    return [{ dtype: input.dtype, shape }];
  },

  reference({ inputs, types: [type], options }) {
    const { input, filter: weights, bias } = inputs;
    const [o = 0, i = 0] = weights.shape;
    const rules = { unit: i, isSymmetric: !options.asymmetricQuantizeInputs, isRealFactor: true };
    const work = products({ input, weights, bias, type: type!, activation: options.fusedActivationFunction, rules });
    const { x, w, out } = work;
    for (let at = 0; at < out.length; at++) {
      const k = at % o;
      const row = Math.floor(at / o);
      let sum = 0;
      for (let d = 0; d < i; d++) sum += x[row * i + d]! * w[k * i + d]!;
      out[at] = work.finish(sum, k, row);
    }
    return [work.tensor()];
  },
});

function keptShape(input: Shape | undefined, i: number, o: number): Shape | undefined {
  if (!input) return undefined;
  const last = input.at(-1) ?? 1;
  if (last >= 0 && i >= 0 && last !== i) throw invalid(`filter expects rows of ${i}, input is [${input}]`);
  return [...input.slice(0, -1), o];
}

/** How many rows of `i` elements the input holds; -1 when unknown. */
function rows(input: Shape | undefined, i: number): number {
  if (!input || i < 0) return -1;
  if (input.length > 0 && input.at(-1) === i) {
    const leading = input.slice(0, -1);
    return leading.includes(-1) ? -1 : leading.reduce((n, d) => n * d, 1);
  }
  if (input.includes(-1) || i === 0) return -1;
  const count = input.reduce((n, d) => n * d, 1);
  if (count % i !== 0) throw invalid(`filter expects rows of ${i}, input is [${input}]`);
  return count / i;
}

function fullyConnectedVersion(facts: VersionFacts): number {
  const { inputs, options } = facts;
  const filter = inputs[1];
  const hybrid = hasTypes(facts, ['f32', 'i8'], 'f32');
  if (filter?.dtype === 'i2') return 14;
  if (hasTypes(facts, ['i16', 'i4'], 'i16')) return 13;
  if (hybrid && isPerChannel(filter, 0)) return 12;
  if (hasTypes(facts, ['i16', 'i8'], 'i16') && namesBiasType(facts)) return 11;
  if (filter?.isSparse) return 8;
  if (hasTypes(facts, ['i16', 'i16'], 'i16')) return 7;
  if (inputs.length === 2) return 6;
  if (options.keepNumDims) return 5;
  if (hasTypes(facts, ['i8', 'i8'], 'i8')) return 4;
  if (hasTypes(facts, ['i8', 'i4'], 'i8')) return 10;
  if (hybrid) return options.asymmetricQuantizeInputs ? 9 : 3;
  return options.weightsFormat === 'SHUFFLED4x16INT8' ? 2 : 1;
}
