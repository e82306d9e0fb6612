const cosine = (k: number, n: number): number => Math.cos((2 * Math.PI * (k % n)) / n);
/** Zero for whole and half turns: the signs of such parts decide whether an angle is π or -π. */
const sine = (k: number, n: number): number => ((2 * k) % n === 0 ? 0 : Math.sin((2 * Math.PI * (k % n)) / n));

/** Frequencies of a real transform of n numbers: those above are mirror images. */
export const halfOf = (n: number): number => Math.floor(n / 2) + 1;

/** Sizes that the operator RFFT2D takes. */
export const isPowerOfTwo = (n: number): boolean => n > 1 && (n & (n - 1)) === 0;

/** `[2 F, used]`: times the first `used` of n real numbers it gives the real parts of their F frequencies, then the others. */
export function fourierMatrix(n: number, used: number): Float32Array {
  const count = halfOf(n);
  const at = (row: number, t: number): number => (row < count ? cosine(row * t, n) : -sine((row - count) * t, n));
  return Float32Array.from({ length: 2 * count * used }, (_, i) => at(Math.floor(i / used), i % used));
}

/** `[n, 2 F]`: times the real parts of the F frequencies and then the others it gives n real numbers. */
export function inverseFourierMatrix(n: number): Float32Array {
  const count = halfOf(n);
  const at = (t: number, column: number): number => {
    const k = column % count;
    const times = k === 0 || 2 * k === n ? 1 : 2;
    return ((column < count ? cosine(k * t, n) : -sine(k * t, n)) * times) / n;
  };
  return Float32Array.from({ length: n * 2 * count }, (_, i) => at(Math.floor(i / (2 * count)), i % (2 * count)));
}
