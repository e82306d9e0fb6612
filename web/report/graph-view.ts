import type { GraphNodeData } from '../../src/report/graph-data.js';

const LEAST_SCALE = 0.02;
const MOST_SCALE = 3;
const STEP = 1.25;

/** What may be done with a graph that is shown. */
export interface GraphView {
  zoom(factor: number): void;
  /** Shows the whole graph. */
  fit(): void;
  /** Marks the nodes whose name or operator holds the text, and goes to the first. */
  find(text: string): void;
}

/** Makes a drawn graph movable and its nodes selectable, by pointer and by keys. */
export function showGraph<Shown extends GraphNodeData>(
  box: HTMLElement,
  nodes: readonly Shown[],
  onSelect: (node: Shown) => void,
): GraphView {
  const svg = box.querySelector('svg') as SVGSVGElement;
  const [width, height] = [Number(svg.getAttribute('width')), Number(svg.getAttribute('height'))];
  let [x, y, scale] = [0, 0, 1];
  const apply = () => {
    svg.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
  };
  const zoomAt = (factor: number, cx: number, cy: number) => {
    const next = Math.min(Math.max(scale * factor, LEAST_SCALE), MOST_SCALE);
    x = cx - ((cx - x) * next) / scale;
    y = cy - ((cy - y) * next) / scale;
    scale = next;
    apply();
  };
  const centre = () => [box.clientWidth / 2, box.clientHeight / 2] as const;
  const fit = () => {
    scale = Math.min(box.clientWidth / width, box.clientHeight / height, 1);
    x = (box.clientWidth - width * scale) / 2;
    y = (box.clientHeight - height * scale) / 2;
    apply();
  };
  /** The beginning at a size that can be read. */
  const start = () => {
    scale = Math.min(Math.max(box.clientWidth / width, 0.35), 1);
    x = (box.clientWidth - width * scale) / 2;
    y = 8;
    apply();
  };
  const goTo = (group: Element) => {
    const [, left = '0', top = '0'] =
      /translate\(([-\d.]+) ([-\d.]+)\)/.exec(group.getAttribute('transform') ?? '') ?? [];
    const [cx, cy] = centre();
    x = cx - (Number(left) + 98) * scale;
    y = cy - (Number(top) + 20) * scale;
    apply();
  };
  const select = (group: Element) => {
    for (const other of svg.querySelectorAll('.selected')) other.classList.remove('selected');
    group.classList.add('selected');
    const node = nodes[Number(group.getAttribute('data-node'))];
    if (node) onSelect(node);
  };
  const move = (dx: number, dy: number) => {
    x += dx;
    y += dy;
    apply();
  };
  listen(box, svg, { zoomAt, select, goTo, move });
  start();
  return {
    zoom: (factor) => zoomAt(factor, ...centre()),
    fit,
    find(text) {
      const wanted = text.trim().toLowerCase();
      let first: Element | undefined;
      for (const group of svg.querySelectorAll('.node')) {
        const node = nodes[Number(group.getAttribute('data-node'))];
        const isHit = wanted !== '' && `${node?.op} ${node?.name}`.toLowerCase().includes(wanted);
        group.classList.toggle('hit', isHit);
        group.classList.toggle('miss', wanted !== '' && !isHit);
        if (isHit) first ??= group;
      }
      if (first) {
        if (scale < 0.5) zoomAt(0.8 / scale, ...centre());
        goTo(first);
        select(first);
      }
    },
  };
}

interface Moves {
  zoomAt(factor: number, cx: number, cy: number): void;
  move(dx: number, dy: number): void;
  select(group: Element): void;
  goTo(group: Element): void;
}

function listen(box: HTMLElement, svg: SVGSVGElement, { zoomAt, move, select, goTo }: Moves): void {
  box.tabIndex = -1;
  const nodeAt = (target: EventTarget | null) => (target instanceof Element ? target.closest('.node') : null);
  const down = new Map<number, { x: number; y: number }>();
  let travelled = 0;
  box.addEventListener(
    'wheel',
    (event) => {
      // Whoever scrolls past the graph wants to get past it.
      if (!event.ctrlKey && !box.contains(document.activeElement)) return;
      event.preventDefault();
      const { left, top } = box.getBoundingClientRect();
      zoomAt(event.deltaY < 0 ? STEP : 1 / STEP, event.clientX - left, event.clientY - top);
    },
    { passive: false },
  );
  box.addEventListener('pointerdown', (event) => {
    down.set(event.pointerId, { x: event.clientX, y: event.clientY });
    travelled = 0;
  });
  box.addEventListener('pointermove', (event) => {
    const last = down.get(event.pointerId);
    if (!last) return;
    const other = [...down].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const { left, top } = box.getBoundingClientRect();
      const before = Math.hypot(last.x - other.x, last.y - other.y);
      const after = Math.hypot(event.clientX - other.x, event.clientY - other.y);
      if (before > 0) zoomAt(after / before, other.x - left, other.y - top);
    } else move(event.clientX - last.x, event.clientY - last.y);
    travelled += Math.abs(event.clientX - last.x) + Math.abs(event.clientY - last.y);
    down.set(event.pointerId, { x: event.clientX, y: event.clientY });
  });
  for (const end of ['pointerup', 'pointercancel', 'pointerleave'] as const)
    box.addEventListener(end, (event) => down.delete(event.pointerId));
  svg.addEventListener('click', (event) => {
    const group = nodeAt(event.target);
    if (group && travelled < 6) select(group);
  });
  svg.addEventListener('keydown', (event) => {
    const group = nodeAt(event.target);
    if (!group) return;
    const next = neighbour(svg, group, event.key);
    if (!next && event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    if (next) next.focus();
    else select(group);
  });
  // A node that gets the focus by key comes into view.
  svg.addEventListener('focusin', (event) => {
    const group = nodeAt(event.target);
    box.scrollTo(0, 0);
    if (group) reach(svg, group);
    if (group?.matches(':focus-visible')) goTo(group);
  });
}

/** The node that a key leads to: arrows to the next and the one before, in the order of the graph. */
function neighbour(svg: SVGSVGElement, group: Element, key: string): SVGElement | undefined {
  const nodes = [...svg.querySelectorAll<SVGElement>('.node')];
  const at = nodes.indexOf(group as SVGElement);
  const places: Readonly<Record<string, number>> = {
    ArrowDown: at + 1,
    ArrowRight: at + 1,
    ArrowUp: at - 1,
    ArrowLeft: at - 1,
    Home: 0,
    End: nodes.length - 1,
  };
  return nodes[places[key] ?? -1];
}

/** Makes a node the one that the tabulator reaches. */
function reach(svg: SVGSVGElement, group: Element): void {
  svg.querySelector('.node[tabindex="0"]')?.setAttribute('tabindex', '-1');
  group.setAttribute('tabindex', '0');
}
