import type { Hdf5Array } from '../../../bytes/hdf5.js';
import { Constant } from '../../../ir/constant.js';
import { Config } from '../config.js';
import type { LayerCall } from './context.js';

/** The layers for GPUs of Keras 2 and TensorFlow 1: the plain layer that computes the same, and how many gates it has. */
const CUDNN: Readonly<Record<string, { readonly className: string; readonly gates: number }>> = {
  CuDNNGRU: { className: 'GRU', gates: 3 },
  CuDNNLSTM: { className: 'LSTM', gates: 4 },
};

/**
 * A layer for GPUs as the plain one that computes the same; any other as it is. It has the weights of each gate
 * transposed, and two biases, for inputs and states, which an LSTM adds up.
 *
 * Source: `_convert_rnn_weights` of Keras 2.
 */
export function withoutCudnn(c: LayerCall): LayerCall {
  const plain = Object.hasOwn(CUDNN, c.facts.className) ? CUDNN[c.facts.className] : undefined;
  const [kernel, recurrent, bias] = c.facts.weights;
  if (!plain || !kernel || !recurrent || !bias || kernel.shape.length !== 2) return c;
  const { className, gates } = plain;
  const { constants } = c.state;
  // Calls that share the layer share what is made of its weights.
  if (!constants.has(kernel)) {
    constants.set(kernel, transposedGates(kernel, gates));
    constants.set(recurrent, transposedGates(recurrent, gates));
    constants.set(bias, className === 'LSTM' ? halvesAdded(bias) : inTwoRows(bias));
  }
  const given = { activation: 'tanh', recurrent_activation: 'sigmoid', use_bias: true, reset_after: true };
  return c.part({ className, config: new Config({ ...c.config.object, ...given }) });
}

/** `[I, gates O]`, in which the numbers of each gate are those of `[O, I]`. */
function transposedGates(array: Hdf5Array, gates: number): Constant {
  const [inputs = 0, columns = 0] = array.shape;
  const outputs = columns / gates;
  return Constant.lazy('f32', array.shape, () => {
    const from = array.read();
    return Float32Array.from({ length: inputs * columns }, (_, to) => {
      const [i, gate, o] = [Math.floor(to / columns), Math.floor((to % columns) / outputs), to % outputs];
      const at = o * inputs + i; // within the gate
      return Number(from[Math.floor(at / outputs) * columns + gate * outputs + (at % outputs)]);
    });
  });
}

function halvesAdded(array: Hdf5Array): Constant {
  const half = (array.shape[0] ?? 0) / 2;
  return Constant.lazy('f32', [half], () => {
    const from = array.read();
    return Float32Array.from({ length: half }, (_, i) => Number(from[i]) + Number(from[half + i]));
  });
}

const inTwoRows = (array: Hdf5Array): Constant =>
  Constant.lazy('f32', [2, (array.shape[0] ?? 0) / 2], () => Float32Array.from(array.read() as Float32Array));
