import { noisiest } from '../evaluate/compare/noisiest.js';
import type { Comparison, LayerDifference, OutputDifference } from '../evaluate/compare/types.js';
import type { ByteAccount } from '../formats/tflite/index.js';
import { bytesText, decibelText, numberText, percentText } from '../numerics/number-text.js';
import type { Decision } from '../quantize/report.js';
import type { VariantData } from '../report/report-data.js';
import { shellQuoted } from '../report/shell-quoted.js';
import { layerChart } from './charts/layer-chart.js';
import { byteTreemap, type Part } from './charts/treemap.js';
import { histogramSvg } from './histogram-svg.js';
import { type Html, html, raw } from './html.js';
import { outputImages } from './output-images.js';
import type { Drawing } from './plot-svg.js';

/** Histograms of a report: of the nodes that add most noise, and of the largest constants. */
const HISTOGRAMS = 12;
/** Classes of an output that are shown as bars. */
const CLASSES = 8;

/** Everything about one form of a model, beside the first form. */
export function variantSection(drawing: Drawing, variant: VariantData): Html {
  const { comparison, decisions, warnings } = variant;
  return html`${warnings.map((text) => html`<p class="warning">${text}</p>`)}
${comparison ? comparisonCards(drawing, comparison) : null}
${decisions.length > 0 ? bytesCard(drawing, decisions, comparison?.b.account) : null}
${decisions.length > 0 ? reasonsCard(decisions) : null}`;
}

function comparisonCards(drawing: Drawing, comparison: Comparison): Html {
  const { layers, outputs } = comparison;
  return html`
${layers.length > 0 ? errorCard(drawing, layers) : null}
<div class="card"><h3>Outputs, side by side</h3>${outputs.map(outputBlock)}
<p class="muted small">${comparison.samples === 1 ? 'One sample' : `${comparison.samples} samples`}: ${comparison.data}. ${comparison.samples === 1 ? 'It' : 'The first one'} is shown.</p></div>
${histogramsCard(comparison)}`;
}

function errorCard(drawing: Drawing, layers: readonly LayerDifference[]): Html {
  const worst = noisiest(layers);
  return html`<div class="card"><h3>Where the error enters</h3>
<div class="legend"><span class="s2">of the node itself, on clean data</span><span class="s3">of all nodes so far</span></div>
<div class="scroll wide" tabindex="0" role="region" aria-label="Error along the model">${raw(layerChart(drawing, layers).svg)}</div>
<p class="muted small">SQNR in dB: higher is better, 80 and more is as good as equal.</p>
<details><summary>All ${layers.length} nodes</summary>${layerTable(layers)}</details>
${worst[0] ? html`<p class="small">The largest part, ${percentText(worst[0].share)} of the added noise, comes from <code>${worst[0].name}</code> (${worst[0].op}). To leave it as it was: <code>--exclude ${shellQuoted(worst[0].name)}</code></p>` : null}</div>`;
}

function layerTable(layers: readonly LayerDifference[]): Html {
  const rows = layers.map(
    (l, i) => html`<tr><td class="n" data-v="${i}">${i + 1}</td><td class="name">${l.name}</td><td>${l.op}</td>
<td class="n" data-v="${l.isolated?.sqnrDb ?? 999}">${l.isolated ? decibelText(l.isolated.sqnrDb) : '–'}</td>
<td class="n" data-v="${l.accumulated.sqnrDb ?? 999}">${decibelText(l.accumulated.sqnrDb)}</td>
<td class="n" data-v="${l.share}"><span class="meter" aria-hidden="true">${raw(`<i style="width:${Math.round(100 * l.share)}%"></i>`)}</span> ${percentText(l.share)}</td></tr>`,
  );
  return sortable('Nodes', ['#', 'node', 'operator', 'own SQNR', 'SQNR so far', 'share'], [0, 3, 4, 5], rows);
}

/** A table that the report's script makes sortable by its heads. */
function sortable(label: string, head: readonly string[], numeric: readonly number[], rows: readonly Html[]): Html {
  const cells = head.map((h, i) => html`<th scope="col"${raw(numeric.includes(i) ? ' class="n"' : '')}>${h}</th>`);
  return html`<div class="scroll tall" tabindex="0" role="region" aria-label="${label}"><table class="sortable"><thead><tr>${cells}</tr></thead><tbody>${rows}</tbody></table></div>`;
}

function outputBlock(output: OutputDifference): Html {
  const { name, error, top1Agreement, klDivergence, shape, dtypeB } = output;
  const images = outputImages(output);
  const facts: [string, string][] = [
    ['tensor', `${dtypeB} [${shape.join(', ')}]`],
    ['SQNR', decibelText(error.sqnrDb)],
    ['largest error', numberText(error.maxAbs)],
    ['mean error', numberText(error.meanAbs)],
    ['cosine', error.cosine === null ? '–' : error.cosine.toFixed(6)],
    ...(top1Agreement === null ? [] : [['same top-1', percentText(top1Agreement)] as [string, string]]),
    ...(klDivergence === null ? [] : [['KL divergence', numberText(klDivergence)] as [string, string]]),
  ];
  return html`<h4 class="mono">${name}</h4><div class="grid"><dl>${facts.map(([k, v]) => html`<dt>${k}</dt><dd>${v}</dd>`)}</dl>
${images ? html`<div class="pair">${images.map(({ label, url }) => html`<figure class="image"><img src="${url}" alt="${`${name}, ${label}`}"><figcaption class="small">${label}</figcaption></figure>`)}</div>` : sampleBars(output)}</div>`;
}

