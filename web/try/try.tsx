import { useEffect, useRef, useState } from 'preact/hooks';
import type { TensorFacts } from '../../src/runtime/api.js';
import { type Hired, hireBench } from '../app/remote.js';
import { Trouble } from '../app/trouble.js';
import type { Given, OpenedModel, Optimized, TriedOutput } from '../protocol.js';
import type { Bench } from '../worker/bench-worker.js';
import { Drawing } from './drawing.js';
import { ImageInput } from './image-input.js';
import { inputKind } from './input-kind.js';
import { LabelsInput } from './labels-input.js';
import { NumbersInput } from './numbers-input.js';
import { Outputs } from './outputs.js';
import { SoundInput } from './sound-input.js';
import { TextInput } from './text-input.js';

interface Props {
  readonly model: OpenedModel;
  readonly result: Optimized;
}

/** A place to give both models the same input, and see what each makes of it. */
export function Try({ model, result }: Props) {
  const [given, setGiven] = useState<Readonly<Record<string, Given>>>({});
  const [labels, setLabels] = useState<readonly string[]>([]);
  const { outputs, trouble, isBusy } = useTried(model.float, result.file, given);
  const give = (name: string) => (what: Given) => setGiven((before) => ({ ...before, [name]: what }));
  return (
    <section class="try" aria-labelledby="try-title">
      <div class="section-head">
        <h2 id="try-title">Try it</h2>
        <p>Both models get the same input; what is not given is random.</p>
      </div>
      <div class="try-both">
        <div class="try-inputs">
          {model.inputs.map((facts) => (
            <Input key={facts.name} facts={facts} isOnly={model.inputs.length === 1} give={give(facts.name)} />
          ))}
          <LabelsInput labels={labels} setLabels={setLabels} />
        </div>
        <div class="try-outputs" aria-live="polite">
          {trouble !== undefined && <Trouble text={trouble} />}
          {outputs && !trouble && <Outputs outputs={outputs} labels={labels} />}
          {!outputs && !trouble && (
            <p class="hint">{isBusy ? 'Both models are running.' : 'The answers of both models appear here.'}</p>
          )}
        </div>
      </div>
    </section>
  );
}

interface Tried {
  readonly outputs: readonly TriedOutput[] | undefined;
  readonly trouble: string | undefined;
  readonly isBusy: boolean;
}

/** The outputs for what was given; anew for every input and every version of the model. */
function useTried(float: Blob, quantized: Blob, given: Readonly<Record<string, Given>>): Tried {
  const [tried, setTried] = useState<Tried>({ outputs: undefined, trouble: undefined, isBusy: false });
  const bench = useRef<Hired<Bench> | undefined>(undefined);
  const asked = useRef(0);
  useEffect(() => () => bench.current?.dismiss(), []);
  useEffect(() => {
    if (Object.keys(given).length === 0) return;
    const number = ++asked.current;
    bench.current ??= hireBench();
    setTried((before) => ({ ...before, isBusy: true }));
    bench.current
      .ask((face) => face.tryOut(float, quantized, given))
      .then(
        (outputs) => number === asked.current && setTried({ outputs, trouble: undefined, isBusy: false }),
        (error: Error) =>
          number === asked.current && setTried({ outputs: undefined, trouble: error.message, isBusy: false }),
      );
  }, [float, quantized, given]);
  return tried;
}

interface InputProps {
  readonly facts: TensorFacts;
  readonly isOnly: boolean;
  readonly give: (given: Given) => void;
}

function Input({ facts, isOnly, give }: InputProps) {
  const kind = inputKind(facts);
  return (
    <div class="try-input">
      {!isOnly && <h3 class="name">{facts.name}</h3>}
      {kind.kind === 'drawing' && <Drawing kind={kind} give={give} />}
      {kind.kind === 'image' && <ImageInput kind={kind} give={give} />}
      {kind.kind === 'sound' && <SoundInput samples={kind.samples} give={give} />}
      {kind.kind === 'text' && <TextInput give={give} />}
      {kind.kind === 'numbers' && <NumbersInput facts={facts} count={kind.count} give={give} />}
    </div>
  );
}
