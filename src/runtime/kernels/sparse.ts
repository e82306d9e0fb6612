import type { Constant } from '../../ir/constant.js';
import { type Pointer, shifted } from '../buffers.js';
import { ENTRY_BYTES, emitSparse, HEAD_BYTES, type SparseSpec, sparseKey, sparseScratchBytes } from '../emit/sparse.js';
import { stageOperands } from '../emit/stages.js';
import type { Kernel, KernelBuilder, KernelNode } from '../kernel.js';
import { sourceOf } from '../sources.js';
import { geometryOf, groupsOf, isPointwise } from './convolution.js';
import { biasVector } from './vectors.js';

/** A product of rows `[m, k]` and constant weights `[n, k]`. */
interface Sizes {
  readonly m: number;
  readonly k: number;
  readonly n: number;
}

/** The sizes of a node that is such a product. */
function sizesOf(node: KernelNode): Sizes | undefined {
  const [input, weights] = node.inputs;
  if (!input || !weights) return undefined;
  if (node.op === 'CONV_2D') {
    const g = geometryOf(node);
    if (!isPointwise(g) || groupsOf(g) !== 1) return undefined;
    return { m: g.images * g.outHeight * g.outWidth, k: g.channels, n: g.filters };
  }
  const [n = 0, k = 0] = weights.shape;
  return { m: input.count / k, k, n };
}

/** Share of zeros from which on it is faster than a dense product, and the sizes. */
const SPARSE = 0.6;
const MIN_ROWS = 16;
const MIN_SIDE = 8;

const isLargeEnough = ({ m, k, n }: Sizes): boolean => m >= MIN_ROWS && k >= MIN_SIDE && n >= MIN_SIDE;

/** What is known of constants: how many elements are not zero; of dense ones, `Infinity`. */
const counted = new WeakMap<Constant, number>();
const SAMPLES = 256;

/** Elements of weights that are not zero; `Infinity` when most are not. A sample tells dense ones. */
function nonzeros(constant: Constant): number {
  const known = counted.get(constant);
  if (known !== undefined) return known;
  const source = sourceOf(constant);
  if (source.dtype !== 'f32' && source.dtype !== 'f16') return Infinity;
  const data = source.data() as Float32Array | Uint16Array;
  const negativeZero = source.dtype === 'f16' ? 0x8000 : 0;
  const count = (step: number) => {
    let sum = 0;
    for (let i = 0; i < data.length; i += step) if (data[i] !== 0 && data[i] !== negativeZero) sum++;
    return sum;
  };
  // An odd step meets all columns of sizes that are powers of two.
  const step = Math.floor(data.length / SAMPLES) | 1;
  const isDense = count(step) * step > (1 - SPARSE + 0.15) * data.length;
  const all = isDense ? Infinity : count(1);
  const result = all > (1 - SPARSE) * data.length ? Infinity : all;
  counted.set(constant, result);
  return result;
}

/** Rows to take together: as many as stay in registers with what is loaded, and fewer. */
const LARGE = 28;
const SMALL = 16;
/** Bytes of a block that the first-level cache holds beside other things. */
const CACHED_BYTES = 56 * 1024;

/** Rows to take together. Where a large block leaves the cache a small one is better, but each block reads all weights. */
const blockFor = ({ m, k }: Sizes): number => (k * LARGE * 4 > CACHED_BYTES && m >= 4 * LARGE ? SMALL : LARGE);

/** The weights as the stream that {@link SparseSpec} describes. */
function streamOf(to: KernelBuilder, constant: Constant, { k, n }: Sizes, block: number): Pointer {
  // A column without weights has an entry too.
  const bytes = n * HEAD_BYTES + (nonzeros(constant) + n) * ENTRY_BYTES;
  return to.sharedData(constant, `sparse ${k} ${n} ${block}`, bytes, (view) => {
    const data = constant.data() as Float32Array;
    const words = new Int32Array(view.buffer, view.byteOffset, bytes / 4);
    const values = new Float32Array(view.buffer, view.byteOffset, bytes / 4);
    let at = 0;
    for (let column = 0; column < n; column++) {
      const head = at++;
      for (let i = 0; i < k; i++) {
        const weight = data[column * k + i] as number;
        if (weight === 0 && !(i === k - 1 && at === head + 1)) continue;
        words[at++] = i * block * 4;
        values[at++] = weight;
      }
      words[head] = (at - head - 1) * 4;
    }
  });
}

/** Parts that several threads may compute at a time, each in a scratch of its own. */
const PARTS = 16;

/** CONV_2D 1x1 and FULLY_CONNECTED whose constant float weights are mostly zeros. */
export const sparse: Kernel = {
  ops: ['CONV_2D', 'FULLY_CONNECTED'],
  fuses: true,

  accepts(node) {
    const [input, weights, bias] = node.inputs;
    if (input?.dtype !== 'f32' || node.outputs[0]?.dtype !== 'f32') return undefined;
    if (!weights?.constant || weights.dtype !== 'f32') return undefined;
    const sizes = sizesOf(node);
    if (!sizes || !isLargeEnough(sizes) || (bias && bias.count !== sizes.n)) return undefined;
    if (nonzeros(weights.constant) === Infinity) return undefined;
    return `sparse_f32_${blockFor(sizes)}`;
  },

  build(node, to) {
    const sizes = sizesOf(node)!;
    const { m, k, n } = sizes;
    const block = blockFor(sizes);
    const blocks = Math.floor(m / block);
    const rest = m % block;
    const stream = streamOf(to, node.inputs[1]!.constant!, sizes, block);
    const bias = biasVector(to, node.inputs[2], n);
    const perScratch = Math.max(1, Math.ceil(blocks / (to.isShared ? PARTS : 1)));
    const a = node.inputs[0]!.pointer;
    const c = node.outputs[0]!.pointer;
    const { stages } = node;
    const common = { k, n, stages };
    const scratch = to.scratch(Math.max(1, Math.ceil(blocks / perScratch)) * sparseScratchBytes({ k, block }));
    const add = (spec: SparseSpec, first: number, units: number) => {
      const func = to.func(sparseKey(spec), (module) => emitSparse(module, spec));
      const operands = stageOperands(stages).map(({ mode, value: { pointer } }) =>
        mode === 'same' ? shifted(pointer, first * n * 4) : pointer,
      );
      const args = [shifted(a, first * k * 4), scratch, stream, shifted(c, first * n * 4), bias, ...operands];
      to.call(func, args, units, spec.perScratch);
    };
    if (blocks > 0) add({ ...common, block, rows: block, perScratch }, 0, blocks);
    if (rest > 0) add({ ...common, block, rows: rest, perScratch: 1 }, blocks * block, 1);
  },
};
