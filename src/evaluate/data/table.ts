import type { FileTree } from '../../bytes/source.js';
import { fitTensor } from '../../data/fit-tensor.js';
import { ModelError } from '../../errors.js';
import { onlyInput } from './only-input.js';
import { openFile } from './open-file.js';
import { applySteps } from './preprocess.js';
import type { DataSource, DataSpec } from './spec.js';
import type { Dataset } from './types.js';

/** A table with named columns. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Reads a CSV file with a head. @throws {ModelError} `malformed-file`. */
export async function readTable(tree: FileTree, path: string): Promise<Table> {
  const file = openFile(tree, path);
  // This form of the library brings what pages lack.
  const { parse } = await import('csv-parse/browser/esm/sync');
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(file.read(0, file.size));
    const [columns = [], ...rows] = parse(text, { bom: true, skip_empty_lines: true, trim: true }) as string[][];
    return { columns, rows };
  } catch (cause) {
    throw new ModelError('malformed-file', `a CSV table expected: ${(cause as Error).message}.`, {
      where: path,
      cause,
    });
  }
}

/** Samples in the rows of a table of numbers: the chosen columns are the input, one is the label. */
export async function openTable(
  tree: FileTree,
  { file, label, columns: chosen }: Extract<DataSource, { kind: 'csv' }>,
  { preprocess, classes }: DataSpec,
): Promise<Dataset> {
  const { columns, rows } = await readTable(tree, file);
  const at = (name: string) => {
    const i = columns.indexOf(name);
    if (i < 0)
      throw new ModelError('not-found', `a column '${name}' expected, it has ${columns.join(', ')}.`, { where: file });
    return i;
  };
  const inputs = (chosen ?? columns.filter((c) => c !== label)).map(at);
  const target = at(label);
  const numberAt = (row: readonly string[], i: number, where: string) => {
    const text = row[i] ?? '';
    if (text === '' || !Number.isFinite(Number(text)))
      throw new ModelError('invalid-data', `a number expected in column '${columns[i]}', got '${text}'.`, { where });
    return Number(text);
  };
  return {
    size: rows.length,
    ...(classes && { classes }),
    async sample(index, wanted) {
      const where = `${file} line ${index + 2}`;
      const row = rows[index] as readonly string[];
      const facts = onlyInput(wanted, where);
      const data = Float32Array.from(inputs, (i) => numberAt(row, i, where));
      const tensor = applySteps({ dtype: 'f32', shape: [data.length], data }, preprocess);
      const known = classes?.indexOf(row[target] ?? '') ?? -1;
      const value = known >= 0 ? known : numberAt(row, target, where);
      return { name: where, inputs: { [facts.name]: fitTensor(tensor, facts, where) }, label: value };
    },
  };
}
