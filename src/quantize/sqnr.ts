/**
 * Signal-to-quantization-noise ratio in dB, `10 log10(signal / noise)`, from the sum of the squared elements and the sum
 * of the squared errors. Higher is better; null when nothing was lost, so that reports stay plain JSON.
 */
export function sqnr(signal: number, noise: number): number | null {
  return noise === 0 ? null : 10 * Math.log10(signal / noise);
}
