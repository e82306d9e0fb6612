import type { Hdf5Array } from '../../bytes/hdf5.js';
import type { Config } from './config.js';
import { type Layer, modelWithin, type Topology } from './topology.js';

interface Named {
  readonly name: string;
  readonly array: Hdf5Array;
}

/** Names of the weights of layers, in their order, by the class. */
const KERNELS = ['kernel', 'bias'];
const CELLS = ['kernel', 'recurrent_kernel', 'bias'];
const AFFINE = ['gamma', 'beta'];
const WEIGHTS: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^(Dense|EinsumDense|Conv[123]D(Transpose)?|Convolution2D)$/, KERNELS],
  [/^DepthwiseConv/, ['depthwise_kernel', ...KERNELS]],
  [/^SeparableConv/, ['depthwise_kernel', 'pointwise_kernel', 'bias']],
  [/^(Sync)?BatchNormalization/, [...AFFINE, 'moving_mean', 'moving_variance']],
  [/^(Layer|Group)Normalization$/, AFFINE],
  [/^Embedding$/, ['embeddings']],
  [/^(CuDNN)?(LSTM|GRU)$|^SimpleRNN$|^ConvLSTM/, CELLS],
  [/^Bidirectional$/, [...CELLS, ...CELLS]],
  [/^PReLU$/, ['alpha']],
];
/** Flags of a configuration without which a weight is not there. */
const FLAGS: Readonly<Record<string, string>> = { beta: 'center', bias: 'use_bias', gamma: 'scale' };

/** The weights of a layer by the names that Keras gives them. */
function namesOf(className: string, config: Config): string[] {
  const names = WEIGHTS.find(([classes]) => classes.test(className))?.[1] ?? [];
  return names.filter((name) => FLAGS[name] === undefined || config.bool(FLAGS[name], true));
}

const layersOf = (topology: Topology): Layer[] =>
  topology.layers.flatMap((layer) => {
    const model = modelWithin(layer);
    return model ? layersOf(model) : [layer];
  });

/**
 * The weights of each layer where their names are those that Keras gives the weights of a layer (`kernel`, `bias`), in the
 * order of the layers; those that are not trained may stand behind all others. Undefined where they are not all of the
 * layers of the model.
 */
export function weightsInOrder(
  topology: Topology,
  arrays: readonly Named[],
): Map<Layer, readonly Hdf5Array[]> | undefined {
  if (arrays.length === 0 || arrays.some(({ name }) => name.includes('/'))) return undefined;
  const plain = arrays.map(({ name }) => name.replace(/:0$/, '').replace(/_\d+$/, ''));
  const open = layersOf(topology).map((layer) => ({ layer, names: namesOf(layer.className, layer.config) }));
  const found = new Map(open.map(({ layer }) => [layer, [] as Hdf5Array[]]));
  let next = 0;
  for (let before = -1; before < next; ) {
    before = next;
    for (const { layer, names } of open)
      for (let at = names.indexOf(plain[next] ?? ''); at >= 0; at = names.indexOf(plain[next] ?? '')) {
        found.get(layer)?.push((arrays[next++] as Named).array);
        names.splice(0, at + 1);
      }
  }
  return next === arrays.length ? found : undefined;
}
