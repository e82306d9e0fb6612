import { ModelError } from '../../../errors.js';
import { activationLayers } from './activations.js';
import { attentions } from './attention.js';
import type { Lower } from './context.js';
import { convolutions } from './convolution.js';
import { denseLayers } from './dense.js';
import { images } from './images.js';
import { merges } from './merge.js';
import { normalizations } from './normalization.js';
import { functionLayers, keras3Operations, reshapeOperation } from './operations.js';
import { pools } from './pooling.js';
import { recurrentLayers } from './recurrent.js';
import { shapes } from './shape.js';
import { wrappers } from './time-distributed.js';

const identity: Lower = (c) => c.input();

/** Layers that do nothing when a model is used. */
const IDENTITIES = [
  'ActivityRegularization',
  'AlphaDropout',
  'Dropout',
  'GaussianDropout',
  'GaussianNoise',
  'Identity',
  'RandomBrightness',
  'RandomContrast',
  'RandomCrop',
  'RandomFlip',
  'RandomHeight',
  'RandomRotation',
  'RandomTranslation',
  'RandomWidth',
  'RandomZoom',
  'SpatialDropout1D',
  'SpatialDropout2D',
  'SpatialDropout3D',
];

/** Steps whose features all equal a value become zeros and do not count. */
const masking: Lower = (c) => {
  const x = c.float(c.input());
  const isOther = c.emit('NOT_EQUAL', [x, c.f32(c.config.number('mask_value', 0))]);
  const counts = c.emit('REDUCE_ANY', [isOther, c.i32([-1])], { keepDims: true });
  const y = c.emit('MUL', [x, c.cast(counts, 'f32')]);
  c.state.masks.set(y, c.emit('SQUEEZE', [counts], { squeezeDims: [c.shapeOf(x).length - 1] }));
  return y;
};

/** What Python code computes cannot be read. */
const lambda: Lower = () => {
  throw new ModelError(
    'unsupported',
    'holds Python code, which cannot be read. Replace it by layers of Keras, or export the model as a SavedModel ' +
      '(model.export) and convert that.',
  );
};

/** Layers of Keras, by class. */
export const layers: Readonly<Record<string, Lower>> = {
  ...activationLayers,
  ...attentions,
  ...convolutions,
  ...denseLayers,
  ...functionLayers,
  ...images,
  ...keras3Operations,
  ...merges,
  ...normalizations,
  ...pools,
  ...recurrentLayers,
  ...shapes,
  ...wrappers,
  ...Object.fromEntries(IDENTITIES.map((name) => [name, identity])),
  // The function of `keras.ops` has the same class name as the layer.
  Reshape: (c) => (c.config.get('newshape') === undefined ? shapes.Reshape : reshapeOperation)?.(c) ?? [],
  Lambda: lambda,
  Masking: masking,
};

/** Layers whose output has the same steps as their input, so that what does not count there does not count here. */
export const keepsMask: ReadonlySet<string> = new Set([
  ...IDENTITIES,
  ...Object.keys(activationLayers),
  'Add',
  'Average',
  'BatchNormalization',
  'Concatenate',
  'Conv1D',
  'Dense',
  'GroupQueryAttention',
  'GroupedQueryAttention',
  'LayerNormalization',
  'Maximum',
  'Minimum',
  'MultiHeadAttention',
  'Multiply',
  'Subtract',
  'TimeDistributed',
]);
