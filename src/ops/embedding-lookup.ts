import { elementCount } from '../ir/tensor.js';
import { defineOp, type VersionFacts } from './define.js';
import { floats, floatTensor } from './floats.js';
import { copyRun, indexList } from './gather.js';
import { invalid, requireRank } from './shapes.js';
import { blankData, wordsOf } from './view.js';

/**
 * Rows of `value`, picked by the vector `ids`. Rows of quantized integers come out as float32.
 *
 * - ids `[N]`, value `[rows, …]`; output `[N, …]`
 */
export const embeddingLookup = defineOp({
  name: 'EMBEDDING_LOOKUP',
  litert: { xnnpack: [], builtin: ['f32', 'hybrid', 'hybrid-i4'] },
  inputs: ['ids', 'value'],
  outputs: ['output'],
  weights: { operands: [1], axis: 0, hybrid: true },
  version: embeddingVersion,
  infer({ ids, value }) {
    const [count = -1] = requireRank(ids.shape, 1, 'ids') ?? [];
    if (value.shape && value.shape.length < 2) throw invalid(`value expects at least rank 2, got [${value.shape}]`);
    const dtype = value.quantization ? 'f32' : value.dtype;
    return [{ dtype, shape: value.shape && [count, ...value.shape.slice(1)] }];
  },
  reference({ inputs: { ids, value: stored } }) {
    const { shape } = stored;
    const value = stored.quantization ? floatTensor({ dtype: 'f32', shape }, floats(stored)) : stored;
    const [rows = 0, ...row] = value.shape;
    const picked = indexList(ids.data, rows);
    const { words, perElement } = wordsOf(value.dtype, value.data);
    const run = elementCount(row) * perElement;
    const data = blankData(value.dtype, picked.length * elementCount(row));
    const out = wordsOf(value.dtype, data).words;
    for (const [i, index] of picked.entries()) copyRun(words, index * run, out, i * run, run);
    return [{ dtype: value.dtype, shape: [picked.length, ...row], data }];
  },
});

function embeddingVersion({ inputs: [, value] }: VersionFacts): number {
  if (value?.dtype === 'i2') return 5;
  const scales = value?.quantization?.scale.length ?? 0;
  return value?.dtype === 'i4' || (scales > 1 && scales === value?.shape?.[0]) ? 4 : 1;
}
