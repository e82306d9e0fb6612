import type { ReportData, SubjectData } from '../report/report-data.js';
import { escapeXml } from './escape-xml.js';
import { graphSvg } from './graph-svg.js';
import { type Html, html, raw } from './html.js';
import { type KernelClass, kernelClassNames } from './kernel-class.js';
import { shownNodes } from './node-spreads.js';
import type { Drawing } from './plot-svg.js';
import { chosenVariant, headline, overviewCharts, seriesLegend, variantTable } from './report-overview.js';
import { variantSection, weightsText } from './report-variant.js';
import { style } from './style.js';

/**
 * A report as one HTML file that needs nothing else: it may show only what is in it (its own policy says so), opens from
 * disk, and prints.
 * @param script What makes tables sortable and the graph movable; the report can be read without.
 */
export async function reportPage(drawing: Drawing, data: ReportData, script: string): Promise<string> {
  const { size, latency } = overviewCharts(drawing, data);
  const series = [...new Set(data.subjects.flatMap((s) => s.variants.map((v) => v.name)))];
  const nodes = data.subjects.map(shownNodes);
  const policy = `default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src '${await hashOf(script)}'`;
  const body = html`<main>
<header><p class="muted small">Tersor report</p><button type="button" class="theme small">Light or dark</button><h1>${data.title}</h1></header>
${data.subjects.length === 1 ? headline(data.subjects[0] as SubjectData) : null}
<div class="grid"><div class="card"><h3>Size</h3>${seriesLegend(series)}<div class="scroll">${raw(size.svg)}</div></div>
${latency ? html`<div class="card"><h3>Latency of one inference, here</h3>${seriesLegend(series)}<div class="scroll">${raw(latency.svg)}</div></div>` : null}</div>
${data.subjects.map((subject, i) => subjectSection(drawing, subject, i, data.subjects.length > 1))}
<h2>How this was made</h2><div class="card"><dl>${environmentRows(data)}</dl><p></p>
<pre tabindex="0" aria-label="Commands">${data.commands.join('\n')}</pre></div></main>`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark">
<title>${escapeXml(data.title)}</title><style>${style}</style></head><body>
${body.text}
<script type="application/json" id="graph-nodes">${JSON.stringify(nodes).replaceAll('<', '\\u003c')}</script>
<script>${script}</script></body></html>
`;
}

function environmentRows({ environment, subjects }: ReportData): Html[] {
  const rows: [string, string][] = [
    ['Tersor', environment.tersor],
    ['runtime', `${environment.runtime}, ${environment.threads} thread${environment.threads === 1 ? '' : 's'}`],
    ['processor', `${environment.processor}, ${environment.platform}`],
    [
      'timing',
      environment.runs > 0 ? `medians of ${environment.runs} runs of each form, in turns, after a warm-up` : 'none',
    ],
    ...subjects.map((s): [string, string] => [s.name, `read as ${s.format}`]),
  ];
  return rows.map(([k, v]) => html`<dt>${k}</dt><dd>${v}</dd>`);
}

function subjectSection(drawing: Drawing, subject: SubjectData, index: number, isOneOfMany: boolean): Html {
  const others = subject.variants.slice(1);
  const chosen = chosenVariant(subject);
  const tabs =
    others.length > 1
      ? html`<div class="tabs" role="tablist" aria-label="Forms">${others.map((v, i) => html`<button type="button" role="tab" id="${`tab-${index}-${i}`}" aria-controls="${`form-${index}-${i}`}" aria-selected="${String(v === chosen)}" tabindex="${v === chosen ? 0 : -1}">${v.name}</button>`)}</div>`
      : null;
  return html`<section aria-label="${subject.name}"><h2>${subject.name}</h2>
${isOneOfMany ? headline(subject) : null}
<div class="card"><h3>Forms</h3>${variantTable(subject)}
<p class="muted small">${subject.variants.map((v) => `${v.name}: ${weightsText(v.weightBytes)}`).join('; ')}</p></div>
${tabs}${others.map((v, i) => html`<div id="${`form-${index}-${i}`}"${raw(tabs ? ` role="tabpanel" aria-labelledby="tab-${index}-${i}"` : '')}${raw(v === chosen ? '' : ' hidden')}>${variantSection(drawing, v)}</div>`)}
${graphCard(subject, index)}</section>`;
}

function graphCard({ graph }: SubjectData, index: number): Html {
  const classes: readonly KernelClass[] = ['hybrid', 'integer', 'float', 'slow', 'none'];
  return html`<div class="card"><h3>The graph</h3>
<div class="legend">${classes.map((c) => html`<span class="${`k-${c}`}">${kernelClassNames[c]}</span>`)}</div>
<div class="toolbar"><input type="search" class="find" placeholder="Find a node" aria-label="Find a node">
<button type="button" class="zoom-in" aria-label="Larger">+</button><button type="button" class="zoom-out" aria-label="Smaller">−</button><button type="button" class="fit">Whole</button></div>
<div class="graph-box" data-graph="${index}">${raw(graphSvg(graph))}</div>
<dl class="node-facts" aria-live="polite"><dt></dt><dd class="muted">Choose a node to see what it does and how its numbers are spread. Drag to move, scroll to zoom; arrow keys go from node to node.</dd></dl></div>`;
}

/** What a policy calls an inline script that it allows. */
async function hashOf(script: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(script));
  return `sha256-${btoa(String.fromCharCode(...new Uint8Array(digest)))}`;
}
