import type { Graph } from '../ir/graph.js';
import * as text from '../ir/parse.js';
import * as print from '../ir/print.js';
import { findOp } from './registry.js';
import { trackElements } from './track.js';

const defaultsOf: print.DefaultsOf = (op) => findOp(op)?.defaults ?? {};

/** A graph as stable text, without options that have their operator's default; {@link parseGraph} reads it back. */
export const printGraph = (graph: Graph): string => print.printGraph(graph, defaultsOf);

/** The graphs of a model as text, one after another. */
export const printGraphs = (graphs: readonly Graph[]): string => print.printGraphs(graphs, defaultsOf);

/** The graphs of a text, with default options filled in and shape arithmetic tracked. @throws {ModelError} `malformed-file`. */
export function parseGraphs(source: string): Graph[] {
  const graphs = text.parseGraphs(source, defaultsOf);
  for (const graph of graphs) trackElements(graph);
  return graphs;
}

/** The only graph of a text, see {@link parseGraphs}. */
export function parseGraph(source: string): Graph {
  const graph = text.parseGraph(source, defaultsOf);
  trackElements(graph);
  return graph;
}
