import { useEffect, useState } from 'preact/hooks';
import { useObjectUrl } from '../app/download.js';
import type { Given } from '../protocol.js';
import { FileButton } from './file-button.js';
import type { InputKind } from './input-kind.js';

interface Props {
  readonly kind: InputKind & { readonly kind: 'drawing' | 'image' };
  readonly give: (given: Given) => void;
}

/** How pixels can become numbers: what is said, and what it is called. */
const NORMALIZATIONS: readonly (readonly [string, string])[] = [
  ['0..1', '0 to 1'],
  ['-1..1', '−1 to 1'],
  ['none', '0 to 255'],
  ['0.485,0.456,0.406/0.229,0.224,0.225', 'ImageNet mean and deviation'],
];

/** An image from a file, and how its pixels become numbers. */
export function ImageInput({ kind, give }: Props) {
  const [file, setFile] = useState<{ readonly blob: Blob; readonly name: string }>();
  const [normalize, setNormalize] = useState('0..1');
  useEffect(() => {
    if (file) give({ kind: 'file', file: file.blob, name: file.name, normalize });
  }, [file, normalize]);
  return (
    <div class="image-input">
      {file && <Picture key={file.name} file={file.blob} name={file.name} />}
      <FileButton
        look={file ? 'quiet' : 'image-place'}
        text={file ? 'Another image' : 'Drop an image here, or choose one'}
        accept="image/*,.npy,.npz"
        take={(chosen) => setFile({ blob: chosen, name: chosen.name })}
      />
      <div class="row">
        <button
          type="button"
          class="quiet"
          onClick={() => give({ kind: 'random', seed: Math.ceil(performance.now()) })}
        >
          Random pixels
        </button>
      </div>
      <label class="field">
        <span>Pixels become</span>
        <select value={normalize} onChange={(event) => setNormalize(event.currentTarget.value)}>
          {NORMALIZATIONS.filter(([value]) => kind.channels === 3 || !value.includes('/')).map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      </label>
      <p class="hint">
        Stretched to {kind.width}×{kind.height}.
      </p>
    </div>
  );
}

function Picture({ file, name }: { readonly file: Blob; readonly name: string }) {
  const url = useObjectUrl(file);
  return url ? <img src={url} alt={name} /> : null;
}
