import { Graph } from '../graph/graph.js';
import { Accuracy } from '../try/accuracy.js';
import { Try } from '../try/try.js';
import { countText, msText } from './format.js';
import { Layers } from './layers.js';
import { Outcome } from './outcome.js';
import { SaveReport } from './save-report.js';
import type { State } from './state.js';
import { TechniquePicker } from './technique-picker.js';
import { Trouble } from './trouble.js';
import type { Actions } from './use-session.js';

/** What became of the model, and all that can be done with it. */
export function Result({ state, actions }: { readonly state: State; readonly actions: Actions }) {
  const { model, result } = state;
  if (!model || !result) return null;
  return (
    <div class="result">
      <div class="title">
        <h1 tabIndex={-1}>{model.name}</h1>
        <p>
          {model.format}, {countText(model.parameters)} parameters in {model.nodes} operators. Converted in{' '}
          {msText(model.ms + result.ms)}.
        </p>
        {model.warnings.map((text) => (
          <p key={text} class="warning">
            {text}
          </p>
        ))}
      </div>
      {state.trouble !== undefined && <Trouble text={state.trouble} />}
      <div>
        <Outcome state={state} />
        <SaveReport key={JSON.stringify(result.choice)} state={state} />
      </div>
      <TechniquePicker choice={state.choice} choose={actions.choose} />
      {!result.unmeasured && <Try model={model} result={result} />}
      {!result.unmeasured && <Accuracy model={model} result={result} />}
      <Layers state={state} choose={actions.choose} />
      <Graph result={result} nodes={model.nodes} />
    </div>
  );
}
