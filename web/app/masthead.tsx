import { Download } from './download.js';
import { bytesText, offText, timesText } from './format.js';
import { outputDb, type State } from './state.js';
import type { Actions } from './use-session.js';

/** The line that stays in sight: what the model is now, and the way to take it along. */
export function Masthead({ state, actions }: { readonly state: State; readonly actions: Actions }) {
  const { stage, model, result, isBusy } = state;
  return (
    <header class={`masthead ${stage === 'ready' ? 'is-ready' : ''}`}>
      <p class="wordmark">
        <svg viewBox="0 0 46 30" aria-hidden="true">
          <path class="wave-smooth" d="M2 25C11 25 13 4 23 4" />
          <path class="wave-steps" d="M23 4V11H30V18H37V25H44" />
        </svg>
        Tersor
      </p>
      {stage === 'ready' && model && result && (
        <>
          <p class={`standing ${isBusy ? 'is-busy' : ''}`}>
            <span class="standing-from">{bytesText(model.float.size)}</span>
            <span class="standing-to">{bytesText(result.file.size)}</span>
            <span class="standing-times">{timesText(model.float.size / result.file.size)}×</span>
            <span class="standing-off">{offText(outputDb(result))}</span>
          </p>
          <nav class="masthead-actions" aria-label="Model">
            <button type="button" class="quiet" onClick={() => actions.close()}>
              Another model
            </button>
            <Download model={model} result={result} />
          </nav>
        </>
      )}
    </header>
  );
}
