/** What makes a report more than paper: themes, sorting, filters, tabs, the graph. */
import type { ShownNode } from '../../src/view/node-spreads.js';
import { showGraph } from './graph-view.js';
import { nodeFacts } from './node-facts.js';

const all = <T extends Element>(selector: string, root: ParentNode = document): T[] => [
  ...root.querySelectorAll<T>(selector),
];

for (const button of all<HTMLButtonElement>('.theme'))
  button.addEventListener('click', () => {
    const root = document.documentElement;
    const isDark = root.dataset.theme
      ? root.dataset.theme === 'dark'
      : matchMedia('(prefers-color-scheme: dark)').matches;
    root.dataset.theme = isDark ? 'light' : 'dark';
  });

for (const table of all<HTMLTableElement>('table.sortable')) {
  for (const [column, head] of all<HTMLTableCellElement>('thead th', table).entries()) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener('click', () => sort(table, column, head));
  }
}

function sort(table: HTMLTableElement, column: number, head: HTMLTableCellElement): void {
  const isDown = head.getAttribute('aria-sort') === 'ascending';
  for (const other of all('thead th', table)) other.removeAttribute('aria-sort');
  head.setAttribute('aria-sort', isDown ? 'descending' : 'ascending');
  const body = table.tBodies[0] as HTMLTableSectionElement;
  const rows = [...body.rows].map((row) => {
    const cell = row.cells[column];
    const number = cell?.dataset.v;
    return { row, key: number === undefined ? (cell?.textContent ?? '') : Number(number) };
  });
  const order = (a: string | number, b: string | number) =>
    typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b));
  rows.sort((a, b) => (isDown ? -1 : 1) * order(a.key, b.key));
  body.append(...rows.map(({ row }) => row));
}

for (const input of all<HTMLInputElement>('.filter'))
  input.addEventListener('input', () => {
    const wanted = input.value.toLowerCase();
    const card = input.closest('.card') as HTMLElement;
    for (const row of all<HTMLTableRowElement>('tbody tr', card))
      row.hidden = !row.textContent?.toLowerCase().includes(wanted);
  });

for (const list of all<HTMLElement>('[role=tablist]')) {
  const tabs = all<HTMLButtonElement>('[role=tab]', list);
  const choose = (tab: HTMLButtonElement) => {
    for (const other of tabs) {
      const isIt = other === tab;
      other.setAttribute('aria-selected', String(isIt));
      other.tabIndex = isIt ? 0 : -1;
      const panel = document.getElementById(other.getAttribute('aria-controls') ?? '');
      if (panel) panel.hidden = !isIt;
    }
  };
  for (const [i, tab] of tabs.entries()) {
    tab.addEventListener('click', () => choose(tab));
    tab.addEventListener('keydown', ({ key }) => {
      const step = key === 'ArrowRight' ? 1 : key === 'ArrowLeft' ? -1 : 0;
      const next = tabs[(i + step + tabs.length) % tabs.length];
      if (step === 0 || !next) return;
      choose(next);
      next.focus();
    });
  }
}

const graphs = JSON.parse(document.getElementById('graph-nodes')?.textContent ?? '[]') as ShownNode[][];
for (const box of all<HTMLElement>('.graph-box')) {
  const card = box.closest('.card') as HTMLElement;
  const facts = card.querySelector('.node-facts') as HTMLElement;
  const view = showGraph(box, graphs[Number(box.dataset.graph)] ?? [], (node) =>
    facts.replaceChildren(...nodeFacts(node)),
  );
  card.querySelector('.zoom-in')?.addEventListener('click', () => view.zoom(1.4));
  card.querySelector('.zoom-out')?.addEventListener('click', () => view.zoom(1 / 1.4));
  card.querySelector('.fit')?.addEventListener('click', () => view.fit());
  const find = card.querySelector<HTMLInputElement>('.find');
  find?.addEventListener('input', () => view.find(find.value));
}
