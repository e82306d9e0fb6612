import { useEffect, useState } from 'preact/hooks';
import type { OpenedModel, Optimized } from '../protocol.js';

interface Props {
  readonly model: OpenedModel;
  readonly result: Optimized;
}

/** A link to the `.tflite` file. */
export function Download({ model, result }: Props) {
  const url = useObjectUrl(result.file);
  return (
    <a class="primary" href={url} download={fileName(model.name, result.choice.technique)}>
      Download <span class="extension">.tflite</span>
    </a>
  );
}

/** `mnist_cnn.dynamic.tflite`. */
function fileName(model: string, technique: string): string {
  const stem = stemOf(model);
  return technique === 'none' ? `${stem}.tflite` : `${stem}.${technique}.tflite`;
}

/** A model's name without the ending of its file. */
export const stemOf = (model: string): string =>
  model.replace(/\.(keras|h5|hdf5|pb|zip|tgz|tar|tar\.gz|tflite)$/i, '') || 'model';

/** A URL for a blob, given back when nobody needs it. */
export function useObjectUrl(blob: Blob): string {
  const [url, setUrl] = useState('');
  useEffect(() => {
    const made = URL.createObjectURL(blob);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [blob]);
  return url;
}
