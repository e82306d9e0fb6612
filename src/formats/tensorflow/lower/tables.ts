import { ModelError } from '../../../errors.js';
import { Constant } from '../../../ir/constant.js';
import type { Value } from '../../../ir/graph.js';
import { elementCount, type TensorData } from '../../../ir/tensor.js';
import type { Lower, Lowering } from './context.js';
import type { TableContents } from './table-contents.js';

/** A handle is only a name: it stands for a number that nobody reads. */
const handle: Lower = (c) => [c.i32(0)];

function contentsOf(c: Lowering): TableContents {
  const table = c.node.inputs[0]?.node;
  const contents = table && c.functions.table(table.name);
  if (contents) return contents;
  throw new ModelError(
    'unsupported',
    `looks something up in the table '${table?.name}', which is not filled from constants or a file of the model.`,
  );
}

/** All elements in one row. */
const flat = (constant: Constant): Constant =>
  Constant.of(constant.dtype, [elementCount(constant.shape)], constant.data());

/** The elements of a scalar and of a vector, one after the other. */
function joined(first: Constant, rest: Constant): Constant {
  const parts = [...(first.data() as Iterable<never>), ...(rest.data() as Iterable<never>)];
  const data = first.dtype === 'string' ? parts : (rest.data().constructor as typeof Float32Array).from(parts);
  return Constant.of(rest.dtype, [parts.length], data as unknown as TensorData);
}

/** Elements that can be calculated with. */
function integers(values: Constant): number[] | undefined {
  const numbers = values.dtype === 'i32' || values.dtype === 'i64' ? values.numbers() : undefined;
  return numbers?.every((n) => Math.abs(n) < 2 ** 52) ? numbers : undefined;
}

/**
 * Each key is compared with all keys of the table. An integer is what is added to the default where the keys are equal;
 * for another value the number of that key, counted from 1, is its place, and the default stands in front of the values.
 * Source: `LookupTableFindV2`; TFLite's own tables map texts and 64-bit integers to one another only, and have no default
 * for each call.
 */
const find: Lower = (c) => {
  const contents = contentsOf(c);
  const keys = flat(contents.keys);
  const values = flat(contents.values);
  const equal = c.emit('EQUAL', [c.emit('EXPAND_DIMS', [c.input(1), c.i32(-1)]), c.keep(keys, 'keys')]);
  const atEqual = (numbers: Value) => {
    const chosen = c.emit('SELECT_V2', [equal, numbers, c.scalar(numbers, 0)]);
    return c.emit('SUM', [chosen, c.i32([-1])], { keepDims: false });
  };
  const numbers = integers(values);
  if (numbers) {
    const other = c.number(2, 'default value');
    const more = c.make(
      values.dtype,
      numbers.map((n) => n - other),
    );
    const sum = atEqual(more);
    return [other === 0 ? sum : c.emit('ADD', [sum, c.scalar(more, other)])];
  }
  const place = atEqual(c.i32(Array.from({ length: keys.shape[0] as number }, (_, i) => i + 1)));
  const all = joined(c.constant(2, 'default value'), values);
  return [c.emit('GATHER', [c.keep(all, 'values'), place], { axis: 0, batchDims: 0 })];
};

const size: Lower = (c): Value[] => [c.make('i64', elementCount(contentsOf(c).keys.shape))];

/** Tables that are filled once, from constants. */
export const tables: Readonly<Record<string, Lower>> = {
  HashTable: handle,
  HashTableV2: handle,
  LookupTableFind: find,
  LookupTableFindV2: find,
  LookupTableSize: size,
  LookupTableSizeV2: size,
};
