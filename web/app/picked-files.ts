import type { PickedFile } from '../protocol.js';

/** Most files of one folder; a dropped home folder should not be walked to its end. */
const MOST_FILES = 5000;

/** The files of a picker: with `webkitdirectory` their paths are known. */
export const pickedFiles = (list: FileList): PickedFile[] =>
  [...list].map((file) => ({ path: file.webkitRelativePath || file.name, file }));

/** The files of what was dropped, folders walked through. Call it while the event is handled: its items do not last. */
export async function droppedFiles(transfer: DataTransfer): Promise<PickedFile[]> {
  const entries = [...transfer.items].map((item) => (item.kind === 'file' ? item.webkitGetAsEntry() : null));
  const loose = [...transfer.files];
  const found: PickedFile[] = [];
  for (const entry of entries) if (entry) await walk(entry, found);
  return found.length > 0 ? found : loose.map((file) => ({ path: file.name, file }));
}

async function walk(entry: FileSystemEntry, found: PickedFile[]): Promise<void> {
  if (found.length >= MOST_FILES) throw new Error(`A model has fewer than ${MOST_FILES} files. Give its own folder.`);
  if (entry.isFile) {
    const file = await new Promise<File>((done, fail) => (entry as FileSystemFileEntry).file(done, fail));
    found.push({ path: entry.fullPath.replace(/^\//, ''), file });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  // One call gives a hundred entries at most; none means the end.
  for (;;) {
    const batch = await new Promise<FileSystemEntry[]>((done, fail) => reader.readEntries(done, fail));
    if (batch.length === 0) return;
    for (const child of batch) await walk(child, found);
  }
}

/** What the picked files are called together. */
export function nameOf(files: readonly PickedFile[]): string {
  const [first] = files;
  return files.length === 1 ? (first?.file.name ?? '') : (first?.path.split('/')[0] ?? '');
}
