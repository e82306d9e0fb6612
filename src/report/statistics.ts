/** What a list of measurements comes to; in the unit of the measurements. */
export interface Distribution {
  readonly n: number;
  readonly min: number;
  readonly median: number;
  readonly p90: number;
  readonly p99: number;
  readonly mean: number;
}

/** How one series compares with another that was measured in the same rounds. */
export interface Ratio {
  /** Median of the one divided by median of the other. */
  readonly ofMedians: number;
  /** Half of the rounds had a ratio between these (first and third quartile). */
  readonly low: number;
  readonly high: number;
}

const ascending = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);

/**
 * The value below which a fraction (0..1) of the sorted values lies, linear between neighbours; NaN for an empty list.
 * Source: Hyndman and Fan, "Sample Quantiles in Statistical Packages" (1996), type 7: the default of NumPy and R.
 */
export function quantile(sorted: readonly number[], fraction: number): number {
  const at = (sorted.length - 1) * fraction;
  const low = Math.floor(at);
  const [a = Number.NaN, b = a] = [sorted[low], sorted[low + 1]];
  return at === low ? a : a + (b - a) * (at - low);
}

export const median = (values: readonly number[]): number => quantile(ascending(values), 0.5);

export function distribution(values: readonly number[]): Distribution {
  const sorted = ascending(values);
  return {
    n: sorted.length,
    min: quantile(sorted, 0),
    median: quantile(sorted, 0.5),
    p90: quantile(sorted, 0.9),
    p99: quantile(sorted, 0.99),
    mean: sorted.reduce((sum, x) => sum + x, 0) / sorted.length,
  };
}

/** `values` against `base`, measured in the same rounds: what disturbs a round disturbs both. Same length. */
export function pairedRatio(values: readonly number[], base: readonly number[]): Ratio {
  const ratios = ascending(values.map((x, i) => x / (base[i] as number)));
  return { ofMedians: median(values) / median(base), low: quantile(ratios, 0.25), high: quantile(ratios, 0.75) };
}
