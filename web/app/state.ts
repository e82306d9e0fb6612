import type { LayerDifference } from '../../src/evaluate/compare/types.js';
import type { Choice, Latency, OpenedModel, Optimized, Working } from '../protocol.js';

/** A measurement that takes a while. */
export type Measured<T> =
  | { readonly state: 'waiting' }
  | { readonly state: 'running'; readonly working: Working | undefined }
  | { readonly state: 'done'; readonly value: T }
  | { readonly state: 'failed'; readonly message: string };

/** What the page shows. */
export interface State {
  readonly stage: 'empty' | 'opening' | 'ready';
  /** Name of what is being opened. */
  readonly opening: string;
  readonly working: Working | undefined;
  /** What went wrong last. */
  readonly trouble: string | undefined;
  readonly model: OpenedModel | undefined;
  /** What is wanted; {@link State.result} may still be that of an earlier choice. */
  readonly choice: Choice;
  readonly result: Optimized | undefined;
  readonly isBusy: boolean;
  readonly latency: Measured<Latency>;
  readonly layers: Measured<readonly LayerDifference[]>;
}

export const standardChoice: Choice = { technique: 'dynamic', storage: {} };

export const emptyState: State = {
  stage: 'empty',
  opening: '',
  working: undefined,
  trouble: undefined,
  model: undefined,
  choice: standardChoice,
  result: undefined,
  isBusy: false,
  latency: { state: 'waiting' },
  layers: { state: 'waiting' },
};

const STEPS: Readonly<Record<Working['step'], readonly [string, number, number]>> = {
  read: ['Reading the files', 0, 0.2],
  optimize: ['Simplifying the graph', 0.2, 0.5],
  quantize: ['Quantizing the weights', 0.5, 0.85],
  write: ['Writing the model', 0.85, 0.9],
  run: ['Running both models', 0.9, 1],
};

/** What is being done, in words, and about how much of it is done, 0..1. */
export function progressOf(working: Working | undefined): { readonly text: string; readonly part: number } {
  if (!working) return { text: 'Starting', part: 0 };
  const [text, from, to] = STEPS[working.step];
  const inside = working.total ? (working.done ?? 0) / working.total : 0;
  return { text, part: from + (to - from) * inside };
}

/** The error of the outputs in dB: that of the worst one; null when all are equal, undefined when not known. */
export function outputDb(result: Optimized | undefined): number | null | undefined {
  if (!result || result.outputs.length === 0) return undefined;
  const known = result.outputs.map(({ error }) => error.sqnrDb).filter((db) => db !== null);
  return known.length > 0 ? Math.min(...known) : null;
}
