import { useState } from 'preact/hooks';
import type { TensorFacts } from '../../src/runtime/api.js';
import { shapeText } from '../app/format.js';
import { Trouble } from '../app/trouble.js';
import type { Given } from '../protocol.js';
import { FileButton } from './file-button.js';

interface Props {
  readonly facts: TensorFacts;
  readonly count: number;
  readonly give: (given: Given) => void;
}

/** Most numbers that anyone would type. */
const TYPED = 512;

/** Numbers typed, from a file, or random. */
export function NumbersInput({ facts, count, give }: Props) {
  const [text, setText] = useState('');
  const [trouble, setTrouble] = useState<string>();
  const [seed, setSeed] = useState(1);
  const run = () => {
    const values = text
      .split(/[\s,;[\]]+/)
      .filter((word) => word !== '')
      .map(Number);
    const bad = values.findIndex((value) => Number.isNaN(value));
    setTrouble(bad >= 0 ? `Number ${bad + 1} cannot be read. Separate numbers by spaces or commas.` : undefined);
    if (bad < 0) give({ kind: 'numbers', values });
  };
  return (
    <form
      class="numbers-input"
      onSubmit={(event) => {
        event.preventDefault();
        run();
      }}
    >
      <p class="hint">
        {facts.dtype}, {shapeText(facts.shape)}
      </p>
      {count <= TYPED && (
        <label class="field">
          <span>Numbers</span>
          <textarea
            rows={3}
            placeholder="0.5, 1, −2 …"
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </label>
      )}
      {trouble !== undefined && <Trouble text={trouble} />}
      <div class="row">
        {count <= TYPED && (
          <button type="submit" class="primary">
            Run
          </button>
        )}
        <button
          type="button"
          class="quiet"
          onClick={() => {
            give({ kind: 'random', seed });
            setSeed(seed + 1);
          }}
        >
          Random numbers
        </button>
        <FileButton
          text="Choose an array"
          accept=".npy,.npz,image/*,.wav"
          take={(file) => give({ kind: 'file', file, name: file.name, normalize: '0..1' })}
        />
      </div>
    </form>
  );
}
