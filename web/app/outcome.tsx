import type { Decision } from '../../src/quantize/report.js';
import type { OpenedModel, Optimized } from '../protocol.js';
import { bytesText, dbText, msText, offPercent, timesText } from './format.js';
import { type Measured, outputDb, type State } from './state.js';

/** A model that is not smaller by half a percent is as large as before. */
const LEAST_GAIN = 1.005;
const NAMES = { none: 'float32', float16: 'float16', 'weight-only': 'int8', dynamic: 'int8' } as const;

/** What the bars of both models are called. */
type Names = readonly [string, string];

/** Before and after: size, time and answers, each with its figure. */
export function Outcome({ state }: { readonly state: State }) {
  const { model, result, isBusy } = state;
  if (!model || !result) return null;
  const isSame = model.float.size / result.file.size < LEAST_GAIN;
  const names = isSame ? (['before', 'now'] as const) : (['float32', NAMES[result.choice.technique]] as const);
  return (
    <section class={`outcome ${isBusy ? 'is-busy' : ''}`} aria-label="Before and after">
      <Size model={model} result={result} names={names} />
      <Speed latency={state.latency} unmeasured={result.unmeasured} names={names} />
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

interface SizeProps {
  readonly model: OpenedModel;
  readonly result: Optimized;
  readonly names: Names;
}

function Size({ model, result, names }: SizeProps) {
  const [before, after] = [model.float.size, result.file.size];
  const most = Math.max(before, after);
  const isSame = before / after < LEAST_GAIN;
  return (
    <div class="figure">
      <h2>Size</h2>
      <p class="figure-number">
        {isSame ? 'Same' : timesText(before / after)}
        {!isSame && <span class="figure-unit">× smaller</span>}
      </p>
      <dl class="bars">
        <Bar name={names[0]} value={bytesText(before)} part={before / most} />
        <Bar name={names[1]} value={bytesText(after)} part={after / most} isAfter />
      </dl>
      {isSame && <p class="figure-note">{sameText(result)}</p>}
    </div>
  );
}

/** Why a model did not become smaller. */
function sameText({ choice, decisions }: Optimized): string {
  const has = (code: Decision['code']) => decisions.some((d) => d.code === code);
  if (has('already-quantized')) return 'Its weights were quantized already.';
  if (choice.technique === 'none') return 'Converted, not quantized.';
  if (has('excluded')) return 'Its weights are left in float.';
  return has('too-small')
    ? 'All its weights are too small for 8 bits to be worth it. Float16 takes small ones, too.'
    : 'None of its weights can be stored in fewer bits.';
}

/** Differences of speed that are within what a device does by itself. */
const EQUAL = 0.03;

interface SpeedProps {
  readonly latency: State['latency'];
  readonly unmeasured: string | undefined;
  readonly names: Names;
}

function Speed({ latency, unmeasured, names }: SpeedProps) {
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
        <Bar name={names[0]} value={msText(floatMs)} part={floatMs / most} />
        <Bar name={names[1]} value={msText(quantizedMs)} part={quantizedMs / most} isAfter />
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
