import { ModelError } from '../../../errors.js';
import { activationLayers } from './activations.js';
import { attentions } from './attention.js';
import type { Lower } from './context.js';
import { convolutions } from './convolution.js';
import { denseLayers } from './dense.js';
import { encodings } from './encodings.js';
import { AUGMENTATIONS, IDENTITIES } from './identities.js';
import { images } from './images.js';
import { lookups } from './lookups.js';
import { merges } from './merge.js';
import { normalizations } from './normalization.js';

import { pools } from './pooling.js';
import { recurrentLayers } from './recurrent.js';
import { shapes } from './shape.js';
import { spectra } from './spectra.js';
import { functionLayers } from './tensorflow-functions.js';
import { nodeLayers } from './tensorflow-nodes.js';
import { wrappers } from './wrappers.js';

const identity: Lower = (c) => c.input();

const asFloats: Lower = (c) => c.float(c.input());

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
  ...encodings,
  ...functionLayers,
  ...images,
  ...lookups,
  ...merges,
  ...nodeLayers,
  ...normalizations,
  ...pools,
  ...recurrentLayers,
  ...shapes,
  ...spectra,
  ...wrappers,
  ...Object.fromEntries(IDENTITIES.map((name) => [name, identity])),
  ...Object.fromEntries(AUGMENTATIONS.map((name) => [name, asFloats])),
  Lambda: lambda,
  Masking: masking,
};
