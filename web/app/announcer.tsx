import { bytesText, timesText } from './format.js';
import { progressOf, type State } from './state.js';

/** Says what happens to those who do not see it. */
export function Announcer({ state }: { readonly state: State }) {
  return (
    <p class="unseen" role="status" aria-live="polite">
      {sentence(state)}
    </p>
  );
}

function sentence({ stage, opening, working, model, result, isBusy, latency }: State): string {
  if (stage === 'opening') return `${opening}: ${progressOf(working).text}.`;
  if (stage !== 'ready' || !model || !result) return '';
  if (isBusy) return 'Converting again.';
  const size = `${model.name} is converted: ${bytesText(model.float.size)} in float, now ${bytesText(result.file.size)}.`;
  if (latency.state !== 'done') return size;
  const { ofMedians } = latency.value.ratio;
  return `${size} It runs ${timesText(Math.max(ofMedians, 1 / ofMedians))} times ${ofMedians >= 1 ? 'faster' : 'slower'} on this device.`;
}
