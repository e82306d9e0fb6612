import { bytesText, decibelText, msText, percentText } from '../numerics/number-text.js';
import type { ReportData, SubjectData, VariantData } from '../report/report-data.js';
import { type Bar, barChart } from './charts/bar-chart.js';
import { type Html, html, raw } from './html.js';
import type { Chart, Drawing } from './plot-svg.js';

/** The two charts over all models and their forms: size and latency. The second is absent when nothing was timed. */
export function overviewCharts(
  drawing: Drawing,
  { subjects }: Pick<ReportData, 'subjects'>,
  standsAlone = false,
): { size: Chart; latency: Chart | undefined } {
  const bars = (value: (v: VariantData) => number | undefined, label: (n: number) => string): Bar[] =>
    subjects.flatMap((subject) =>
      subject.variants.flatMap((variant) => {
        const n = value(variant);
        return n === undefined ? [] : [{ group: subject.name, series: variant.name, value: n, label: label(n) }];
      }),
    );
  const sizes = bars(
    (v) => v.bytes / 1e6,
    (mb) => bytesText(Math.round(mb * 1e6)),
  );
  const times = bars((v) => v.latencyMs?.median, msText);
  return {
    size: barChart(drawing, sizes, { title: 'Size of the model file', axis: 'MB', standsAlone }),
    latency:
      times.length > 0
        ? barChart(drawing, times, { title: 'Latency of one inference', axis: 'ms, median', standsAlone })
        : undefined,
  };
}

/** The form of a model that a report speaks of first: `dynamic` when it is there, else the smallest. */
export function chosenVariant({ variants }: SubjectData): VariantData {
  const others = variants.slice(1);
  const smallest = [...others].sort((a, b) => a.bytes - b.bytes)[0];
  return others.find((v) => v.name === 'dynamic') ?? smallest ?? (variants[0] as VariantData);
}

/** Size, speed and accuracy of a model: before and after. */
export function headline(subject: SubjectData): Html {
  const before = subject.variants[0] as VariantData;
  const after = chosenVariant(subject);
  const smaller = before.bytes / after.bytes;
  const faster = before.latencyMs && after.latencyMs ? before.latencyMs.median / after.latencyMs.median : undefined;
  return html`<div class="figures">
${figure('size', `${smaller.toFixed(smaller < 10 ? 2 : 1)}× smaller`, `${bytesText(before.bytes)} → ${bytesText(after.bytes)}`)}
${
  faster === undefined
    ? null
    : figure(
        'speed',
        faster >= 1 ? `${faster.toFixed(2)}× faster` : `${(1 / faster).toFixed(2)}× slower`,
        `${msText(before.latencyMs?.median ?? 0)} → ${msText(after.latencyMs?.median ?? 0)}`,
      )
}
${accuracyFigure(before, after)}
</div>`;
}

const figure = (name: string, big: string, small: string): Html =>
  html`<div class="figure"><span class="name">${name}</span><b>${big}</b><span class="was">${small}</span></div>`;

function accuracyFigure(before: VariantData, after: VariantData): Html | null {
  const { accuracy } = after;
  if (accuracy && before.accuracy) {
    const drop = 100 * (before.accuracy.value - accuracy.value);
    const points = `${drop > 0 ? '−' : '+'}${Math.abs(drop).toFixed(2)} points`;
    return figure(
      accuracy.metric,
      Math.abs(drop) < 0.005 ? 'unchanged' : points,
      `${percentText(before.accuracy.value, 2)} → ${percentText(accuracy.value, 2)} of ${accuracy.samples} samples`,
    );
  }
  const output = after.comparison?.outputs[0];
  if (!output) return null;
  const same =
    output.top1Agreement === null ? 'no labels were given' : `same top-1 on ${percentText(output.top1Agreement)}`;
  return figure('fidelity', decibelText(output.error.sqnrDb), `${same}, ${after.comparison?.samples} samples`);
}

/** The forms of a model side by side. */
export function variantTable({ variants }: SubjectData): Html {
  const base = variants[0] as VariantData;
  const head = ['form', 'bytes', 'of the first', 'latency', 'against the first', 'SQNR', 'same top-1', 'accuracy'];
  const rows = variants.map((v) => {
    const output = v.comparison?.outputs[0];
    const { accuracy } = v;
    return html`<tr><th scope="row">${v.name}</th><td class="n">${bytesText(v.bytes)}</td>
<td class="n">${percentText(v.bytes / base.bytes)}</td><td class="n">${v.latencyMs ? msText(v.latencyMs.median) : ''}</td>
<td class="n">${v.ratio ? `${(1 / v.ratio.ofMedians).toFixed(2)}×` : ''}</td>
<td class="n">${output ? decibelText(output.error.sqnrDb) : ''}</td>
<td class="n">${output?.top1Agreement == null ? '' : percentText(output.top1Agreement)}</td>
<td class="n">${accuracy ? `${percentText(accuracy.value, 2)} (${percentText(accuracy.low)} – ${percentText(accuracy.high)})` : ''}</td></tr>`;
  });
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Forms of the model"><table><thead><tr>${head.map((h, i) => html`<th scope="col"${raw(i > 0 ? ' class="n"' : '')}>${h}</th>`)}</tr></thead><tbody>${rows}</tbody></table></div>`;
}

/** A legend in the colours of the bars. */
export const seriesLegend = (names: readonly string[]): Html =>
  html`<div class="legend">${names.map((name, i) => html`<span class="${`s${(i % 5) + 1}`}">${name}</span>`)}</div>`;
