import type { ByteArithmetic } from './byte-products.js';
import type { Finish } from './finish.js';

/**
 * A matrix product `C[M, N] = A[M, K] B[K, N]` in tiles of `mr` rows and `nr` columns that stay in registers.
 *
 * A step multiplies four bytes of each row: one float, two 16-bit integers, or four bytes. B lies in panels of `nr` columns, step
 * after step. Rows of A are `K` steps that need not lie together: runs of steps are, with jumps between them, so that
 * the windows of a convolution need no copy.
 *
 * The spec is what the innermost code depends on. All else are {@link GemmSizes}, arguments, so that products of other
 * sizes share the function: compiling one takes an engine milliseconds.
 */
export interface GemmSpec {
  /**
   * `i16` has B in bytes, `i16-wide` in 16-bit integers.
   */
  readonly arithmetic: 'f32' | 'f32-fma' | 'i16' | 'i16-wide' | ByteArithmetic;
  readonly mr: number;
  /** A multiple of 4. */
  readonly nr: number;
  /** Columns to store of each panel, up to `nr`. */
  readonly columns: number;
  readonly run: Unrolled;
  /** Loops around the run. */
  readonly loops: number;
  /** Rows of A lie at equal distances, or where a table says. */
  readonly rows: 'strided' | 'table';
  /** Bytes from one step to the next in B. */
  readonly stepBytes: number;
  /** Bytes of an element of C. */
  readonly elementBytes: number;
  /** What the units of the function are: rows, or the panels of one tile of rows. */
  readonly units: 'rows' | 'panels';
  readonly finish: Finish;
}

/** How a run of steps is written: in a row, once or in a loop, and the steps that are left. */
export interface Unrolled {
  readonly steps: number;
  readonly isLoop: boolean;
  readonly rest: number;
}

/** A loop around a run: how often, and the bytes of A from the end of one round to the next. */
export interface GemmLoop {
  readonly count: number;
  readonly jump: number;
}

/** Sizes of a product. */
export interface GemmSizes {
  readonly panels: number;
  /** Rows that are taken through all panels before the next ones, so that they stay in the cache. */
  readonly block: number;
  /** Bytes from one panel to the next in B. */
  readonly panelBytes: number;
  /** Bytes from row to row of C. */
  readonly rowBytes: number;
  /** Steps that lie together in a row of A. */
  readonly run: number;
  /** The outer one first. */
  readonly loops: readonly GemmLoop[];
}

export const gemmKey = ({ finish, ...spec }: GemmSpec): string => `gemm ${JSON.stringify(spec)} ${finish.key}`;

/** How many {@link gemmArguments} a product without loops has. */
export const SIZE_ARGUMENTS = 5;

/** The arguments that tell the sizes. */
export const gemmArguments = ({ run, stepBytes }: GemmSpec, sizes: GemmSizes): number[] => [
  sizes.panels,
  sizes.block,
  sizes.panelBytes,
  sizes.rowBytes,
  (sizes.run - run.rest) * stepBytes,
  ...sizes.loops.flatMap(({ count, jump }) => [count, jump]),
];

/** Writes out all of a short run, else a divisor, so that there is no rest. */
export function unrolled(run: number): Unrolled {
  const steps = run <= 9 ? run : ([4, 8, 6, 5, 7, 9, 3].find((n) => run % n === 0) ?? 4);
  return { steps, isLoop: run >= 2 * steps, rest: run % steps };
}
