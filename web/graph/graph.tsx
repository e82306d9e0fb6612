import { useEffect, useRef, useState } from 'preact/hooks';
import type { GraphNodeData } from '../../src/report/graph-data.js';
import { type KernelClass, kernelClassNames } from '../../src/view/kernel-class.js';
import { hireBench } from '../app/remote.js';
import { Trouble } from '../app/trouble.js';
import type { DrawnGraph, Optimized } from '../protocol.js';
import { type GraphView, showGraph } from '../report/graph-view.js';
import { nodeFacts } from '../report/node-facts.js';

/** Graphs of more nodes are drawn when somebody asks. */
const MANY = 600;
const LEGEND: readonly KernelClass[] = ['hybrid', 'integer', 'float', 'slow', 'none'];

/** The graph of the model as it is now: movable, searchable, each node with its facts. */
export function Graph({ result, nodes }: { readonly result: Optimized; readonly nodes: number }) {
  const section = useRef<HTMLElement>(null);
  const [isWanted, setWanted] = useState(false);
  const isSeen = useSeen(section);
  const shows = isWanted || (isSeen && nodes <= MANY);
  const { drawn, number, trouble } = useDrawn(result.file, shows);
  return (
    <section ref={section} class="graph-section" aria-labelledby="graph-title">
      <div class="section-head">
        <h2 id="graph-title">Graph</h2>
        <p>Every operator, by the kernel that LiteRT has for it. Click into it to zoom with the wheel.</p>
      </div>
      {trouble !== undefined && <Trouble text={trouble} />}
      {!shows && nodes > MANY && (
        <button type="button" class="quiet" onClick={() => setWanted(true)}>
          Draw all {nodes} operators
        </button>
      )}
      {drawn && <Drawn key={number} drawn={drawn} />}
    </section>
  );
}

/** Whether an element has come near the window. */
function useSeen(element: { readonly current: HTMLElement | null }): boolean {
  const [isSeen, setSeen] = useState(false);
  useEffect(() => {
    if (!element.current) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) setSeen(true);
      },
      { rootMargin: '300px' },
    );
    observer.observe(element.current);
    return () => observer.disconnect();
  }, []);
  return isSeen;
}

interface Drawing {
  readonly drawn?: DrawnGraph;
  readonly trouble?: string;
  /** Counts the drawings: each one has a place of its own on the page. */
  readonly number: number;
}

/** The drawing of a model, made in a thread of its own. */
function useDrawn(file: Blob, isWanted: boolean) {
  const [state, setState] = useState<Drawing>({ number: 0 });
  useEffect(() => {
    if (!isWanted) return;
    const bench = hireBench();
    bench
      .ask((face) => face.drawGraph(file))
      .then(
        (drawn) => setState((before) => ({ drawn, number: before.number + 1 })),
        (error: Error) => setState((before) => ({ trouble: error.message, number: before.number + 1 })),
      )
      .finally(bench.dismiss);
    return bench.dismiss;
  }, [file, isWanted]);
  return state;
}

function Drawn({ drawn }: { readonly drawn: DrawnGraph }) {
  const box = useRef<HTMLDivElement>(null);
  const facts = useRef<HTMLDListElement>(null);
  const view = useRef<GraphView>(undefined);
  const [selected, setSelected] = useState<GraphNodeData>();
  useEffect(() => {
    if (!box.current) return;
    // Markup of our own, in which all names are escaped.
    box.current.innerHTML = drawn.svg;
    view.current = showGraph(box.current, drawn.nodes, setSelected);
    setSelected(undefined);
  }, [drawn]);
  useEffect(() => facts.current?.replaceChildren(...(selected ? nodeFacts(selected) : [])), [selected]);
  return (
    <>
      <div class="row graph-tools">
        <label class="field">
          <span class="unseen">Find an operator</span>
          <input
            type="search"
            placeholder="Find an operator"
            onInput={(e) => view.current?.find(e.currentTarget.value)}
          />
        </label>
        <button type="button" class="quiet" aria-label="Larger" onClick={() => view.current?.zoom(1.4)}>
          +
        </button>
        <button type="button" class="quiet" aria-label="Smaller" onClick={() => view.current?.zoom(1 / 1.4)}>
          −
        </button>
        <button type="button" class="quiet" onClick={() => view.current?.fit()}>
          Show all
        </button>
      </div>
      <div class="graph-both">
        <div ref={box} class="graph-box" />
        <div class="graph-side" aria-live="polite">
          <dl ref={facts} class="facts" />
          {!selected && (
            <ul class="legend">
              {LEGEND.filter((name) => drawn.classes.includes(name)).map((name) => (
                <li key={name} class={`k-${name}`}>
                  {kernelClassNames[name]}
                </li>
              ))}
            </ul>
          )}
        </div>
      </div>
    </>
  );
}
