import { openArchive, zipNames } from '../bytes/archive.js';
import type { FileTree } from '../bytes/source.js';
import { isZip, loadZip } from '../bytes/zip.js';
import { ModelError } from '../errors.js';
import { isKerasArchive, looksLikeKeras } from './keras/index.js';
import { isFolder, type ModelInput } from './types.js';

/** Files by which a folder is known to hold a model. */
const MAIN_FILE = /(^|\/)(saved_model\.pb(txt)?|model\.json)$/;
const MODEL_FILE = /\.(keras|h5|hdf5|pb|tflite)$/i;
/** Where TensorFlow.js keeps a model, under a name of the user's. */
const JSON_FILE = /\.json$/i;
/** So many files are looked into for one, of at most so many bytes. */
const MOST_JSON = 100;
const MOST_BYTES = 1 << 26;
/** The graph of a checkpoint of TensorFlow 1. */
const CHECKPOINT = /\.meta$/;
/** What systems and tools leave in folders and archives. */
const LEFTOVERS = /(^|\/)(__MACOSX|\.[^/]*)(\/|$)/;

/** Archives in one another, such as `.tar` in `.gz`. */
const MOST_NESTED = 3;

/**
 * The model in what a user has: itself; or what an archive holds (`.zip`, `.tar`, `.gz`); and of a folder that is no
 * model, the folder or file below it that is one.
 * @throws {ModelError} `not-found` when there is none, `invalid-option` when there are several, `malformed-file` for a
 *   damaged archive.
 */
export async function locateModel(input: ModelInput): Promise<ModelInput> {
  let found = input;
  for (let i = 0; i < MOST_NESTED && !isFolder(found); i++) {
    if (isZip(found)) await loadZip();
    if (isZip(found) && isKerasArchive(zipNames(found))) break;
    const inside = await openArchive(found);
    if (!inside) break;
    found = inside;
  }
  return isFolder(found) && !isModel(found) ? below(found) : found;
}

const isModel = (tree: FileTree): boolean =>
  tree.main !== undefined ||
  ['saved_model.pb', 'saved_model.pbtxt', 'model.json'].some((name) => tree.open(name)) ||
  looksLikeKeras(tree);

/** The folder with a main file that lies highest, or else such a file of one model. */
function below(tree: FileTree): ModelInput {
  const paths = tree.list().filter((path) => !LEFTOVERS.test(path));
  const folders = new Set(paths.filter((path) => MAIN_FILE.test(path)).map(folderOf));
  const named = (pattern: RegExp) => paths.filter((path) => pattern.test(path));
  const ways = [
    () => [...folders],
    () => named(MODEL_FILE),
    () =>
      named(JSON_FILE)
        .slice(0, MOST_JSON)
        .filter((path) => holdsTopology(tree, path)),
    () => latest(tree, named(CHECKPOINT)),
  ];
  let all: readonly string[] = [];
  for (const way of ways) if (all.length === 0) all = way();
  const [only, ...more] = highest(all);
  if (only === undefined)
    throw new ModelError(
      'not-found',
      'a model expected, there is none: no saved_model.pb, no model.json, no .keras, .h5, .pb, .meta or .tflite file.',
      { where: tree.name },
    );
  if (more.length > 0)
    throw new ModelError(
      'invalid-option',
      `one model expected, there are several: ${[only, ...more].slice(0, 5).join(', ')}. Give one of them alone.`,
      { where: tree.name },
    );
  if (folders.size > 0) return subtree(tree, only);
  return JSON_FILE.test(only) ? { ...subtree(tree, folderOf(only)), main: baseOf(only) } : fileIn(tree, only);
}

function holdsTopology(tree: FileTree, path: string): boolean {
  const file = tree.open(path);
  if (!file || file.size > MOST_BYTES) return false;
  return new TextDecoder().decode(file.read(0, file.size)).includes('"modelTopology"');
}

/** Of several checkpoints the one that the file `checkpoint` beside them names. */
function latest(tree: FileTree, paths: readonly string[]): readonly string[] {
  const states = new Set(paths.map((path) => `${folderOf(path)}checkpoint`));
  const named = [...states].flatMap((path) => {
    const state = tree.open(path);
    const text = state ? new TextDecoder().decode(state.read(0, state.size)) : '';
    const name = /^model_checkpoint_path: "(?:[^"]*[/\\])?([^"/\\]+)"/m.exec(text)?.[1];
    return name === undefined ? [] : [`${folderOf(path)}${name}.meta`];
  });
  const there = paths.filter((path) => named.includes(path));
  return there.length > 0 ? there : paths;
}

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/') + 1);
const baseOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
const depthOf = (path: string): number => path.replace(/\/$/, '').split('/').length;

function highest(paths: readonly string[]): string[] {
  const least = Math.min(...paths.map(depthOf));
  return paths.filter((path) => depthOf(path) === least);
}

/** @param folder Its path, with a slash at the end. */
function subtree(tree: FileTree, folder: string): FileTree {
  return {
    name: nameOf(folder) ?? tree.name,
    list: () =>
      tree
        .list()
        .filter((path) => path.startsWith(folder))
        .map((path) => path.slice(folder.length)),
    open: (path) => tree.open(`${folder}${path}`),
  };
}

/** A folder's name; that of the folder around it where it is only called what it is. */
const nameOf = (folder: string): string | undefined =>
  folder
    .split('/')
    .slice(0, -1)
    .filter((part, i) => part !== 'saved_model' || i === 0)
    .at(-1);

function fileIn(tree: FileTree, path: string): ModelInput {
  const file = tree.open(path);
  if (!file) throw new ModelError('not-found', `the file ${path} expected, it is gone.`, { where: tree.name });
  return { ...file, beside: (name) => tree.open(`${folderOf(path)}${name}`) };
}
