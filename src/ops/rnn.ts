import type { Shape, Tensor } from '../ir/tensor.js';
import type { ActivationFunctionType } from '../schema/tflite.gen.js';
import { activate } from './activation.js';
import { type Args, defineOp, type KnownValue, type Op, type VersionFacts } from './define.js';
import { allocateFloats, floats, floatTensor, optionalFloats } from './floats.js';
import { mergeFeatures, runSequence, type StepLayout, stepLayout } from './sequence.js';
import { requireRank } from './shapes.js';
import { inputRow, rowProduct, weightMatrix } from './weight-matrix.js';

const BIDIRECTIONAL_INPUTS = [
  'input',
  'fwWeights',
  'fwRecurrentWeights',
  'fwBias',
  'fwHiddenState',
  'bwWeights',
  'bwRecurrentWeights',
  'bwBias',
  'bwHiddenState',
  'auxInput?',
  'fwAuxWeights?',
  'bwAuxWeights?',
] as const;

/**
 * Plain recurrent layers: `h = activation(bias + W x + R h)`, and the output is h. One step (RNN), a sequence, or a
 * sequence read in both directions; an auxiliary input with weights of its own adds to both, one without them is what the
 * backward direction reads.
 *
 * - input `[N, I]` for RNN, else `[N, T, I]`, or `[T, N, I]` with `timeMajor`
 * - weights `[U, I]`, recurrent weights `[U, U]`, bias `[U]`, hidden state `[N, U]`
 * - output: the input's leading sizes and U; both directions side by side with `mergeOutputs`
 *
 * Source: TFLite operators RNN, UNIDIRECTIONAL_SEQUENCE_RNN, BIDIRECTIONAL_SEQUENCE_RNN.
 */
export const rnns: readonly Op[] = [
  defineOp({
    name: 'RNN',
    litert: { xnnpack: [], builtin: ['f32', 'hybrid'] },
    inputs: ['input', 'weights', 'recurrentWeights', 'bias', 'hiddenState'],
    outputs: ['output'],
    impure: true,
    states: ['hiddenState'],
    version: rnnVersion,
    infer({ input, weights }) {
      const [n = -1] = requireRank(input.shape, 2, 'input') ?? [];
      return [{ dtype: input.dtype, shape: [n, units(weights)] }];
    },
    reference({ inputs, types: [type], options }) {
      const [n = 0] = inputs.input.shape;
      const layout = { batches: n, steps: 1, row: (b: number) => b };
      const { out, state } = run(layout, inputs, options);
      return [floatTensor(type!, out), state];
    },
  }),
  defineOp({
    name: 'UNIDIRECTIONAL_SEQUENCE_RNN',
    litert: { xnnpack: [], builtin: ['f32', 'hybrid'] },
    inputs: ['input', 'weights', 'recurrentWeights', 'bias', 'hiddenState'],
    outputs: ['output'],
    impure: true,
    states: ['hiddenState'],
    weights: { operands: [1, 2], hybrid: true, asymmetricInputs: true },
    version: rnnVersion,
    infer({ input, weights }) {
      const [a = -1, b = -1] = requireRank(input.shape, 3, 'input') ?? [];
      return [{ dtype: input.dtype, shape: [a, b, units(weights)] }];
    },
    reference({ inputs, types: [type], options }) {
      const layout = stepLayout(inputs.input.shape, options.timeMajor);
      const { out, state } = run(layout, inputs, options);
      return [floatTensor(type!, out), state];
    },
  }),
  defineOp({
    name: 'BIDIRECTIONAL_SEQUENCE_RNN',
    litert: { xnnpack: [], builtin: ['f32', 'hybrid'] },
    inputs: BIDIRECTIONAL_INPUTS,
    outputs: ['fwOutput', 'bwOutput'],
    impure: true,
    states: ['fwHiddenState', 'bwHiddenState'],
    version: rnnVersion,
    infer({ input, fwWeights, bwWeights }, { mergeOutputs }) {
      const [a = -1, b = -1] = requireRank(input.shape, 3, 'input') ?? [];
      const [fw, bw] = [units(fwWeights), units(bwWeights)];
      const sizes = mergeOutputs ? [fw < 0 || bw < 0 ? -1 : fw + bw] : [fw, bw];
      return sizes.map((size): { dtype: typeof input.dtype; shape: Shape } => ({
        dtype: input.dtype,
        shape: [a, b, size],
      }));
    },
    reference({ inputs, types, options }) {
      const layout = stepLayout(inputs.input.shape, options.timeMajor);
      const fw = run(layout, directed(inputs, 'fw'), options);
      const bw = run({ ...layout, backward: true }, directed(inputs, 'bw'), options);
      const outputs = options.mergeOutputs ? [mergeFeatures(fw.out, bw.out, layout)] : [fw.out, bw.out];
      return [...outputs.map((out, i) => floatTensor(types[i]!, out)), fw.state, bw.state];
    },
  }),
];

