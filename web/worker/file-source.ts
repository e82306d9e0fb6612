import { type ByteSource, checkRange } from '../../src/bytes/source.js';
import { ModelError } from '../../src/errors.js';

/** Files up to this many bytes are read whole, at the first read. */
const WHOLE = 64 << 20;

/** Reads files without waiting; workers have it, pages do not. */
interface SyncReader {
  readAsArrayBuffer(blob: Blob): ArrayBuffer;
}
const syncReader = (): SyncReader =>
  new (globalThis as unknown as { FileReaderSync: new () => SyncReader }).FileReaderSync();

/** A file of the user's disk; what nobody reads of a large one never comes to memory. For workers. */
export function fileSource(file: File): ByteSource {
  let whole: Uint8Array | undefined;
  const range = (from: number, to: number): Uint8Array => {
    try {
      return new Uint8Array(syncReader().readAsArrayBuffer(file.slice(from, to)));
    } catch (cause) {
      throw new ModelError('not-found', 'the file cannot be read any more. It may have changed; give it again.', {
        where: file.name,
        cause,
      });
    }
  };
  return {
    name: file.name,
    size: file.size,
    read(offset, length) {
      checkRange(file.name, file.size, offset, length);
      if (file.size > WHOLE) return range(offset, offset + length);
      whole ??= range(0, file.size);
      return whole.subarray(offset, offset + length);
    },
  };
}
