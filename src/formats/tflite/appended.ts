import type { FileParts } from '../../bytes/flatbuffer-writer.js';
import type { LaterBytes } from '../../bytes/flatbuffers.js';
import type { ByteSource } from '../../bytes/source.js';

/** Bytes after a model, and where they began in its file. */
export type Appended = LaterBytes & { readonly offset: number };

const STEP = 1 << 16;
const [END_RECORD, ENTRY] = [0x06054b50, 0x02014b50];
/** Bytes of a zip's end record, and the most that its comment adds. */
const [END_SIZE, MOST_COMMENT] = [22, 0xffff];

/**
 * What follows the model in a file: the metadata tools of TensorFlow append a zip of associated files, such as labels.
 * `end` is the end of the model. Undefined when only zeros follow.
 */
export function readAppended(source: ByteSource, end: number): Appended | undefined {
  for (let at = end; at < source.size; at += STEP) {
    const first = source.read(at, Math.min(STEP, source.size - at)).findIndex((byte) => byte !== 0);
    if (first < 0) continue;
    const offset = at + first;
    const length = source.size - offset;
    return { offset, length, read: () => source.read(offset, length) };
  }
  return undefined;
}

/** The parts of a file with bytes appended. The offsets of a zip count from the file's start, so they move along. */
export function append(parts: FileParts, appended: Appended): FileParts {
  return {
    size: parts.size + appended.length,
    *[Symbol.iterator]() {
      yield* parts;
      yield moveZip(appended.read().slice(), appended.offset, parts.size);
    },
  };
}

/** Sets the offsets of a zip right that began at byte `from` of a file and now begins at `to`. Other bytes stay. */
function moveZip(bytes: Uint8Array, from: number, to: number): Uint8Array {
  const view = new DataView(bytes.buffer);
  const lowest = Math.max(0, bytes.length - END_SIZE - MOST_COMMENT);
  let end = bytes.length - END_SIZE;
  while (end >= lowest && view.getUint32(end, true) !== END_RECORD) end--;
  if (end < lowest) return bytes;
  const size = view.getUint32(end + 12, true);
  const directory = view.getUint32(end + 16, true);
  // Only when offsets count from the file's start does the directory lie right before the end record.
  if (directory - from + size !== end || directory < from) return bytes;
  view.setUint32(end + 16, directory - from + to, true);
  for (let at = directory - from; at + 46 <= end && view.getUint32(at, true) === ENTRY; ) {
    view.setUint32(at + 42, view.getUint32(at + 42, true) - from + to, true);
    at += 46 + view.getUint16(at + 28, true) + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return bytes;
}