const units = (weights: KnownValue): number => requireRank(weights.shape, 2, 'weights')?.[0] ?? -1;

interface RnnTensors {
  readonly input: Tensor;
  readonly weights: Tensor;
  readonly recurrentWeights: Tensor;
  readonly bias: Tensor;
  readonly hiddenState: Tensor;
  readonly auxInput?: Tensor | undefined;
  readonly auxWeights?: Tensor | undefined;
}

function directed(inputs: Args<typeof BIDIRECTIONAL_INPUTS, Tensor>, side: 'fw' | 'bw'): RnnTensors {
  const { input, auxInput } = inputs;
  const auxWeights = inputs[`${side}AuxWeights`];
  return {
    input: side === 'bw' && auxInput && !auxWeights ? auxInput : input,
    weights: inputs[`${side}Weights`],
    recurrentWeights: inputs[`${side}RecurrentWeights`],
    bias: inputs[`${side}Bias`],
    hiddenState: inputs[`${side}HiddenState`],
    auxInput: auxWeights && auxInput,
    auxWeights,
  };
}

interface RnnOptions {
  readonly fusedActivationFunction: ActivationFunctionType | number;
  readonly asymmetricQuantizeInputs: boolean;
}

function run(
  layout: StepLayout,
  tensors: RnnTensors,
  { fusedActivationFunction, asymmetricQuantizeInputs }: RnnOptions,
): { readonly out: Float32Array; readonly state: Tensor } {
  const [size = 0, features = 0] = tensors.weights.shape;
  const x = floats(tensors.input);
  const aux = optionalFloats(tensors.auxInput);
  const auxFeatures = tensors.auxWeights?.shape[1] ?? 0;
  const [w, r] = [weightMatrix(tensors.weights), weightMatrix(tensors.recurrentWeights)];
  const auxWeights = tensors.auxWeights && weightMatrix(tensors.auxWeights);
  const bias = floats(tensors.bias);
  const isHybrid = w.scale !== undefined || r.scale !== undefined;
  const prepared = (all: Float32Array, row: number, count: number) =>
    inputRow(all.subarray(row * count, (row + 1) * count), isHybrid, !asymmetricQuantizeInputs);
  const state = Float32Array.from(floats(tensors.hiddenState));
  const out = allocateFloats({ dtype: 'f32', shape: [layout.batches, layout.steps, size] });
  runSequence(layout, (batch, row) => {
    const now = prepared(x, row, features);
    const beside = aux && prepared(aux, row, auxFeatures);
    const before = prepared(state.slice(batch * size, (batch + 1) * size), 0, size);
    for (let u = 0; u < size; u++) {
      let sum = bias[u]! + rowProduct(w, u, now);
      if (beside && auxWeights) sum += rowProduct(auxWeights, u, beside);
      const h = activate(sum + rowProduct(r, u, before), fusedActivationFunction);
      state[batch * size + u] = h;
      out[row * size + u] = h;
    }
  });
  return { out, state: { ...tensors.hiddenState, data: state } };
}

function rnnVersion({ inputs, outputs, options }: VersionFacts): number {
  if (inputs[1]?.dtype !== 'i8' || outputs[0]?.dtype !== 'f32') return 1;
  return options.asymmetricQuantizeInputs ? 3 : 2;
}
