import type { ByteSource } from './source.js';

const LFS = 'version https://git-lfs';

/** How files start -> what they are, for messages to those who took one for something else. */
const KINDS: readonly (readonly [looks: (start: string) => boolean, what: string])[] = [
  [(s) => s.startsWith('PK\x03\x04'), 'a zip archive (a .keras file, or several models)'],
  [(s) => s.startsWith('\x89HDF'), 'an HDF5 file, as Keras writes'],
  [(s) => s.startsWith(LFS), 'a Git LFS pointer: the file itself was not downloaded ("git lfs pull" does it)'],
  [(s) => s.startsWith('\x1f\x8b'), 'a gzip archive'],
  [(s) => s.startsWith('\x08\x01\x12'), 'a TensorFlow SavedModel (.pb)'],
  [(s) => s.startsWith('\x08'), 'perhaps an ONNX model'],
  [(s) => s[0] === '\n' && s[2] === '\n', 'a TensorFlow GraphDef (.pb)'],
  [(s) => s.startsWith('\x93NUMPY'), 'a NumPy array'],
  [(s) => s.startsWith('\x80') && s[1]! <= '\x05', 'a Python pickle'],
  [(s) => s.startsWith('\x89PNG') || s.startsWith('\xff\xd8\xff'), 'an image'],
  [(s) => s.startsWith('RIFF') || s.startsWith('OggS'), 'a sound'],
  [(s) => /^\s*[{[]/.test(s), 'a JSON file (of a TensorFlow.js model give the folder, with its .bin files)'],
  [(s) => /^\s*</.test(s), 'a web page or XML'],
];

const startOf = (source: ByteSource): string =>
  String.fromCharCode(...source.read(0, Math.min(LFS.length, source.size)));

/** What a file seems to be: `a NumPy array`. */
export function kindOf(source: ByteSource): string | undefined {
  const start = startOf(source);
  return start === '' ? 'an empty file' : KINDS.find(([looks]) => looks(start))?.[1];
}

/** True for what Git leaves in the place of a large file until that is downloaded. */
export const isLfsPointer = (source: ByteSource): boolean => startOf(source) === LFS;
