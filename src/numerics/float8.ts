/** The number that float8 bits stand for, in the form without infinities (1 sign, 4 exponent, 3 fraction bits, bias 7). */
export function float8e4m3Value(bits: number): number {
  if ((bits & 0x7f) === 0x7f) return Number.NaN;
  return smallFloat(bits & 0x80, (bits >> 3) & 15, (bits & 7) / 8, 7);
}

/** The number that float8 bits stand for, in the form of IEEE 754 (1 sign, 5 exponent, 2 fraction bits, bias 15). */
export function float8e5m2Value(bits: number): number {
  const exponent = (bits >> 2) & 31;
  const fraction = (bits & 3) / 4;
  if (exponent < 31) return smallFloat(bits & 0x80, exponent, fraction, 15);
  if (fraction) return Number.NaN;
  return bits & 0x80 ? -Infinity : Infinity;
}

function smallFloat(sign: number, exponent: number, fraction: number, bias: number): number {
  const size = exponent === 0 ? fraction * 2 ** (1 - bias) : (1 + fraction) * 2 ** (exponent - bias);
  return sign ? -size : size;
}
