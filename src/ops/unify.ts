import type { Shape } from '../ir/tensor.js';
import { invalid } from './shapes.js';

/** What two descriptions of one shape say together. @throws {ModelError} `invalid-graph` when they contradict. */
export function unifiedShape(a: Shape | undefined, b: Shape | undefined): Shape | undefined {
  if (!a || !b) return a ?? b;
  if (a.length !== b.length) throw invalid(`shapes [${a}] and [${b}] should have the same rank`);
  return a.map((size, i) => unifiedSize(size, b[i] as number, () => `shapes [${a}] and [${b}] should be equal`));
}

function unifiedSize(a: number, b: number, message: () => string): number {
  if (a === -1 || a === b) return b;
  if (b === -1) return a;
  throw invalid(message());
}

/** The shape with another size on one axis. */
export const withSize = (shape: Shape, axis: number, size: number): number[] =>
  shape.map((d, i) => (i === axis ? size : d));

/** A shape of that rank with no size known. */
export const unknownSizes = (rank: number): number[] => new Array<number>(rank).fill(-1);
