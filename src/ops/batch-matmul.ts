import { elementCount, type Shape } from '../ir/tensor.js';
import { defineOp, type VersionFacts } from './define.js';
import { allocateFloats, floats, floatTensor } from './floats.js';
import { broadcastShapes, invalid, stridesOf } from './shapes.js';
import { hasTypes } from './version-facts.js';

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

  reference({ inputs: { x, y }, types: [type], options: { adjX, adjY } }) {
    const [m, k] = matrix(x.shape, adjX);
    const [, n] = matrix(y.shape, adjY);
    const a = floats(x);
    const b = floats(y);
    const out = allocateFloats(type!);
    const batch = (type!.shape ?? []).slice(0, -2);
    const xAt = batchOffsets(batch, x.shape);
    const yAt = batchOffsets(batch, y.shape);
    const [xRow, xColumn] = adjX ? [1, m] : [k, 1];
    const [yRow, yColumn] = adjY ? [1, k] : [n, 1];
    let at = 0;
    for (let i = 0; i < xAt.length; i++)
      for (let r = 0; r < m; r++)
        for (let c = 0; c < n; c++) {
          let sum = 0;
          for (let d = 0; d < k; d++)
            sum += a[xAt[i]! + r * xRow + d * xColumn]! * b[yAt[i]! + d * yRow + c * yColumn]!;
          out[at++] = sum;
        }
    return [floatTensor(type!, out)];
  },
});

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
