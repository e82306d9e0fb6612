import { ModelError } from '../../../errors.js';
import { Constant } from '../../../ir/constant.js';
import type { DType, TensorData } from '../../../ir/tensor.js';
import { allocate } from '../../../ir/tensor.js';
import type { TfModel, TfNode } from '../graph.js';

/** What a lookup table is filled with: as many keys as values. */
export interface TableContents {
  readonly keys: Constant;
  readonly values: Constant;
}

/** The contents of tables by the names of their handles, as the nodes say that fill them. Others are left out. */
export function tableContents(
  initializer: readonly TfNode[],
  openAsset: TfModel['openAsset'],
): ReadonlyMap<string, TableContents> {
  const tables = new Map<string, TableContents>();
  for (const node of initializer) {
    const [table, first, second] = node.inputs.map((ref) => ref.node);
    if (!table) continue;
    if (/^(InitializeTable|LookupTableImport)(V2)?$/.test(node.op) && first?.value && second?.value)
      tables.set(table.name, { keys: first.value, values: second.value });
    if (/^InitializeTableFromTextFile(V2)?$/.test(node.op) && first?.value)
      tables.set(table.name, contentsOfFile(node, table, first.value, openAsset));
  }
  return tables;
}

/** Columns that are no columns. */
const WHOLE_LINE = -2;
const LINE_NUMBER = -1;

function contentsOfFile(
  { attrs }: TfNode,
  table: TfNode,
  file: Constant,
  openAsset: TfModel['openAsset'],
): TableContents {
  const path = new TextDecoder().decode((file.data() as readonly Uint8Array[])[0]);
  const asset = openAsset(path);
  if (!asset) throw new ModelError('not-found', `a table's file expected, there is none.`, { where: path });
  const text = new TextDecoder().decode(asset.read(0, asset.size));
  const lines = text.replace(/\r?\n$/, '').split(/\r?\n/);
  const size = attrs.int('vocab_size', -1);
  const used = size > 0 ? lines.slice(0, size) : lines;
  const column = (index: number, dtype: DType): Constant => {
    const cells = used.map((line, i) => {
      if (index === LINE_NUMBER) return String(i);
      return index === WHOLE_LINE ? line : (line.split(attrs.string('delimiter', '\t'))[index] ?? '');
    });
    return Constant.of(dtype, [cells.length], elementsOf(cells, dtype, path));
  };
  return {
    keys: column(attrs.int('key_index'), table.attrs.type('key_dtype')),
    values: column(attrs.int('value_index'), table.attrs.type('value_dtype')),
  };
}

function elementsOf(cells: readonly string[], dtype: DType, where: string): TensorData {
  if (dtype === 'string') return cells.map((cell) => new TextEncoder().encode(cell));
  const data = allocate(dtype, cells.length) as unknown as (number | bigint)[];
  for (const [i, cell] of cells.entries()) {
    const number = cell.trim() === '' ? Number.NaN : Number(cell);
    const isFit = dtype === 'f32' || dtype === 'f64' ? Number.isFinite(number) : Number.isSafeInteger(number);
    if (!isFit) throw new ModelError('malformed-file', `line ${i + 1}: a number expected, got '${cell}'.`, { where });
    data[i] = dtype === 'i64' ? BigInt(number) : number;
  }
  return data as unknown as TensorData;
}
