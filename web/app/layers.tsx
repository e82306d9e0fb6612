import { useMemo, useState } from 'preact/hooks';
import type { Choice, Optimized, Storage } from '../protocol.js';
import { bytesText, dbText, shapeText } from './format.js';
import { isLarge, isMeantQuantized, type LayerRow, layerRows, withQuantized, withStorage } from './layer-rows.js';
import type { State } from './state.js';

/** Rows that are drawn at once, and how many more a press shows. */
const PAGE = 20;

interface Props {
  readonly state: State;
  readonly choose: (choice: Choice) => void;
}

/** Every constant: what became of it, why, what it costs, and the way to change it. */
export function Layers({ state, choose }: Props) {
  const { model, result, choice, layers } = state;
  const [showSmall, setShowSmall] = useState(false);
  const [isByNoise, setByNoise] = useState(false);
  const [shown, setShown] = useState(PAGE);
  const measured = layers.state === 'done' ? layers.value : undefined;
  const rows = useMemo(
    () => (model && result ? layerRows(model, result, measured ?? []) : []),
    [model, result, measured],
  );
  if (!result) return null;
  const wanted = showSmall ? rows : rows.filter((row) => isLarge(row, choice));
  const listed = isByNoise ? [...wanted].sort((a, b) => (b.layer?.share ?? 0) - (a.layer?.share ?? 0)) : wanted;
  const small = rows.length - listed.length;
  const most = Math.max(1, ...rows.map(({ decision }) => decision.bytesBefore));
  const exceptions = Object.keys(choice.storage).length;
  return (
    <section class="layers" aria-labelledby="layers-title">
      <div class="section-head">
        <h2 id="layers-title">Weights, one by one</h2>
        <p>Untick a weight to leave it in float; size and error above follow at once. {measuringText(layers)}</p>
        {measured && rows.length > 5 && (
          <label class="order">
            <span class="unseen">Order</span>
            <select
              value={isByNoise ? 'noise' : 'size'}
              onChange={(e) => setByNoise(e.currentTarget.value === 'noise')}
            >
              <option value="size">Largest first</option>
              <option value="noise">Noisiest first</option>
            </select>
          </label>
        )}
        {exceptions > 0 && (
          <button type="button" class="quiet" onClick={() => choose({ technique: choice.technique, storage: {} })}>
            Undo {exceptions === 1 ? 'the exception' : `${exceptions} exceptions`}
          </button>
        )}
      </div>
      <table>
        <thead>
          <tr>
            <th scope="col">
              <span class="unseen">Quantize</span>
            </th>
            <th scope="col">Weight</th>
            <th scope="col">Stored as</th>
            <th scope="col" class="number">
              Size
            </th>
            <th scope="col" class="number">
              Weight error
            </th>
            <th scope="col" class="number">
              Layer error
            </th>
          </tr>
        </thead>
        <tbody>
          {listed.slice(0, shown).map((row) => (
            <Row key={row.name} row={row} most={most} result={result} choice={choice} choose={choose} />
          ))}
        </tbody>
      </table>
      <div class="more">
        {listed.length > shown && (
          <button type="button" class="quiet" onClick={() => setShown(shown + PAGE * 4)}>
            Show {Math.min(listed.length - shown, PAGE * 4)} more of {listed.length}
          </button>
        )}
        {(small > 0 || showSmall) && (
          <button type="button" class="quiet" onClick={() => setShowSmall(!showSmall)}>
            {showSmall ? 'Hide the small ones' : `Show ${small} small ${small === 1 ? 'constant' : 'constants'}`}
          </button>
        )}
      </div>
    </section>
  );
}

function measuringText(layers: State['layers']): string {
  switch (layers.state) {
    case 'waiting':
      return '';
    case 'running':
      return layers.working?.total
        ? `Measuring the error of each layer, ${layers.working.done} of ${layers.working.total}.`
        : 'Measuring the error of each layer.';
    case 'failed':
      return `The error of layers was not measured: ${layers.message}`;
    case 'done':
      return 'The layer error is what each layer adds by itself, on clean data.';
  }
}

interface RowProps {
  readonly row: LayerRow;
  readonly most: number;
  readonly result: Optimized;
  readonly choice: Choice;
  readonly choose: (choice: Choice) => void;
}

function Row({ row, most, result, choice, choose }: RowProps) {
  const { name, decision, layer, options } = row;
  const { bytesBefore, bytesAfter } = decision;
  const isolated = layer?.isolated;
  return (
    <tr class={Object.hasOwn(choice.storage, name) ? 'is-exception' : ''}>
      <td class="tick">
        <input
          type="checkbox"
          aria-label={`Quantize ${name}`}
          checked={isMeantQuantized(choice, result, row)}
          disabled={options.length === 0}
          onChange={(e) => choose(withQuantized(choice, row, e.currentTarget.checked))}
        />
      </td>
      <th scope="row">
        <span class="name weight-name">{name}</span>
        <span class="role">
          {row.role} <span class="shape">{shapeText(decision.shape)}</span>
        </span>
      </th>
      <td class="stored">
        {options.length > 0 ? (
          <select
            aria-label={`How ${name} is stored`}
            value={choice.storage[name] ?? ''}
            onChange={(e) =>
              choose(withStorage(choice, name, (e.currentTarget.value || undefined) as Storage | undefined))
            }
          >
            <option value="">{Object.hasOwn(choice.storage, name) ? 'as the technique says' : row.stored}</option>
            {options.map((option) => (
              <option key={option} value={option}>
                {option}
              </option>
            ))}
          </select>
        ) : (
          <span>{row.stored}</span>
        )}
        <span class="reason">{decision.reason}</span>
      </td>
      <td class="number size">
        <span class="pair">
          {bytesAfter < bytesBefore && <s>{bytesText(bytesBefore)}</s>} {bytesText(bytesAfter)}
        </span>
        <span class="pair-line" aria-hidden="true">
          <span class="pair-before" style={{ '--part': bytesBefore / most }} />
          <span class="pair-after" style={{ '--part': bytesAfter / most }} />
        </span>
      </td>
      <td class="number" data-label="Weight error">
        {row.isQuantized ? dbText(decision.sqnrDb) : ''}
      </td>
      <td class="number" data-label="Layer error">
        {isolated ? dbText(isolated.sqnrDb) : ''}
        {layer && layer.share > 0 && (
          <span class="share">
            <span class="share-line" style={{ '--part': layer.share }} aria-hidden="true" />
            {Math.round(layer.share * 100)} % of the noise
          </span>
        )}
      </td>
    </tr>
  );
}
