/** A frequency in Hz on the mel scale. Source: O'Shaughnessy's formula, as HTK and TensorFlow have it. */
export const mel = (hertz: number): number => 1127 * Math.log1p(hertz / 700);
