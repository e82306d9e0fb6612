import { useState } from 'preact/hooks';
import { Trouble } from '../app/trouble.js';
import { FileButton } from './file-button.js';
import { labelsOf } from './labels.js';

interface Props {
  readonly labels: readonly string[];
  readonly setLabels: (labels: readonly string[]) => void;
}

/** Names for the classes, from a file with a line for each, or a JSON list. */
export function LabelsInput({ labels, setLabels }: Props) {
  const [trouble, setTrouble] = useState<string>();
  const take = async (file: File) => {
    const found = labelsOf(await file.text());
    setTrouble(
      found.length > 0 ? undefined : `${file.name} holds no labels. One a line, or a JSON list of texts expected.`,
    );
    if (found.length > 0) setLabels(found);
  };
  return (
    <div class="labels-input">
      <FileButton
        text={labels.length > 0 ? `${labels.length} label${labels.length === 1 ? '' : 's'}` : 'Add labels'}
        accept=".txt,.csv,.json"
        take={(file) => void take(file)}
      />
      {trouble !== undefined && <Trouble text={trouble} />}
    </div>
  );
}
