import { type ByteSource, bytesSource, type FileTree } from '../../src/bytes/source.js';
import { loadZip, unzip } from '../../src/bytes/zip.js';
import { ModelError } from '../../src/errors.js';
import type { ModelInput } from '../../src/formats/types.js';
import type { PickedFile } from '../protocol.js';
import { fileSource } from './file-source.js';

/** Files by which a folder is known to hold a model. */
const MAIN_FILES = /(^|\/)(saved_model\.pb(txt)?|model\.json)$/;

/**
 * The model among the files that a user gave: one file, the files of a folder, or a zip archive of a folder.
 * @throws {ModelError} `unsupported` when there is none.
 */
export async function modelInput(files: readonly PickedFile[]): Promise<ModelInput> {
  const [first] = files;
  if (!first) throw new ModelError('unsupported', 'a model expected, got an empty folder.');
  if (files.length > 1 || first.path.includes('/'))
    return amongFiles(Object.fromEntries(files.map(({ path, file }) => [path, fileSource(file)])));
  const source = fileSource(first.file);
  if (isMain(first.path))
    throw new ModelError('unsupported', `${source.name} needs the other files of its folder. Give the whole folder.`);
  return isZip(source) ? fromZip(source) : source;
}

const isMain = (path: string): boolean => MAIN_FILES.test(path);

const isZip = (source: ByteSource): boolean =>
  source.size > 4 && String.fromCharCode(...source.read(0, 4)) === 'PK\x03\x04';

/** A zip archive: a Keras model, which the reader opens itself, or a folder. */
async function fromZip(source: ByteSource): Promise<ModelInput> {
  await loadZip();
  const names: string[] = [];
  unzip(source, (name) => {
    names.push(name);
    return false;
  });
  if (names.includes('config.json')) return source;
  const files = unzip(source, (name) => !name.endsWith('/'));
  const sources = [...files].map(([path, bytes]) => [path, bytesSource(bytes, path)] as const);
  return amongFiles(Object.fromEntries(sources), source.name);
}

/** The folder with a main file, or else the only file that is a model by its name. */
function amongFiles(files: Readonly<Record<string, ByteSource>>, name?: string): ModelInput {
  const paths = Object.keys(files);
  const models = paths.filter((path) => /\.(keras|h5|hdf5|pb|tflite)$/i.test(path));
  const [only] = models;
  if (paths.some(isMain) || models.length !== 1 || only === undefined) return treeOf(files, name);
  const folder = only.slice(0, only.lastIndexOf('/') + 1);
  return { ...(files[only] as ByteSource), beside: (other) => files[`${folder}${other}`] };
}

/** A folder's name; that of the folder around it where it is only called what it is. */
const nameOf = (folder: string): string | undefined =>
  folder
    .split('/')
    .slice(0, -1)
    .filter((part, i) => part !== 'saved_model' || i === 0)
    .at(-1);

/** The folder that holds the main file, wherever it lies among the files. */
function treeOf(files: Readonly<Record<string, ByteSource>>, name?: string): FileTree {
  const main = Object.keys(files)
    .filter(isMain)
    .sort((a, b) => a.split('/').length - b.split('/').length || (a < b ? -1 : 1))[0];
  if (main === undefined)
    throw new ModelError('unsupported', 'saved_model.pb or model.json expected in the folder, there is neither.', {
      where: name ?? Object.keys(files)[0]?.split('/')[0] ?? 'folder',
    });
  const folder = main.slice(0, main.lastIndexOf('/') + 1);
  const inside = new Map(
    Object.entries(files).flatMap(([path, source]): [string, ByteSource][] =>
      path.startsWith(folder) ? [[path.slice(folder.length), source]] : [],
    ),
  );
  return {
    name: nameOf(folder) ?? name ?? 'model',
    ...(main.endsWith('model.json') && { main: 'model.json' }),
    list: () => [...inside.keys()].sort(),
    open: (path) => inside.get(path),
  };
}
