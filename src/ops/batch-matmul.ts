import { elementCount, type Shape, type Tensor } from '../ir/tensor.js';
import { defineOp, type OutputType, type VersionFacts } from './define.js';
import { type Products, products } from './products.js';
import { broadcastShapes, invalid, stridesOf } from './shapes.js';
import { hasTypes } from './version-facts.js';
import { permutedView, viewedTensor, wholeView } from './view.js';

/**
 * Matrix products over broadcast leading axes; `adjX` and `adjY` transpose the last two axes of an operand.
 *
 * - x `[..., M, K]`, y `[..., K, N]`, both of rank 2 or more; output `[..., M, N]`
 *
 * Integer products may also ask for `i32` outputs, which inference cannot tell.
 * Source: TFLite operator BATCH_MATMUL.
 */
export const batchMatmul = defineOp({
  name: 'BATCH_MATMUL',
  litert: {
    xnnpack: ['f32', 'i8', 'hybrid'],
    builtin: ['f32', 'i8', 'i16', 'hybrid'],
    scalar: { i16: 15 },
  },
  inputs: ['x', 'y'],
  outputs: ['output'],
  choosesType: true,
  weights: { operands: [1], hybrid: true, asymmetricInputs: true },
  version: batchMatmulVersion,

  infer({ x, y }, { adjX, adjY }) {
    if (!x.shape || !y.shape) return [{ dtype: x.dtype, shape: undefined }];
    const [m, k] = matrix(x.shape, adjX);
    const [k2, n] = matrix(y.shape, adjY);
    if (k >= 0 && k2 >= 0 && k !== k2) throw invalid(`x has rows of ${k}, y has columns of ${k2}`);
    const batch = broadcastShapes(x.shape.slice(0, -2), y.shape.slice(0, -2)) as Shape;
    return [{ dtype: x.dtype, shape: [...batch, m, n] }];
  },

  reference({ inputs: { x, y }, types: [type], options: { adjX, adjY, asymmetricQuantizeInputs } }) {
    const input = adjX ? withSwappedEnd(x) : x;
    const [m, k] = matrix(input.shape, false);
    const [, n] = matrix(y.shape, adjY);
    const rules = { unit: k, isSymmetric: !asymmetricQuantizeInputs, isWide: x.dtype === 'i16' };
    const operands = { input, weights: y, type: type!, activation: 'NONE' as const, rules };
    const work = type!.dtype === 'i32' ? plainSums(input, y, type!) : products(operands);
    const batch = (type!.shape ?? []).slice(0, -2);
    const xAt = batchOffsets(batch, input.shape);
    const yAt = batchOffsets(batch, y.shape);
    const [yRow, yColumn] = adjY ? [1, k] : [n, 1];
    let at = 0;
    for (let i = 0; i < xAt.length; i++)
      for (let r = 0; r < m; r++)
        for (let c = 0; c < n; c++) {
          const from = xAt[i]! + r * k;
          let sum = 0;
          for (let d = 0; d < k; d++) sum += work.x[from + d]! * work.w[yAt[i]! + d * yRow + c * yColumn]!;
          work.out[at++] = work.finish(sum, c, from / k);
        }
    return [work.tensor()];
  },
});

/** The last two axes change places. */
function withSwappedEnd(x: Tensor): Tensor {
  const axes = [...x.shape.keys()];
  const view = permutedView(wholeView(x.shape), [...axes.slice(0, -2), axes.at(-1)!, axes.at(-2)!]);
  return { ...viewedTensor(x, view), quantization: x.quantization };
}

/** Of 8-bit integers with 32-bit results: neither zero points nor scales count. */
function plainSums(x: Tensor, y: Tensor, { dtype, shape = [] }: OutputType): Products {
  const out = new Int32Array(elementCount(shape));
  const finish = (sum: number) => sum;
  return { x: x.data as Int8Array, w: y.data as Int8Array, out, finish, tensor: () => ({ dtype, shape, data: out }) };
}

/** Rows and columns of an operand as it is multiplied. */
function matrix(shape: Shape, adjoint: boolean): readonly [number, number] {
  if (shape.length < 2) throw invalid(`operands expect rank 2 or more, got [${shape}]`);
  const [rows, columns] = shape.slice(-2) as [number, number];
  return adjoint ? [columns, rows] : [rows, columns];
}

/** Where each matrix of the broadcast batch starts in an operand. */
export function batchOffsets(batch: Shape, shape: Shape): number[] {
  const strides = stridesOf(shape);
  const missing = batch.length - (shape.length - 2);
  const steps = stridesOf(batch);
  return Array.from({ length: elementCount(batch) }, (_, i) => {
    let offset = 0;
    for (let axis = missing; axis < batch.length; axis++) {
      const index = Math.floor(i / steps[axis]!) % batch[axis]!;
      if (shape[axis - missing] !== 1) offset += index * strides[axis - missing]!;
    }
    return offset;
  });
}

function batchMatmulVersion(facts: VersionFacts): number {
  if (facts.inputs[0]?.dtype === 'i16') return 3;
  if (facts.inputs[0]?.dtype === 'i8') return 2;
  return hasTypes(facts, ['f32', 'i8'], 'f32') && facts.options.asymmetricQuantizeInputs ? 4 : 1;
}
