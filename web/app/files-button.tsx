import { useRef } from 'preact/hooks';
import type { PickedFile } from '../protocol.js';
import { droppedFiles, pickedFiles } from './picked-files.js';

interface Props {
  readonly text: string;
  readonly take: (files: readonly PickedFile[]) => void;
  /** Asks for a folder instead of files. */
  readonly isFolder?: boolean;
  readonly testId: string;
}

/** A button that asks for files or a folder, and takes what is dropped on it. */
export function FilesButton({ text, take, isFolder = false, testId }: Props) {
  const input = useRef<HTMLInputElement | null>(null);
  return (
    <>
      <button
        type="button"
        class="quiet"
        data-takes-files
        onClick={() => input.current?.click()}
        onDrop={({ dataTransfer }) => dataTransfer && void droppedFiles(dataTransfer).then(take)}
      >
        {text}
      </button>
      <input
        ref={(element) => {
          input.current = element;
          if (isFolder) element?.setAttribute('webkitdirectory', '');
        }}
        type="file"
        hidden
        multiple={!isFolder}
        data-testid={testId}
        onChange={({ currentTarget }) => {
          const files = pickedFiles(currentTarget.files as FileList);
          if (files.length > 0) take(files);
          currentTarget.value = '';
        }}
      />
    </>
  );
}
