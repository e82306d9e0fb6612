import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import { activated } from './activations.js';
import type { LayerCall, Lower } from './context.js';

/** `x · weights + bias` over the last axis, for weights `[I, O]` that are kept as `[O, I]`. */
export function product(c: LayerCall, x: Value, weights: Value, bias: Value | undefined): Value {
  const filter = c.transpose(weights, [1, 0]);
  return c.emit('FULLY_CONNECTED', [x, filter, bias], { keepNumDims: c.shapeOf(x).length !== 2 });
}

const dense: Lower = (c) => {
  const kernel = c.weight(0, 'kernel');
  if (kernel.shape?.length !== 2)
    throw new ModelError('malformed-file', `kernel expects 2 axes, has [${kernel.shape}]`);
  const bias = c.config.bool('use_bias', true) ? c.weight(1, 'bias') : undefined;
  return activated(c, product(c, c.float(c.input()), kernel, bias));
};

/** Rows by index; those of a float input are cut to whole numbers. A mask leaves out index 0. */
const embedding: Lower = (c) => {
  const x = c.input();
  const indices = c.cast(x, 'i32');
  const rows = c.emit('GATHER', [c.weight(0, 'embeddings'), indices], { axis: 0, batchDims: 0 });
  if (c.config.bool('mask_zero', false)) c.state.masks.set(rows, c.emit('NOT_EQUAL', [indices, c.i32(0)]));
  return rows;
};

/** A product by an equation such as `abc,cd->abd`: axes that the output does not have are summed. */
const einsumDense: Lower = (c) => {
  const equation = c.config.string('equation').replaceAll(' ', '');
  const [, input = '', kernel = '', output = ''] = /^([.a-zA-Z]+),([a-zA-Z]+)->([.a-zA-Z]+)$/.exec(equation) ?? [];
  const summed = [...kernel].filter((axis) => input.includes(axis) && !output.includes(axis)).join('');
  const free = [...kernel].filter((axis) => !summed.includes(axis)).join('');
  const leading = [...input].filter((axis) => !summed.includes(axis)).join('');
  const bias = c.has(1) ? c.weight(1, 'bias') : undefined;
  const isPlain = kernel === summed + free && input === leading + summed && output === leading + free;
  if (summed !== '' && isPlain)
    return activated(c, projected(c, c.float(c.input()), c.weight(0, 'kernel'), bias, summed.length));
  const isPermuted = sameAxes(input, leading + summed) && sameAxes(output, leading + free);
  if (summed === '' || equation.includes('.') || !isPermuted)
    throw new ModelError(
      'unsupported',
      `has the equation '${equation}'; only products over summed axes are known here.`,
    );
  const x = c.transpose(c.float(c.input()), orderOf(input, leading + summed));
  const weights = c.transpose(c.weight(0, 'kernel'), orderOf(kernel, summed + free));
  const y = c.transpose(projected(c, x, weights, undefined, summed.length), orderOf(leading + free, output));
  return activated(c, bias ? c.emit('ADD', [y, bias]) : y);
};

/** Whether axes are the same ones in another order, each once. */
const sameAxes = (a: string, b: string): boolean => new Set(a).size === a.length && [...a].sort().join() === [...b].sort().join(); // biome-ignore format: short

/** The permutation that brings axes from one order into another. */
const orderOf = (from: string, to: string): number[] => [...to].map((axis) => from.indexOf(axis));

/** Cosines of random directions, of Keras 2: `cos(x kernel / scale + bias)`. A scale that is trained is listed first. */
const randomFourierFeatures: Lower = (c) => {
  const first = c.facts.weights.findIndex(({ shape }) => shape.length === 2);
  if (first < 0) throw new ModelError('malformed-file', 'a kernel of 2 axes expected among the weights');
  const scale = c.weight(first === 0 ? 2 : 0, 'kernel_scale');
  const kernel = c.emit('DIV', [c.weight(first, 'kernel'), scale]);
  return c.emit('COS', [product(c, c.float(c.input()), kernel, c.weight(first + 1, 'bias'))]);
};

/**
 * A product with weights of any rank: the first `summed` axes meet the last ones of the input, the others take their
 * place. The bias has the shape of those, or of a part of them.
 */
export function projected(c: LayerCall, x: Value, kernel: Value, bias: Value | undefined, summed: number): Value {
  const shape = kernel.shape ?? [];
  const [inner, outer] = [shape.slice(0, summed), shape.slice(summed)];
  const size = (list: readonly number[]): number => list.reduce((a, b) => a * b, 1);
  const all = c.shapeOf(x);
  const leading = all.slice(0, all.length - summed);
  const flat = summed === 1 ? x : c.reshape(x, [...leading, size(inner)], x);
  const isWhole = bias !== undefined && size(bias.shape ?? []) === size(outer);
  const flatBias = isWhole && bias ? c.reshapeWeights(bias, [size(outer)]) : undefined;
  const y = product(c, flat, c.reshapeWeights(kernel, [size(inner), size(outer)]), flatBias);
  const shaped = outer.length === 1 ? y : c.reshape(y, [...leading, ...outer], x);
  return bias && !isWhole ? c.emit('ADD', [shaped, bias]) : shaped;
}

/** Products with weights. */
export const denseLayers: Readonly<Record<string, Lower>> = {
  Dense: dense,
  EinsumDense: einsumDense,
  Embedding: embedding,
  RandomFourierFeatures: randomFourierFeatures,
};
