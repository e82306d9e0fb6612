import { Config } from '../config.js';
import { isObject } from '../json.js';
import { functionName, type Lower } from './context.js';
import { overSteps } from './steps.js';

/** A layer, or a whole model, on every step. */
const timeDistributed: Lower = (c) => {
  const layer = c.config.layer('layer');
  const config = new Config(isObject(layer.config) ? layer.config : {});
  const className = functionName(layer) ?? '';
  const { wrapped } = c.facts;
  return overSteps(c, c.input(), (steps) =>
    wrapped ? wrapped([steps]) : c.state.lowerLayer(c.part({ className, config, args: [{ tensor: steps }] })),
  );
};

/** Layers around others. */
export const wrappers = { TimeDistributed: timeDistributed } satisfies Readonly<Record<string, Lower>>;
