import { entry, isObject, type Json, type JsonObject } from './json.js';

/** A layer within a layer: the names that its group may have, and what it is. */
export interface InnerLayer {
  readonly names: readonly string[];
  readonly className: string;
  readonly config: JsonObject;
}

type Find = (config: JsonObject) => readonly InnerLayer[];

const plain = (...names: readonly string[]): InnerLayer => ({ names, className: '', config: {} });

function inner(name: string, json: Json | undefined): InnerLayer {
  const object = isObject(json) ? json : {};
  const config = entry(object, 'config');
  return { names: [name], className: String(entry(object, 'class_name')), config: isObject(config) ? config : {} };
}

const cell: Find = () => [plain('cell')];
const heads = (...names: readonly string[]): readonly InnerLayer[] =>
  names.map((name) => plain(`${name}_dense`, `_${name}_dense`));

/** Layers that own layers, by class: which, in the order of the weights. */
const INNER: Readonly<Record<string, Find>> = {
  Bidirectional: (config) => [
    inner('forward_layer', entry(config, 'layer')),
    inner('backward_layer', entry(config, 'backward_layer') ?? entry(config, 'layer')),
  ],
  ConvLSTM1D: cell,
  ConvLSTM2D: cell,
  ConvLSTM3D: cell,
  GRU: cell,
  GroupQueryAttention: () => heads('query', 'key', 'gate', 'value', 'output'),
  GroupedQueryAttention: () => heads('query', 'key', 'gate', 'value', 'output'),
  LSTM: cell,
  MultiHeadAttention: () => heads('query', 'key', 'gate', 'value', 'output'),
  RNN: (config) => [inner('cell', entry(config, 'cell'))],
  SimpleRNN: cell,
  StackedRNNCells: (config) => {
    const list = entry(config, 'cells');
    const cells = (Array.isArray(list) ? list : []).map((json) => inner('', json));
    const names = numberedNames(cells.map((c) => c.className));
    return cells.map((c, i) => ({ ...c, names: [`cells/${names[i]}`] }));
  },
};

/** The layers within a layer, in the order of their weights; those of a wrapper are in `layer`. */
export function innerLayers(className: string, config: JsonObject): readonly InnerLayer[] {
  if (Object.hasOwn(INNER, className)) return INNER[className]?.(config) ?? [];
  const wrapped = entry(config, 'layer');
  return isObject(wrapped) ? [inner('layer', wrapped)] : [];
}

/** Classes that Keras exports under another name, which stands in `.keras` archives, while the weights go by the class. */
const EXPORTED: Readonly<Record<string, string>> = { GroupQueryAttention: 'GroupedQueryAttention' };

/** Names of the groups of a list of layers, by their classes: the second LSTM is `lstm_1`. */
export function numberedNames(classNames: readonly string[]): string[] {
  const counts = new Map<string, number>();
  return classNames.map((className) => {
    const name = snakeCase(Object.hasOwn(EXPORTED, className) ? (EXPORTED[className] as string) : className);
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    return count === 0 ? name : `${name}_${count}`;
  });
}

/** Keras's name of a class in a weights file: `Conv2DTranspose` is `conv2d_transpose`, `PReLU` is `p_re_lu`. */
function snakeCase(className: string): string {
  return className
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}
