/** Why a conversion deliberately differs from the recorded one. */
export interface Difference {
  /**
   * - `smaller`: fewer operators with the same results
   * - `converts`: the reference needs Select TF operators, or does not convert
   * - `order`: the same operators in another order
   * - `refused`: the conversion says that operations have no counterpart
   */
  readonly kind: 'smaller' | 'converts' | 'order' | 'refused';
  readonly reason: string;
}

const shapeIsKnown: Difference = {
  kind: 'smaller',
  reason: 'With one unknown size, the number of elements decides the shape: no operators compute it.',
};
const errorFunction: Difference = {
  kind: 'converts',
  reason: 'The error function is written out with builtin operators.',
};

const singlePrecision: Difference = {
  kind: 'converts',
  reason: '64-bit floats are computed in 32-bit ones, and given as 64-bit ones.',
};
const sequence: Difference = {
  kind: 'smaller',
  reason: 'A recurrent cell in a loop from zeros on is one operator for the whole sequence.',
};
const loop: Difference = {
  kind: 'smaller',
  reason: 'An element of a list is written by DYNAMIC_UPDATE_SLICE, not by joining the parts around it.',
};
const loopOfAnyBatch: Difference = {
  kind: 'converts',
  reason: 'Lists of tensors with an unknown size are tensors too; the reference needs Select TF operators.',
};

/** Recorded cases that this package converts differently, by group and name. All others agree. */
export const differencesExpected: Readonly<Record<string, Readonly<Record<string, Difference>>>> = {
  graph_rewrites: {
    'conv2d dil dyn': {
      kind: 'smaller',
      reason: 'The dilated convolution is recovered for an unknown batch as well: both moves treat each sample alike.',
    },
    'split+concat': { kind: 'smaller', reason: 'Parts that are put together again are the whole.' },
    'bn nchw': {
      kind: 'smaller',
      reason: 'Constants are transposed instead of the image, in front of and behind element-wise operators.',
    },
    erf: errorFunction,
    'f64 add': singlePrecision,
    'f64 matmul': singlePrecision,
    'upsample2 pattern': { kind: 'smaller', reason: 'Repeated rows and columns are RESIZE_NEAREST_NEIGHBOR.' },
  },
  keras3_layers_from_keras_model: {
    'Conv1D same dil2': {
      kind: 'smaller',
      reason: 'The dilated convolution is recovered for an unknown batch as well, and takes in the bias.',
    },
    'BN then Conv': {
      kind: 'smaller',
      reason: 'Without padding, a convolution takes in the scale and offset of each input channel.',
    },
    'Dense 3D': {
      kind: 'smaller',
      reason: 'One dense layer keeps the axes: with one unknown size, the shapes in front and behind must agree.',
    },
    'Flatten+Dense': shapeIsKnown,
    Reshape: shapeIsKnown,
    'UpSampling2D nearest': { kind: 'smaller', reason: 'Repeated rows and columns are RESIZE_NEAREST_NEIGHBOR.' },
    UpSampling1D: shapeIsKnown,
    UpSampling3D: shapeIsKnown,
    'ReLU max thr neg': { kind: 'order', reason: 'Two independent branches come in the other order.' },
    GroupNorm: shapeIsKnown,
    RepeatVector: shapeIsKnown,
    'MHA dyn': {
      kind: 'smaller',
      reason: 'The bias for each head goes into the dense layer in front of the RESHAPE for an unknown batch as well.',
    },
    'LSTM b1': sequence,
    'LSTM dyn': loopOfAnyBatch,
    'GRU b1': loop,
    'GRU dyn': loopOfAnyBatch,
    'SimpleRNN b1': sequence,
    'SimpleRNN dyn': loopOfAnyBatch,
    'BiLSTM b1': sequence,
    'ops.erf': errorFunction,
    einsum: { kind: 'smaller', reason: 'A RESHAPE to the shape that is there does nothing.' },
    argmax: { kind: 'converts', reason: 'The sign bit is found with builtin operators.' },
  },
};
