import { ModelError } from '../errors.js';
import { elementCount, type Shape, type Tensor, type TensorData } from '../ir/tensor.js';
import { defineOp, type VersionFacts } from './define.js';
import { movableElements } from './elements.js';
import { invalid, normalizeAxis } from './shapes.js';
import { unifiedShape } from './unify.js';
import { blankData, type Movable, wordsOf } from './view.js';

/**
 * Slices of `params` along `axis`, picked by `indices`: output `params[:axis] + indices[batchDims:] + params[axis + 1:]`.
 * The first `batchDims` axes of both go together.
 */
export const gather = defineOp({
  name: 'GATHER',
  inputs: ['params', 'indices'],
  outputs: ['output'],
  weights: { operands: [0], hybrid: false },
  version: gatherVersion,

  infer({ params, indices }, { axis, batchDims }) {
    requireIndices(indices.dtype);
    return [{ dtype: params.dtype, shape: gatheredShape(params.shape, indices.shape, axis, batchDims) }];
  },

  elements({ params, indices }, { axis, batchDims }) {
    const from = movableElements(params);
    const picked = movableElements(indices);
    if (!from || !picked || params.shape?.length !== 1 || batchDims !== 0 || normalizeAxis(axis, 1) !== 0)
      return undefined;
    return [picked.map((i) => (i === undefined ? undefined : from[i]))];
  },

  reference({ inputs: { params, indices }, options }) {
    const shape = gatheredShape(params.shape, indices.shape, options.axis, options.batchDims) as Shape;
    return [gathered(params, indices, shape, options.axis, options.batchDims)];
  },
});

/** @throws {ModelError} `invalid-graph` for types that cannot be indices. */
export function requireIndices(dtype: Tensor['dtype']): void {
  if (dtype !== 'i32' && dtype !== 'i64' && dtype !== 'i16') throw invalid(`indices should be integers, got ${dtype}`);
}

function gatheredShape(
  params: Shape | undefined,
  indices: Shape | undefined,
  option: number,
  batchOption: number,
): Shape | undefined {
  if (!params || !indices) return undefined;
  const axis = normalizeAxis(option, params.length);
  const batch = batchOption < 0 ? batchOption + indices.length : batchOption;
  if (batch < 0 || batch > Math.min(axis, indices.length))
    throw invalid(`${batchOption} batch axes do not fit axis ${axis} and indices [${indices}]`);
  const shared = unifiedShape(params.slice(0, batch), indices.slice(0, batch)) as Shape;
  return [...shared, ...params.slice(batch, axis), ...indices.slice(batch), ...params.slice(axis + 1)];
}

function gathered(params: Tensor, indices: Tensor, shape: Shape, option: number, batchOption: number): Tensor {
  const axis = normalizeAxis(option, params.shape.length);
  const batch = batchOption < 0 ? batchOption + indices.shape.length : batchOption;
  const data = blankData(params.dtype, elementCount(shape));
  const { words, perElement } = wordsOf(params.dtype, params.data);
  const out = wordsOf(params.dtype, data).words;
  const batches = elementCount(params.shape.slice(0, batch));
  const outer = elementCount(params.shape.slice(batch, axis));
  const size = params.shape[axis] as number;
  const run = elementCount(params.shape.slice(axis + 1)) * perElement;
  const picked = indexList(indices.data, size);
  const count = picked.length / Math.max(1, batches);
  let at = 0;
  for (let b = 0; b < batches; b++)
    for (let o = 0; o < outer; o++) {
      const start = (b * outer + o) * size;
      for (let k = 0; k < count; k++, at += run)
        copyRun(words, (start + (picked[b * count + k] as number)) * run, out, at, run);
    }
  return { dtype: params.dtype, shape, data };
}

/** Copies `count` words. */
export function copyRun(from: Movable, start: number, to: Movable, at: number, count: number): void {
  if (count > 16 && ArrayBuffer.isView(from))
    (to as Uint8Array).set(from.subarray(start, start + count) as Uint8Array, at);
  else for (let k = 0; k < count; k++) (to as unknown[])[at + k] = from[start + k];
}

/** Indices as numbers. @throws {ModelError} `invalid-data` for one outside of 0..size-1. */
export function indexList(data: TensorData, size: number): number[] {
  return Array.from(data as ArrayLike<number | bigint>, (x) => {
    const index = Number(x);
    if (index < 0 || index >= size) throw new ModelError('invalid-data', `index ${index} is not within 0..${size - 1}`);
    return index;
  });
}

function gatherVersion({ inputs: [x, i], options }: VersionFacts): number {
  if (x?.dtype === 'f8e4m3' || x?.dtype === 'f8e5m2') return 8;
  if (x?.dtype === 'i4') return 7;
  if (i?.dtype === 'i16') return 6;
  if (options.batchDims !== 0) return 5;
  if (x?.dtype === 'i16') return 4;
  if (x?.dtype === 'bool') return 3;
  return x?.dtype === 'i8' ? 2 : 1;
}
