import { isNpy, type NpyRows, openNpy } from '../../bytes/npy.js';
import { decodeNpz, isZip } from '../../bytes/npz.js';
import type { FileTree } from '../../bytes/source.js';
import { fitTensor, type Wanted } from '../../data/fit-tensor.js';
import { tensorOfNpy } from '../../data/npy-tensor.js';
import { ModelError } from '../../errors.js';
import type { Tensor } from '../../ir/tensor.js';
import type { Label } from '../metrics/types.js';
import { onlyInput } from './only-input.js';
import { openFile } from './open-file.js';
import { applySteps } from './preprocess.js';
import type { DataSource, DataSpec } from './spec.js';
import type { Dataset } from './types.js';

type Arrays = Extract<DataSource, { kind: 'arrays' }>;

/** Samples in the rows of `.npy` files, or of the arrays of a `.npz` file; each row is read when it is asked for. */
export async function openArrays(tree: FileTree, source: Arrays, { preprocess, classes }: DataSpec): Promise<Dataset> {
  const names = typeof source.inputs === 'string' ? { '': source.inputs } : source.inputs;
  const inputs = new Map<string, NpyRows>();
  for (const [name, path] of Object.entries(names)) inputs.set(name, await openRows(tree, path, name || 'x'));
  const lists = source.labels?.endsWith('.json') ? readLabels(tree, source.labels) : undefined;
  const labels = source.labels === undefined || lists ? undefined : await openRows(tree, source.labels, 'y');
  const size = [...inputs.values()][0]?.count ?? 0;
  for (const [name, rows] of [...inputs, ...(labels ? [['labels', labels] as const] : [])])
    if (rows.count !== size)
      throw new ModelError('invalid-data', `${size} rows expected as ${name || 'input'}, got ${rows.count}.`, {
        where: rows.where,
      });
  if (lists && lists.length !== size)
    throw new ModelError('invalid-data', `${size} labels expected, got ${lists.length}.`, {
      where: source.labels as string,
    });
  return {
    size,
    ...(classes && { classes }),
    async sample(index, wanted) {
      const where = `row ${index}`;
      const given = Object.fromEntries(
        [...inputs].map(([name, rows]) => {
          const facts = name === '' ? onlyInput(wanted, where) : inputOf(wanted, name, where);
          return [facts.name, fitTensor(applySteps(tensorOfNpy(rows.row(index)), preprocess), facts, where)];
        }),
      );
      const label = lists ? (lists[index] as Label) : labels ? scalarOr(tensorOfNpy(labels.row(index))) : 0;
      return { name: where, inputs: given, label };
    },
  };
}

function inputOf(wanted: readonly Wanted[], name: string, where: string): Wanted {
  const found = wanted.find((w) => w.name === name);
  if (found) return found;
  throw new ModelError(
    'invalid-data',
    `input '${name}' expected, the model has ${wanted.map((w) => `'${w.name}'`).join(', ')}.`,
    { where },
  );
}

/** A tensor of one element is that number, or text. */
function scalarOr(tensor: Tensor): Label {
  if (tensor.data.length !== 1) return tensor;
  const [value] = tensor.data;
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : Number(value);
}

async function openRows(tree: FileTree, path: string, name: string): Promise<NpyRows> {
  const file = openFile(tree, path);
  const head = file.read(0, Math.min(file.size, 8));
  if (isNpy(head)) return openNpy(file, path);
  if (!isZip(head)) throw new ModelError('malformed-file', 'a .npy or .npz file expected.', { where: path });
  const arrays = await decodeNpz(file.read(0, file.size), path);
  const array = arrays[name] ?? (Object.keys(arrays).length === 1 ? Object.values(arrays)[0] : undefined);
  if (!array)
    throw new ModelError('not-found', `an array '${name}' expected, it holds ${Object.keys(arrays).join(', ')}.`, {
      where: path,
    });
  const [count = 0, ...shape] = array.shape;
  const bytes = count === 0 ? 0 : array.bytes.length / count;
  return {
    where: path,
    count,
    row: (i) => ({ type: array.type, shape, bytes: array.bytes.subarray(i * bytes, (i + 1) * bytes) }),
  };
}

function readLabels(tree: FileTree, path: string): unknown[] {
  const file = openFile(tree, path);
  try {
    const json: unknown = JSON.parse(new TextDecoder().decode(file.read(0, file.size)));
    if (Array.isArray(json)) return json;
  } catch {
    // said below
  }
  throw new ModelError('malformed-file', 'a JSON list with a label for each sample expected.', { where: path });
}
