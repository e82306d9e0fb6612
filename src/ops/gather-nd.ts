import { ModelError } from '../errors.js';
import { elementCount, type Shape, type Tensor } from '../ir/tensor.js';
import { defineOp, type VersionFacts } from './define.js';
import { copyRun, requireIndices } from './gather.js';
import { invalid, stridesOf } from './shapes.js';
import { blankData, wordsOf } from './view.js';

/**
 * Slices of `params` at the index vectors in the last axis of `indices`, of length k: output
 * `indices[:-1] + params[k:]`.
 */
export const gatherNd = defineOp({
  name: 'GATHER_ND',
  inputs: ['params', 'indices'],
  outputs: ['output'],
  version: gatherNdVersion,
  infer({ params, indices }) {
    requireIndices(indices.dtype);
    return [{ dtype: params.dtype, shape: gatheredShape(params.shape, indices.shape) }];
  },
  reference({ inputs: { params, indices } }) {
    const shape = gatheredShape(params.shape, indices.shape) as Shape;
    const starts = sliceStarts(indices, params.shape);
    const { words, perElement } = wordsOf(params.dtype, params.data);
    const run = elementCount(params.shape.slice(indices.shape.at(-1))) * perElement;
    const data = blankData(params.dtype, elementCount(shape));
    const out = wordsOf(params.dtype, data).words;
    for (const [i, start] of starts.entries()) copyRun(words, start * perElement, out, i * run, run);
    return [{ dtype: params.dtype, shape, data }];
  },
});

function gatheredShape(params: Shape | undefined, indices: Shape | undefined): Shape | undefined {
  if (indices && indices.length < 1) throw invalid('indices expect at least rank 1, got a scalar');
  const depth = indices?.at(-1) ?? -1;
  if (!params || !indices || depth === -1) return undefined;
  if (depth > params.length) throw invalid(`indices of ${depth} axes do not fit params [${params}]`);
  return [...indices.slice(0, -1), ...params.slice(depth)];
}

/**
 * Where the slices that index vectors pick start, in elements of a row-major tensor of that shape.
 * @throws {ModelError} `invalid-data` for an index out of range.
 */
export function sliceStarts(indices: Tensor, shape: Shape): number[] {
  const depth = indices.shape.at(-1) as number;
  const strides = stridesOf(shape);
  const list = Array.from(indices.data as ArrayLike<number | bigint>, Number);
  const count = elementCount(indices.shape.slice(0, -1));
  return Array.from({ length: count }, (_, i) => {
    let start = 0;
    for (let k = 0; k < depth; k++) {
      const index = list[i * depth + k] as number;
      if (index < 0 || index >= (shape[k] as number))
        throw new ModelError('invalid-data', `index ${index} is not within axis ${k} of [${shape}]`);
      start += index * (strides[k] as number);
    }
    return start;
  });
}

function gatherNdVersion({ inputs: [x, i] }: VersionFacts): number {
  if (x?.dtype === 'f8e4m3' || x?.dtype === 'f8e5m2') return 6;
  if (x?.dtype === 'bool') return 5;
  if (i?.dtype === 'i16') return 4;
  if (x?.dtype === 'i16') return 3;
  return x?.dtype === 'string' ? 2 : 1;
}
