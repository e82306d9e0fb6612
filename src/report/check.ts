import type { Obstacle } from '../errors.js';
import type { SignatureSummary } from './summary.js';

/** What one technique would make of a model. */
export interface TechniqueForecast {
  readonly technique: string;
  /** Bytes of the file, to the byte. */
  readonly bytes: number;
  /** Constants that it would change, and all. */
  readonly changed: number;
  readonly constants: number;
  /** What would be slow in LiteRT, or not run there. */
  readonly warnings: readonly string[];
}

/** Whether and how a model goes through, as plain data: what `check --json` prints. */
export interface CheckReport {
  readonly input: string;
  readonly format: string | null;
  readonly converts: boolean;
  /** Why not; null when it converts. */
  readonly error: string | null;
  /** What stands in the way, each kind of operation or layer once; empty when the file itself is at fault. */
  readonly obstacles: readonly Obstacle[];
  readonly warnings: readonly string[];
  readonly signatures: readonly SignatureSummary[];
  /** Operator -> how many nodes, most frequent first. */
  readonly operators: Readonly<Record<string, number>>;
  readonly techniques: readonly TechniqueForecast[];
}