/** The highest elements of the first row, before and after. */
function sampleBars({ sample, shape }: OutputDifference): Html {
  const size = shape.at(-1) ?? 1;
  const [a, b] = [sample.a.slice(0, size), sample.b.slice(0, size)];
  const order = a.map((_, i) => i).sort((i, j) => Math.max(a[j] ?? 0, b[j] ?? 0) - Math.max(a[i] ?? 0, b[i] ?? 0));
  const top = order.slice(0, CLASSES);
  const most = Math.max(...top.flatMap((i) => [Math.abs(a[i] ?? 0), Math.abs(b[i] ?? 0)]), 1e-12);
  const bar = (x: number) => raw(`<div style="width:${Math.max((100 * Math.abs(x)) / most, 0.5).toFixed(1)}%"></div>`);
  return html`<div class="bars">${top.map((i) => html`<span class="mono">${i}</span><span>${bar(a[i] ?? 0)}${bar(b[i] ?? 0)}</span><span>${numberText(a[i] ?? 0)} → ${numberText(b[i] ?? 0)}</span>`)}</div>`;
}

function histogramsCard({ layers, constants }: Comparison): Html | null {
  const nodes = noisiest(layers).flatMap((l) =>
    l.histogram ? [{ name: l.name, of: 'activations', pair: l.histogram }] : [],
  );
  const weights = [...constants]
    .filter((c) => c.dtypeA !== c.dtypeB)
    .sort((a, b) => b.bytesA - a.bytesA)
    .flatMap((c) => (c.histogram ? [{ name: c.name, of: 'weights', pair: c.histogram }] : []));
  const shown = [...nodes.slice(0, HISTOGRAMS / 2), ...weights.slice(0, HISTOGRAMS / 2)];
  if (shown.length === 0) return null;
  return html`<div class="card"><h3>How the numbers are spread</h3>
<div class="legend"><span class="s1">before</span><span class="s2">after</span></div>
<div class="spreads">${shown.map(({ name, of, pair }) => html`<figure class="spread">${raw(histogramSvg(`${of} of ${name}`, pair))}<figcaption class="small"><code>${name}</code>, ${of}</figcaption></figure>`)}</div></div>`;
}

/** What a treemap of a model's bytes shows. */
export const constantParts = (decisions: readonly Decision[]): Part[] =>
  decisions.map((d) => ({ name: d.value, bytes: d.bytesAfter, kind: d.action }));

function bytesCard(drawing: Drawing, decisions: readonly Decision[], account: ByteAccount | undefined): Html {
  const parts = constantParts(decisions);
  const kinds = [...new Set([...parts].sort((a, b) => b.bytes - a.bytes).map((p) => p.kind))];
  return html`<div class="card"><h3>Where the bytes are</h3>
<div class="legend">${kinds.map((kind, i) => html`<span class="${`s${((i + 1) % 5) + 1}`}">${kind}</span>`)}</div>
<div class="scroll">${raw(byteTreemap(drawing, parts).svg)}</div>${account ? accountList(account) : null}</div>`;
}

/** All bytes of the file, part by part. */
function accountList({ weights, ...sums }: ByteAccount): Html {
  const rows = [
    ...Object.entries(weights).map(([dtype, n]) => [`weights, ${dtype}`, n] as const),
    ...Object.entries(sums),
  ];
  return html`<details><summary>Every byte of the file</summary><dl>${rows.map(([part, n]) => html`<dt>${part}</dt><dd>${n}</dd>`)}</dl></details>`;
}

function reasonsCard(decisions: readonly Decision[]): Html {
  const rows = decisions.map(
    (d) => html`<tr><td class="name">${d.value}</td><td>${d.action}</td>
<td class="n" data-v="${d.bytesBefore}">${bytesText(d.bytesBefore)}</td><td class="n" data-v="${d.bytesAfter}">${bytesText(d.bytesAfter)}</td>
<td class="n" data-v="${d.sqnrDb ?? 999}">${d.action === 'kept' ? '' : decibelText(d.sqnrDb)}</td><td>${d.reason}</td></tr>`,
  );
  const head = ['constant', 'what was done', 'before', 'after', 'SQNR', 'why'];
  return html`<div class="card"><h3>Every constant, and why</h3>
<div class="toolbar"><input type="search" class="filter" placeholder="Filter" aria-label="Filter the constants"></div>
${sortable('Constants', head, [2, 3, 4], rows)}</div>`;
}

/** Total bytes by element type. */
export const weightsText = (weightBytes: Readonly<Record<string, number>>): string =>
  Object.entries(weightBytes)
    .sort(([, x], [, y]) => y - x)
    .map(([dtype, n]) => `${bytesText(n)} ${dtype}`)
    .join(', ');
