import { floats } from '../../ops/floats.js';
import { emitSvdf, type SvdfSpec, svdfKey, svdfUnitFloats } from '../emit/svdf.js';
import type { Kernel, KernelNode } from '../kernel.js';
import { areGateWeights, isHybridProduct, isVector, multiplyGates } from './gates.js';
import { cellActivation } from './steps.js';
import { biasVector } from './vectors.js';
import { weightsKind } from './weights.js';

function specOf({ inputs, options }: KernelNode): SvdfSpec | undefined {
  const [input, , time] = inputs;
  const activation = cellActivation(options.fusedActivationFunction ?? 'NONE');
  if (input?.shape.length !== 2 || time?.shape.length !== 2 || !activation) return undefined;
  const [filters = 0, memory = 0] = time.shape;
  return { batches: input.shape[0]!, filters, memory, rank: Number(options.rank), activation };
}

/** SVDF: the features of all filters as one product, float or hybrid; then what the filters remember, weighed. */
export const svdf: Kernel = {
  ops: ['SVDF'],

  accepts(node) {
    const [input, feature, time, bias, state] = node.inputs;
    const spec = specOf(node);
    if (!spec || input?.dtype !== 'f32' || node.outputs[0]?.dtype !== 'f32') return undefined;
    const { batches, filters, memory, rank } = spec;
    if (batches < 1 || memory < 1 || filters % rank !== 0 || feature?.shape[0] !== filters) return undefined;
    if (!areGateWeights([feature], input.shape[1]!) || !time?.constant || !weightsKind(time, 0, filters))
      return undefined;
    if (!isVector(bias, filters / rank) || !state?.isVariable || state.dtype !== 'f32') return undefined;
    if (state.count !== batches * filters * memory) return undefined;
    return isHybridProduct([feature], batches) ? 'svdf_hybrid' : 'svdf_f32';
  },

  build(node, to) {
    const [input, feature, time, bias, state] = node.inputs;
    const spec = specOf(node)!;
    const { batches, filters, rank, memory } = spec;
    const features = to.scratch(batches * filters * 4);
    const source = { pointer: input!.pointer, rows: batches, size: input!.shape[1]! };
    multiplyGates(to, source, [feature!], { pointer: features, rowBytes: filters * 4, bias: [undefined] });
    const units = filters / rank;
    const [length, size] = [rank * memory, svdfUnitFloats(spec)];
    const weights = to.data(units * size * 4, (view) => {
      const out = new Float32Array(view.buffer, view.byteOffset, units * size);
      const data = floats({ ...time!.constant!.tensor(), quantization: time!.quantization });
      for (let u = 0; u < units; u++) out.set(data.subarray(u * length, (u + 1) * length), u * size);
    });
    const func = to.func(svdfKey(spec), (module) => emitSvdf(module, spec));
    to.call(func, [features, state!.pointer, weights, biasVector(to, bias, units), node.outputs[0]!.pointer]);
  },
};
