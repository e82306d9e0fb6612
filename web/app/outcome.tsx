import type { OpenedModel, Optimized } from '../protocol.js';
import { bytesText, dbText, msText, timesText } from './format.js';
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
  const most = Math.max(floatMs, quantizedMs);
  return (
    <div class="figure">
      <h2>Speed on this device</h2>
      <p class="figure-number">
        {timesText(isFaster ? ratio.ofMedians : 1 / ratio.ofMedians)}
        <span class="figure-unit">× {isFaster ? 'faster' : 'slower'}</span>
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

/** How far the outputs are off, as a share of their size: `1.2 % off`. */
export function offText(db: number | null | undefined): string {
  if (db === undefined) return '';
  return db === null ? 'exact' : `${offPercent(db)} % off`;
}

const offPercent = (db: number): string => {
  const percent = 100 * 10 ** (-db / 20);
  return percent >= 10
    ? percent.toFixed(0)
    : percent >= 0.095
      ? percent.toFixed(1)
      : percent >= 0.00095
        ? percent.toFixed(3)
        : '< 0.001';
};

function Answers({ result }: { readonly result: Optimized }) {
  const db = outputDb(result);
  const agreement = result.outputs.find(({ top1Agreement }) => top1Agreement !== null)?.top1Agreement;
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
          ? 'The outputs are the same, bit by bit, on random data.'
          : `Root mean square of the difference, against the outputs (before a softmax): ${dbText(db)}, on random data. Try your own below.`}
        {agreement !== null &&
          agreement !== undefined &&
          db !== null &&
          (agreement === 1 ? ' The first choice is the same.' : ' The first choice differs.')}
      </p>
    </div>
  );
}
