import type { FileTree } from '../../src/bytes/source.js';
import type { Wanted } from '../../src/data/fit-tensor.js';
import { ModelError } from '../../src/errors.js';
import { type DataSource, type DataSpec, parseDataSpec, type Step } from '../../src/evaluate/data/spec.js';
import type { PickedFile, Scaling } from '../protocol.js';
import { fileSource } from './file-source.js';

/** Labelled data that the user gave: the files, and how they are to be read. */
export interface LabelledData {
  readonly tree: FileTree;
  readonly spec: DataSpec;
}

/**
 * Sees what the files are: a description with its arrays, arrays with labels, a table, or a folder for each class.
 * @throws {ModelError} `invalid-data` when they are none of these.
 */
export function labelledData(picked: readonly PickedFile[], scaling: Scaling, wanted: readonly Wanted[]): LabelledData {
  const tree = treeOf(picked);
  const names = tree.list();
  const description = names.find((name) => /^[^/]*\.json$/i.test(name));
  if (description !== undefined) return { tree, spec: parseDataSpec(textOf(tree, description), description) };
  const source = sourceOf(names);
  return { tree, spec: { source, preprocess: stepsOf(scaling, source, names, wanted) } };
}

/** The files by their paths, without the folders that all of them lie in; those of classes stay. */
function treeOf(picked: readonly PickedFile[]): FileTree {
  const paths = picked.map(({ path }) => path.split('/'));
  const isAround = paths.every((parts) => parts.length > 1 && parts[0] === paths[0]?.[0]);
  const isClass = isAround && paths.every((parts) => parts.length === 2) && paths.every((p) => isImage(p[1] ?? ''));
  const skip = isAround && !isClass ? 1 : 0;
  const files = new Map(picked.map(({ file }, i) => [paths[i]?.slice(skip).join('/') ?? '', fileSource(file)]));
  return { name: paths[0]?.[0] ?? '', list: () => [...files.keys()].sort(), open: (path) => files.get(path) };
}

const isImage = (name: string): boolean => /\.(png|jpe?g)$/i.test(name);
/** Files of labels are named so that one sees it: `y.npy`, `test_labels.npy`. */
const isLabels = (name: string): boolean => /(^|[^a-z])y([^a-z]|$)|label|target/i.test(name.replace(/\.npy$/i, ''));

function sourceOf(names: readonly string[]): DataSource {
  const [npz, csv] = [/\.npz$/i, /\.csv$/i].map((ending) => names.find((name) => ending.test(name)));
  if (npz !== undefined) return { kind: 'arrays', inputs: npz, labels: npz };
  const arrays = names.filter((name) => /^[^/]*\.npy$/i.test(name));
  const labels = arrays.find(isLabels);
  const inputs = arrays.find((name) => name !== labels);
  if (inputs !== undefined && labels !== undefined) return { kind: 'arrays', inputs, labels };
  if (csv !== undefined && names.length === 1) return { kind: 'csv', file: csv, label: 'label' };
  if (names.some((name) => name.includes('/')))
    return { kind: 'files', folder: '.', ...(csv !== undefined && { labels: csv }) };
  throw new ModelError(
    'invalid-data',
    'labelled data expected: a folder with a folder for each class, x.npy with y.npy, a .npz with x and y, or a .csv.',
  );
}

const SCALES: Readonly<Record<Scaling, readonly Step[]>> = {
  auto: [],
  '0..1': [{ step: 'scale', over: 255 }],
  '-1..1': [{ step: 'scale', over: 127.5, add: -1 }],
  '0..255': [{ step: 'scale' }],
};

/** Without steps, images are made to fit by themselves, as 0..1; steps are the whole way. */
function stepsOf(scaling: Scaling, source: DataSource, names: readonly string[], wanted: readonly Wanted[]): Step[] {
  if (scaling === 'auto' || (source.kind === 'files' && scaling === '0..1')) return [];
  const [, height = -1, width = -1] = wanted[0]?.shape ?? [];
  const isOfImages = source.kind === 'files' && names.some(isImage) && height > 0 && width > 0;
  return [...(isOfImages ? [{ step: 'resize', height, width } as const] : []), ...SCALES[scaling]];
}

function textOf(tree: FileTree, name: string): string {
  const file = tree.open(name);
  return new TextDecoder().decode(file?.read(0, file.size));
}
