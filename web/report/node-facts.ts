import type { GraphNodeData } from '../../src/report/graph-data.js';

/** What is known of a node, as terms and descriptions. */
export function nodeFacts(node: GraphNodeData): HTMLElement[] {
  const rows: [string, string][] = [
    ['operator', node.op],
    ['name', node.name],
    ['gives', `${node.dtype} ${node.shape ? `[${node.shape.join(', ')}]` : 'of unknown rank'}`],
    ...(node.kernel ? [['kernel here', node.kernel] as [string, string]] : []),
    ...(node.litert ? [['kernel in LiteRT', node.litert] as [string, string]] : []),
    ...node.constants.map((c): [string, string] => ['constant', `${c.name}: ${c.dtype} [${c.shape.join(', ')}]`]),
    ...Object.entries(node.options),
  ];
  return rows.flatMap(([term, text]) => {
    const [dt, dd] = [document.createElement('dt'), document.createElement('dd')];
    dt.textContent = term;
    dd.textContent = text;
    return [dt, dd];
  });
}
