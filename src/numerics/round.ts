/** The nearest integer; halves go away from zero, as C `round`. Infinities and NaN stay. */
export function roundHalfAway(x: number): number {
  const whole = Math.trunc(x);
  return Math.abs(x - whole) >= 0.5 ? whole + Math.sign(x) : whole;
}

/** The nearest integer; halves go to the even one, as IEEE 754 and C `rint`. Infinities and NaN stay. */
export function roundHalfEven(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  if (rest < 0.5) return below;
  if (rest > 0.5 || below % 2 !== 0) return below + 1;
  return below;
}

/** `x` within `[low, high]`; NaN stays NaN. */
export function clamp(x: number, low: number, high: number): number {
  return Math.min(Math.max(x, low), high);
}
