import type { NodeProfile } from '../runtime/api.js';
import type { RooflineShare } from '../runtime/roofline.js';
import { type Distribution, distribution, pairedRatio, type Ratio } from './statistics.js';

/** A node, and how near its kernel is to what the machine can do: on one thread, where that is known. */
export interface ProfiledNode extends NodeProfile {
  readonly roofline?: RooflineShare;
}

/** What was measured of one model in one runtime. Times in milliseconds. */
export interface Contender {
  /** Path of the model; of a peer, its name, version and build. */
  readonly name: string;
  readonly runtime: string;
  readonly loadMs: number;
  /** The first inference: with everything that is made on first use. */
  readonly firstMs: number;
  readonly profile?: readonly ProfiledNode[];
  /** Of a peer that ran the same file: the largest difference of an output's element from ours. */
  readonly largestDifference?: number;
}

export interface BenchmarkResult extends Contender {
  readonly latencyMs: Distribution;
  /** Against the first result; absent on the first. */
  readonly ratio?: Ratio;
}

/** Everything that a benchmark found, as plain data: what `--json` prints. */
export interface BenchmarkReport {
  readonly node: string;
  readonly platform: string;
  readonly threads: number;
  readonly numerics: string;
  readonly seed: number;
  /** Largest resident memory of the process, in bytes, and that before the first model was loaded. */
  readonly peakBytes: number;
  readonly baseBytes: number;
  readonly results: readonly BenchmarkResult[];
}

/** Joins what is known of each contender with its measurements, which were taken in the same rounds. */
export function benchmarkResults(
  contenders: readonly Contender[],
  times: readonly (readonly number[])[],
): BenchmarkResult[] {
  const [base = []] = times;
  return contenders.map((contender, i) => ({
    ...contender,
    latencyMs: distribution(times[i] ?? []),
    ...(i > 0 && { ratio: pairedRatio(times[i] ?? [], base) }),
  }));
}
