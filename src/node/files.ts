import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readdirSync, readSync, realpathSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'; // biome-ignore format: one list
import { basename, dirname, join, resolve, sep } from 'node:path';
import { type ByteSource, checkRange, type FileTree } from '../bytes/source.js';
import { ModelError } from '../errors.js';
import { kerasWeightsOf } from '../formats/keras/parts.js';
import { nearestName } from '../ir/nearest-name.js';
import { reasonOf, writeError } from './system-errors.js';

/** Files up to this many bytes are read whole at the first read: one call instead of hundreds. */
const WHOLE = 4 * 1024 * 1024;

/**
 * Lazy access to a file on disk. It stays open while the source lives.
 * @throws {ModelError} `not-found` when it cannot be opened.
 */
export function openFile(path: string): ByteSource {
  const descriptor = open(path);
  const { size } = fstatSync(descriptor);
  let whole: Uint8Array | undefined;
  const readRange = (offset: number, length: number): Uint8Array => {
    const bytes = new Uint8Array(length);
    let done = 0;
    while (done < length) {
      const n = readSync(descriptor, bytes, done, Math.min(length - done, 1 << 30), offset + done);
      if (n === 0)
        throw new ModelError('malformed-file', 'the file became shorter while it was read.', { where: path });
      done += n;
    }
    return bytes;
  };
  finalizer.register(readRange, descriptor);
  return {
    name: basename(path),
    size,
    read(offset, length) {
      checkRange(path, size, offset, length);
      if (size > WHOLE) return readRange(offset, length);
      whole ??= readRange(0, size);
      return whole.subarray(offset, offset + length);
    },
    beside(name) {
      const file = join(dirname(path), name);
      return basename(name) === name && existsSync(file) ? openFile(file) : undefined;
    },
  };
}

const finalizer = new FinalizationRegistry<number>((descriptor) => {
  try {
    closeSync(descriptor);
  } catch {
    // closed elsewhere: nothing is lost
  }
});

function open(path: string): number {
  try {
    if (statSync(path).isDirectory())
      throw new ModelError('not-found', 'a file expected, this is a folder.', { where: path });
    return openSync(path, 'r');
  } catch (error) {
    if (error instanceof ModelError) throw error;
    throw new ModelError('not-found', `cannot be opened: ${reasonOf(error)}.${neighbour(path)}`, {
      where: path,
      cause: error,
    });
  }
}

/** A folder on disk as a {@link FileTree}; symbolic links out of the folder are followed by the system as usual. */
export function openFolder(path: string): FileTree {
  const root = resolve(path);
  return {
    name: basename(root),
    list: () =>
      readdirSync(root, { recursive: true, withFileTypes: true })
        .filter((e) => e.isFile())
        .map((e) =>
          join(e.parentPath, e.name)
            .slice(root.length + 1)
            .split(sep)
            .join('/'),
        )
        .sort(),
    open(name) {
      const file = resolve(root, name);
      if (!file.startsWith(root + sep) || !existsSync(file)) return undefined;
      return openFile(file);
    },
  };
}

/**
 * Writes a file from parts: to a temporary name beside it, renamed at the end, so that a failure leaves nothing behind
 * and never harms what was there. A link is followed; a device or a pipe, such as `/dev/null`, is written to as it is.
 * Returns the bytes written.
 * @throws {ModelError} `invalid-option` when the place cannot be written.
 */
export function writeFileAtomically(place: string, parts: Iterable<Uint8Array>): number {
  const there = existsSync(place) ? statSync(place) : undefined;
  const isDevice = there !== undefined && !there.isFile() && !there.isDirectory();
  const path = there?.isFile() ? realpathSync(place) : place;
  const temporary = isDevice ? path : join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  let descriptor: number | undefined;
  try {
    mkdirSync(dirname(path), { recursive: true });
    descriptor = openSync(temporary, 'w');
    let total = 0;
    for (const part of parts) {
      for (let done = 0; done < part.byteLength; ) done += writeSync(descriptor, part, done);
      total += part.byteLength;
    }
    closeSync(descriptor);
    descriptor = undefined;
    if (!isDevice) renameSync(temporary, path);
    return total;
  } catch (error) {
    if (descriptor !== undefined) closeSync(descriptor);
    if (!isDevice && existsSync(temporary)) rmSync(temporary);
    throw writeError(error, place);
  }
}

/** ` Did you mean 'model.keras'?`, of what lies in the same folder; nothing when nothing there is named alike. */
function neighbour(path: string): string {
  const folder = dirname(path);
  if (existsSync(path) || !existsSync(folder) || !statSync(folder).isDirectory()) return '';
  const stem = (name: string): string => name.replace(/\.[^.]*$/, '');
  const names = readdirSync(folder).filter((name) => !name.startsWith('.'));
  const near = nearestName(stem(basename(path)), names.map(stem));
  const found = names.find((name) => stem(name) === near);
  return found === undefined ? '' : ` Did you mean '${path.slice(0, path.lastIndexOf(basename(path)))}${found}'?`;
}

/** Files that stand for the folder they are in. */
const OF_A_FOLDER = /^(saved_model\.pb(txt)?|checkpoint)$/;

/** A model's path: a folder as a tree, a file as bytes. @throws {ModelError} `not-found` when there is nothing. */
export function openModel(path: string): FileTree | ByteSource {
  const checkpoint = checkpointOf(path);
  if (checkpoint !== undefined) return openCheckpoint(checkpoint);
  if (!existsSync(path))
    throw new ModelError(
      'not-found',
      `no such file or folder.${neighbour(path) || ' Give a SavedModel folder, a .pb, .keras, .h5 or .tflite file.'}`,
      { where: path || "''" },
    );
  if (statSync(path).isDirectory()) return openFolder(path);
  if (/\.json$/i.test(path)) return openJson(path);
  return OF_A_FOLDER.test(basename(path)) ? openFolder(dirname(path)) : openFile(path);
}

/** The checkpoint that a path means: by a file of it, or by what all of them begin with. */
function checkpointOf(path: string): string | undefined {
  const file = /^(.+)\.(index|data-\d{5}-of-\d{5})$/.exec(path)?.[1];
  return file ?? (!existsSync(path) && existsSync(`${path}.index`) ? path : undefined);
}

/** The graph that belongs to a checkpoint. @throws {ModelError} `unsupported` when there is none. */
function openCheckpoint(prefix: string): ByteSource {
  if (existsSync(`${prefix}.meta`)) return openFile(`${prefix}.meta`);
  throw new ModelError(
    'unsupported',
    `a checkpoint holds weights alone; its graph is expected beside it, as ${basename(prefix)}.meta. Without that, save ` +
      'the whole model from Python: model.export("saved_model_dir").',
    { where: prefix },
  );
}

/**
 * The folder of a JSON file, with that file and those that its text names, a TensorFlow.js model and its weights; or with
 * the weights of the Keras model whose configuration it is.
 */
function openJson(path: string): FileTree {
  const folder = openFolder(dirname(path));
  const main = basename(path);
  const tree = { ...folder, name: main, main };
  const list = () => {
    const text = readText(path);
    const weights = kerasWeightsOf(tree);
    return folder.list().filter((n) => n === main || n === weights || text.includes(JSON.stringify(n)));
  };
  return { ...tree, list };
}

/** A text file, as UTF-8. @throws {ModelError} `not-found` when it cannot be read. */
export function readText(path: string): string {
  const file = openFile(path);
  return new TextDecoder().decode(file.read(0, file.size));
}
