import { useEffect, useRef, useState } from 'preact/hooks';
import type { PickedFile } from '../protocol.js';
import { pickedFiles } from './picked-files.js';
import { sampleModel, sampleName } from './sample-model.js';
import { progressOf, type State } from './state.js';
import { Trouble } from './trouble.js';
import type { Actions } from './use-session.js';
import { Wave } from './wave.js';

interface Props {
  readonly state: State;
  readonly actions: Actions;
  readonly take: (files: readonly PickedFile[]) => void;
}

const FORMATS: readonly (readonly [string, string])[] = [
  ['SavedModel', 'folder, .zip or .tar.gz'],
  ['Keras', '.keras, .h5'],
  ['TensorFlow.js', 'model.json and its .bin files'],
  ['Frozen graph', '.pb'],
  ['TFLite', '.tflite'],
];

/** The front of the page: what it does, and the place to give it a model. */
export function Front({ state, actions, take }: Props) {
  const isOpening = state.stage === 'opening';
  return (
    <div class="front">
      <h1 class="claim">
        Shrink the model. <em>See what it costs.</em>
      </h1>
      <p class="lead">
        Tersor converts a TensorFlow model to <span class="name">.tflite</span>, quantizes it, and measures size, speed
        and error on this very device. Nothing is uploaded.
      </p>
      {state.trouble !== undefined && <Trouble text={state.trouble} />}
      {isOpening ? <Opening state={state} actions={actions} /> : <DropZone actions={actions} take={take} />}
      <dl class="formats">
        {FORMATS.map(([name, files]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{files}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

function DropZone({ actions, take }: Omit<Props, 'state'>) {
  const file = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const [part, setPart] = useState(0.06);
  useEffect(() => {
    const timer = setTimeout(() => setPart(0.5), 250);
    return () => clearTimeout(timer);
  }, []);
  const picked = (input: HTMLInputElement) => {
    if (input.files && input.files.length > 0) take(pickedFiles(input.files));
    input.value = '';
  };
  const sample = () =>
    sampleModel().then(
      (files) => actions.open(files, sampleName),
      (error: Error) => actions.complain(error.message),
    );
  return (
    <section class="give" aria-label="Give a model">
      <button type="button" class="drop" onClick={() => file.current?.click()}>
        <Wave part={part} />
        <span class="wave-ends" aria-hidden="true">
          <span>int8</span>
          <span>float32</span>
        </span>
        <span class="drop-text">
          <strong>Drop a model here</strong>
          <span>or choose a file</span>
        </span>
      </button>
      <div class="give-others">
        <button type="button" class="primary" onClick={() => void sample()}>
          Try the sample
        </button>
        <button type="button" class="quiet" onClick={() => folder.current?.click()}>
          Choose a folder
        </button>
        <p class="hint">The sample reads handwritten digits: 422&#8239;000 parameters, 1.7 MB.</p>
      </div>
      <input
        ref={file}
        class="picker"
        type="file"
        hidden
        data-testid="file"
        onChange={(e) => picked(e.currentTarget)}
        multiple
      />
      <input
        ref={(input) => {
          folder.current = input;
          input?.setAttribute('webkitdirectory', '');
        }}
        class="picker"
        type="file"
        hidden
        data-testid="folder"
        onChange={(e) => picked(e.currentTarget)}
      />
    </section>
  );
}

function Opening({ state, actions }: Pick<Props, 'state' | 'actions'>) {
  const { text, part } = progressOf(state.working);
  return (
    <section class="opening" aria-label="Converting">
      <div class="opening-picture">
        <Wave part={part} />
      </div>
      <div class="opening-line">
        <p>
          <strong>{state.opening}</strong> {text}
        </p>
        <progress aria-label="Progress" max={1} value={part} />
        <button type="button" class="quiet" onClick={() => actions.close()}>
          Stop
        </button>
      </div>
    </section>
  );
}
