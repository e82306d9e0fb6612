import { ModelError } from '../errors.js';
import { elementCount, type Tensor, type TensorData } from '../ir/tensor.js';

type Tensors = Readonly<Record<string, Tensor>>;

/**
 * Tensors `[N, ..]` as N samples `[1, ..]`; those that are not in `names`, or have a single row, are the same in each.
 * @throws {ModelError} `invalid-data` when two of them have different numbers of rows.
 */
export function splitRows(tensors: Tensors, names: readonly string[]): Tensors[] {
  const rowsOf = (name: string): number => tensors[name]?.shape[0] ?? 1;
  const [longest = ''] = [...names].sort((a, b) => rowsOf(b) - rowsOf(a));
  const count = Math.max(rowsOf(longest), 1);
  for (const name of names)
    if (rowsOf(name) !== 1 && rowsOf(name) !== count)
      throw new ModelError(
        'invalid-data',
        `input '${name}' has ${rowsOf(name)} rows, '${longest}' has ${count}. Give as many of each, or one.`,
      );
  const row = (name: string, tensor: Tensor, index: number): Tensor =>
    names.includes(name) && rowsOf(name) > 1 ? rowOf(tensor, index) : tensor;
  return Array.from({ length: count }, (_, i) =>
    Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, row(name, tensor, i)])),
  );
}

function rowOf(tensor: Tensor, index: number): Tensor {
  const shape = [1, ...tensor.shape.slice(1)];
  const size = elementCount(shape);
  return { ...tensor, shape, data: tensor.data.slice(index * size, (index + 1) * size) as TensorData };
}
