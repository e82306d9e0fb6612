import type { Graph } from '../ir/graph.js';

/** A named rewrite of a graph. */
export interface Pass {
  readonly name: string;
  /** Returns the number of changes; 0 means the graph is untouched. */
  run(graph: Graph): number;
}

/** A pass from a function that edits a graph in place and counts its changes. Run twice, it changes nothing the second time. */
export function definePass(name: string, run: (graph: Graph) => number): Pass {
  return { name, run };
}
