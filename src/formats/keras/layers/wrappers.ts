import type { Value } from '../../../ir/graph.js';
import { Config } from '../config.js';
import { isObject, type JsonObject } from '../json.js';
import { functionName, type LayerCall, type Lower } from './context.js';
import { overSteps } from './steps.js';

/** A layer of a configuration on `x`, with the weights of the call or those that are given. */
function inner(c: LayerCall, layer: JsonObject, x: Value, weights = c.facts.weights): readonly Value[] {
  const config = new Config(isObject(layer.config) ? layer.config : {});
  const className = functionName(layer) ?? '';
  return c.state.lowerLayer(c.part({ className, config, weights, args: [{ tensor: x }], kwargs: {} }));
}

/** A layer, or a whole model, on every step. */
const timeDistributed: Lower = (c) => {
  const { wrapped } = c.facts;
  return overSteps(c, c.input(), (steps) => (wrapped ? wrapped([steps]) : inner(c, c.config.layer('layer'), steps)));
};

/** The kernel is stored divided by its norm; beside it, and again among the weights, is the vector `[1, O]` that finds that norm. */
const spectralNormalization: Lower = (c) => {
  const layer = c.config.layer('layer');
  const { weights } = c.facts;
  const vector = weights.findIndex(({ shape }) => shape.length === 2 && shape[0] === 1);
  const rest = weights.filter((_, i) => i !== vector);
  const count = isObject(layer.config) && layer.config.use_bias === false ? 1 : 2;
  return inner(c, layer, c.input(), vector > 1 ? rest.slice(0, count) : rest.slice(-count));
};

/** One layer after the other. */
const pipeline: Lower = (c) => {
  const layers = c.config.get('layers');
  const list = Array.isArray(layers) ? layers.filter(isObject) : [];
  return list.reduce((x, layer) => inner(c, layer, x)[0] ?? x, c.input());
};

/** Layers around others. */
export const wrappers = {
  Pipeline: pipeline,
  SpectralNormalization: spectralNormalization,
  TimeDistributed: timeDistributed,
} satisfies Readonly<Record<string, Lower>>;
