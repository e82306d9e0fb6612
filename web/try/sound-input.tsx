import { useState } from 'preact/hooks';
import { Trouble } from '../app/trouble.js';
import type { Given } from '../protocol.js';
import { FileButton } from './file-button.js';

interface Props {
  /** Samples that the model takes; -1 when it takes any number. */
  readonly samples: number;
  readonly give: (given: Given) => void;
}

/** Longest recording where the model takes any length, in seconds. */
const LONGEST = 5;
const RATES: readonly number[] = [8000, 16000, 22050, 44100, 48000];

/** Sound from the microphone or a file, at the rate that the model wants. */
export function SoundInput({ samples, give }: Props) {
  const [rate, setRate] = useState(16000);
  const [state, setState] = useState<'idle' | 'recording'>('idle');
  const [trouble, setTrouble] = useState<string>();
  const seconds = samples > 0 ? samples / rate : LONGEST;
  const decode = async (blob: Blob) => {
    const context = new OfflineAudioContext(1, Math.max(1, Math.ceil(seconds * rate)), rate);
    const sound = await context.decodeAudioData(await blob.arrayBuffer());
    give({ kind: 'sound', rate: sound.sampleRate, samples: mono(sound) });
  };
  const guarded = (work: Promise<void>) =>
    work.then(
      () => setTrouble(undefined),
      (error: Error) => setTrouble(`No sound: ${error.message}`),
    );
  const listen = async () => {
    setState('recording');
    try {
      await decode(await record(seconds));
    } finally {
      setState('idle');
    }
  };
  return (
    <div class="sound-input">
      <div class="row">
        <button type="button" class="primary" disabled={state === 'recording'} onClick={() => void guarded(listen())}>
          {state === 'recording' ? 'Listening…' : `Record ${seconds.toFixed(1)} s`}
        </button>
        <FileButton text="Choose a sound" accept="audio/*,.wav" take={(file) => void guarded(decode(file))} />
        <button
          type="button"
          class="quiet"
          onClick={() => give({ kind: 'random', seed: Math.ceil(performance.now()) })}
        >
          Noise
        </button>
      </div>
      <label class="field">
        <span>Samples in a second</span>
        <select value={rate} onChange={(event) => setRate(Number(event.currentTarget.value))}>
          {RATES.map((value) => (
            <option key={value} value={value}>
              {value}
            </option>
          ))}
        </select>
      </label>
      {trouble !== undefined && <Trouble text={trouble} />}
    </div>
  );
}

/** So many seconds from the microphone, as the browser stores them. */
async function record(seconds: number): Promise<Blob> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  try {
    const recorder = new MediaRecorder(stream);
    const parts: Blob[] = [];
    recorder.ondataavailable = ({ data }) => parts.push(data);
    const stopped = new Promise((done) => {
      recorder.onstop = done;
    });
    recorder.start();
    await new Promise((done) => setTimeout(done, seconds * 1000 + 100));
    recorder.stop();
    await stopped;
    return new Blob(parts, { type: recorder.mimeType });
  } finally {
    for (const track of stream.getTracks()) track.stop();
  }
}

function mono(sound: AudioBuffer): Float32Array {
  const channels = Array.from({ length: sound.numberOfChannels }, (_, i) => sound.getChannelData(i));
  const [first = new Float32Array()] = channels;
  return first.map((_, i) => channels.reduce((sum, channel) => sum + (channel[i] as number), 0) / channels.length);
}
