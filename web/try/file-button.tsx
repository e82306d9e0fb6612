import { useRef } from 'preact/hooks';

interface Props {
  readonly text: string;
  readonly accept: string;
  readonly take: (file: File) => void;
  /** Class of the button. */
  readonly look?: 'quiet' | 'image-place';
}

/** A button that opens the file picker, and takes what is dropped on it. */
export function FileButton({ text, accept, take, look = 'quiet' }: Props) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button
        type="button"
        class={look}
        data-takes-files
        onClick={() => input.current?.click()}
        onDrop={(event) => {
          const file = event.dataTransfer?.files[0];
          if (file) take(file);
        }}
      >
        {text}
      </button>
      <input
        ref={input}
        type="file"
        hidden
        accept={accept}
        onChange={({ currentTarget }) => {
          const file = currentTarget.files?.[0];
          if (file) take(file);
          currentTarget.value = '';
        }}
      />
    </>
  );
}
