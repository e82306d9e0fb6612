import type { GraphNodeData } from '../../src/report/graph-data.js';
import { histogramSvg } from '../../src/view/histogram-svg.js';
import type { Spread } from '../../src/view/node-spreads.js';

/** What is known of a node, as terms and descriptions. */
export function nodeFacts(node: GraphNodeData & { readonly spreads?: readonly Spread[] }): HTMLElement[] {
  const rows: [string, string][] = [
    ['operator', node.op],
    ['name', node.name],
    ['gives', `${node.dtype} ${node.shape ? `[${node.shape.join(', ')}]` : 'of unknown rank'}`],
    ...(node.kernel ? [['kernel here', node.kernel] as [string, string]] : []),
    ...(node.litert ? [['kernel in LiteRT', node.litert] as [string, string]] : []),
    ...node.constants.map((c): [string, string] => ['constant', `${c.name}: ${c.dtype} [${c.shape.join(', ')}]`]),
    ...Object.entries(node.options),
  ];
  return [...rows.flatMap(([term, text]) => entry(term, text)), ...(node.spreads ?? []).flatMap(spreadEntry)];
}

function entry(term: string, content: string | Node): [HTMLElement, HTMLElement] {
  const [dt, dd] = [document.createElement('dt'), document.createElement('dd')];
  dt.textContent = term;
  dd.append(content);
  return [dt, dd];
}

function spreadEntry({ of, pair }: Spread): [HTMLElement, HTMLElement] {
  const legend = '<div class="legend"><span class="s1">before</span><span class="s2">after</span></div>';
  const picture = histogramSvg(`${of}, before and after`, pair);
  return entry(`spread of ${of}`, document.createRange().createContextualFragment(legend + picture));
}
