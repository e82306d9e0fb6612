import { isNpy } from '../../bytes/npy.js';
import type { FileTree } from '../../bytes/source.js';
import { fitTensor } from '../../data/fit-tensor.js';
import { inputTensor } from '../../data/input-tensor.js';
import { readNpy } from '../../data/npy-tensor.js';
import { ModelError } from '../../errors.js';
import type { Label } from '../metrics/types.js';
import { onlyInput } from './only-input.js';
import { openFile } from './open-file.js';
import { fileTensor, hasSteps } from './preprocess.js';
import type { DataSource, DataSpec } from './spec.js';
import { readTable } from './table.js';
import type { Dataset } from './types.js';

const FILE = /\.(png|jpe?g|wav|npy)$/i;

interface Entry {
  readonly path: string;
  readonly label: Label;
}

/** Images, sounds or arrays in files: a folder for each class, or a CSV table of file and label. */
export async function openFiles(
  tree: FileTree,
  { folder, labels }: Extract<DataSource, { kind: 'files' }>,
  { preprocess, classes }: DataSpec,
): Promise<Dataset> {
  const prefix = folder === '.' || folder === '' ? '' : `${folder.replace(/^\.\/|\/+$/g, '')}/`;
  const found = labels === undefined ? byFolder(tree, prefix, classes) : await byTable(tree, prefix, labels, classes);
  return {
    size: found.entries.length,
    classes: found.classes,
    async sample(index, wanted) {
      const { path, label } = found.entries[index] as Entry;
      const file = openFile(tree, path);
      const bytes = file.read(0, file.size);
      const facts = onlyInput(wanted, path);
      const tensor = hasSteps(preprocess)
        ? fitTensor(isNpy(bytes) ? readNpy(bytes, path) : await fileTensor(bytes, preprocess, facts, path), facts, path)
        : await inputTensor(bytes, facts, path);
      return { name: path, inputs: { [facts.name]: tensor }, label };
    },
  };
}

/** The names of the folders are the classes, in alphabetical order unless their order is given. */
function byFolder(tree: FileTree, prefix: string, order: readonly string[] | undefined) {
  const files = tree.list().filter((path) => path.startsWith(prefix) && FILE.test(path));
  const classOf = (path: string) => path.slice(prefix.length).split('/')[0] as string;
  const inFolders = files.filter((path) => path.slice(prefix.length).includes('/'));
  if (inFolders.length === 0)
    throw new ModelError('invalid-data', 'a folder for each class with .png, .jpg, .wav or .npy files expected.', {
      where: prefix || tree.name,
    });
  const classes = order ?? [...new Set(inFolders.map(classOf))].sort();
  const entries = inFolders.sort().map((path): Entry => {
    const label = classes.indexOf(classOf(path));
    if (label < 0)
      throw new ModelError(
        'invalid-data',
        `class '${classOf(path)}' expected among ${classes.slice(0, 20).join(', ')}.`,
        { where: path },
      );
    return { path, label };
  });
  return { entries, classes };
}

/** Columns `file` and `label`, or the first two. Labels are numbers, names of classes, or texts. */
async function byTable(tree: FileTree, prefix: string, path: string, classes: readonly string[] | undefined) {
  const { columns, rows } = await readTable(tree, path);
  const at = (name: string, other: number) => (columns.includes(name) ? columns.indexOf(name) : other);
  const [file, label] = [at('file', 0), at('label', 1)];
  const entries = rows.map((row, i): Entry => {
    const [name, text] = [row[file], row[label]];
    if (!name || text === undefined)
      throw new ModelError('malformed-file', `a file and a label expected in line ${i + 2}.`, { where: path });
    const index = classes?.indexOf(text) ?? -1;
    return { path: `${prefix}${name}`, label: index >= 0 ? index : /^\d+$/.test(text) ? Number(text) : text };
  });
  return { entries, classes: classes ?? [] };
}
