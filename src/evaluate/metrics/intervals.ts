/** A figure with its 95 % confidence interval. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Two-sided 95 % quantile of the normal distribution. */
const Z = 1.959963984540054;

/** A proportion of `successes` in `count`, with Wilson's interval. Source: Wilson (1927); Newcombe (1998), method 3. */
export function wilson(successes: number, count: number): Interval {
  if (count === 0) return { value: Number.NaN, low: 0, high: 1 };
  const p = successes / count;
  const z2 = Z * Z;
  const centre = (p + z2 / (2 * count)) / (1 + z2 / count);
  const half = (Z / (1 + z2 / count)) * Math.sqrt((p * (1 - p)) / count + z2 / (4 * count * count));
  // Rounding must not leave 0 and 1 outside where nothing, or everything, succeeded.
  return { value: p, low: successes === 0 ? 0 : centre - half, high: successes === count ? 1 : centre + half };
}

/** A mean with the interval of the central limit theorem. */
export function meanInterval(values: readonly number[]): Interval {
  const n = values.length;
  const value = values.reduce((sum, x) => sum + x, 0) / n;
  if (n < 2) return { value, low: value, high: value };
  const variance = values.reduce((sum, x) => sum + (x - value) ** 2, 0) / (n - 1);
  const half = Z * Math.sqrt(variance / n);
  return { value, low: value - half, high: value + half };
}

/** A figure over all samples together with the interval of the mean of their own figures, which lies around it. */
export function pooledInterval(value: number, each: readonly number[]): Interval {
  const own = meanInterval(each);
  return { value, low: value - (own.value - own.low), high: value + (own.high - own.value) };
}

/**
 * Whether two models differ more than chance explains, by the samples on which exactly one of them is right: McNemar's
 * exact test, two-sided p-value. Source: McNemar (1947).
 */
export function mcNemar(onlyFirst: number, onlySecond: number): number {
  const n = onlyFirst + onlySecond;
  const k = Math.min(onlyFirst, onlySecond);
  if (n === 0) return 1;
  let logTerm = -n * Math.LN2;
  let tail = 0;
  for (let i = 0; i <= k; i++) {
    tail += Math.exp(logTerm);
    logTerm += Math.log((n - i) / (i + 1));
  }
  return Math.min(1, 2 * tail);
}
