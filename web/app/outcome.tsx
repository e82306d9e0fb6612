import type { OpenedModel, Optimized } from '../protocol.js';
import { bytesText, dbText, msText, offPercent, timesText } from './format.js';
import { type Measured, outputDb, type State } from './state.js';

const NAMES = { none: 'float32', float16: 'float16', 'weight-only': 'int8', dynamic: 'int8' } as const;

/** Before and after: size, time and answers, each with its figure. */
export function Outcome({ state }: { readonly state: State }) {
  const { model, result, isBusy } = state;
  if (!model || !result) return null;
  const name = NAMES[result.choice.technique];
  return (
    <section class={`outcome ${isBusy ? 'is-busy' : ''}`} aria-label="Before and after">
      <Size model={model} result={result} name={name} />
      <Speed latency={state.latency} unmeasured={result.unmeasured} name={name} />
      <Answers result={result} />
    </section>
  );
}

interface BarProps {
  readonly name: string;
  readonly value: string;
  /** Length, 0..1. */
  readonly part: number;
  readonly isAfter?: boolean;
}

function Bar({ name, value, part, isAfter = false }: BarProps) {
  return (
    <div class={`bar ${isAfter ? 'is-after' : ''}`}>
      <dt>{name}</dt>
      <dd>
        <span class="bar-line" style={{ '--part': Math.max(part, 0.004) }} aria-hidden="true" />
        <span class="bar-value">{value}</span>
      </dd>
    </div>
  );
}

function Size({
  model,
  result,
  name,
}: {
  readonly model: OpenedModel;
  readonly result: Optimized;
  readonly name: string;
}) {
  const [before, after] = [model.float.size, result.file.size];
  const most = Math.max(before, after);
  return (
    <div class="figure">
      <h2>Size</h2>
      <p class="figure-number">
        {timesText(before / after)}
        <span class="figure-unit">× smaller</span>
      </p>
      <dl class="bars">
        <Bar name="float32" value={bytesText(before)} part={before / most} />
        <Bar name={name} value={bytesText(after)} part={after / most} isAfter />
      </dl>
    </div>
  );
}

/** Differences of speed that are within what a device does by itself. */
const EQUAL = 0.03;

interface SpeedProps {
  readonly latency: State['latency'];
  readonly unmeasured: string | undefined;
  readonly name: string;
}

function Speed({ latency, unmeasured, name }: SpeedProps) {
  if (latency.state !== 'done')
    return (
      <div class="figure">
        <h2>Speed</h2>
        <p class="figure-number is-waiting" aria-hidden="true">
          …
        </p>
        <p class="figure-note">{unmeasured ?? waitingText(latency)}</p>
      </div>
    );
  const { floatMs, quantizedMs, ratio, runs } = latency.value;
  const isFaster = ratio.ofMedians >= 1;
  const isEqual = Math.abs(ratio.ofMedians - 1) < EQUAL;
  const most = Math.max(floatMs, quantizedMs);
  return (
    <div class="figure">
      <h2>Speed on this device</h2>
      <p class="figure-number">
        {isEqual ? '1.0' : timesText(isFaster ? ratio.ofMedians : 1 / ratio.ofMedians)}
        <span class="figure-unit">× {isEqual ? 'the speed' : isFaster ? 'faster' : 'slower'}</span>
      </p>
      <dl class="bars">
        <Bar name="float32" value={msText(floatMs)} part={floatMs / most} />
        <Bar name={name} value={msText(quantizedMs)} part={quantizedMs / most} isAfter />
      </dl>
      <p class="figure-note">Median of {runs} runs in turns, one thread.</p>
    </div>
  );
}

function waitingText(latency: Measured<unknown>): string {
  if (latency.state === 'failed') return latency.message;
  if (latency.state === 'running' && latency.working?.total)
    return `Running both models in turns, ${latency.working.done} of ${latency.working.total}.`;
  return 'Running both models in turns.';
}

function Answers({ result }: { readonly result: Optimized }) {
  const db = outputDb(result);
  if (db === undefined)
    return (
      <div class="figure">
        <h2>Answers</h2>
        <p class="figure-note">{result.unmeasured ?? 'The model has no numeric outputs to compare.'}</p>
      </div>
    );
  return (
    <div class="figure">
      <h2>Answers</h2>
      <p class="figure-number">
        {db === null ? 'Equal' : offPercent(db)}
        {db !== null && <span class="figure-unit">% off</span>}
      </p>
      <p class="figure-note">
        {db === null
          ? 'On random data all outputs are the same, bit by bit.'
          : `Root mean square of the difference on random data, ${dbText(db)}${result.isBeforeSoftmax ? ' before the softmax' : ''}. ${agreementText(result)}`}
      </p>
    </div>
  );
}

/** How often the highest element is the same one. */
function agreementText({ outputs }: Optimized): string {
  const agreement = outputs.find(({ top1Agreement }) => top1Agreement !== null)?.top1Agreement;
  if (agreement === undefined || agreement === null) return '';
  if (agreement === 1) return 'The first choice is the same.';
  return agreement === 0
    ? 'The first choice differs.'
    : `The first choice is the same in ${Math.floor(agreement * 100)} % of the rows.`;
}
