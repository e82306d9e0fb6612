import { seededData } from '../../src/ir/seeded.js';
import { elementCount, type TensorData } from '../../src/ir/tensor.js';
import type { InputTensor, SignatureFacts } from '../../src/runtime/api.js';

/** Elements that are pseudo-random; those behind are zeros, so that huge inputs of damaged models take no time. */
const SEEDED = 1 << 16;
/** No model takes more elements than this within the limits of the tests. */
const MOST = 1 << 26;

/** Inputs for a signature: unknown sizes are 1, elements are seeded by the names. */
export function seededInputs({ inputs }: SignatureFacts): Record<string, InputTensor> {
  return Object.fromEntries(
    inputs.map(({ name, dtype, shape }) => {
      const sizes = shape.map((d) => (d < 0 ? 1 : d));
      const count = elementCount(sizes);
      const seeded =
        dtype === 'resource' || dtype === 'variant' ? [] : seededData(dtype, Math.min(count, SEEDED), name);
      return [name, { data: count <= SEEDED ? seeded : padded(seeded, Math.min(count, MOST)), shape: sizes, dtype }];
    }),
  );
  function padded(seeded: TensorData, count: number): TensorData {
    if (!ArrayBuffer.isView(seeded)) return seeded;
    const data = new (seeded.constructor as new (length: number) => Float32Array)((count * seeded.length) / SEEDED);
    data.set(seeded as Float32Array);
    return data;
  }
}
