import { defineOp, type OutputType } from './define.js';
import { requireOperands, unaryKernel } from './elementwise.js';
import { tabulated } from './integer-functions.js';
import { LITERT } from './litert.js';
import { versionByType } from './version.js';

/**
 * `x` times the share of the normal distribution below it; `approximate` takes
 * `0.5 x (1 + tanh(√(2/π) (x + 0.044715 x³)))`.
 */
export const gelu = defineOp({
  name: 'GELU',
  litert: LITERT.floatFast,
  inputs: ['input'],
  outputs: ['output'],
  version: versionByType({ f16: 3, i8: 2, u8: 2 }),
  infer: ({ input }) => [{ dtype: requireOperands([input]), shape: input.shape }],
  reference: ({ inputs: { input }, types: [type], options: { approximate } }) => {
    const compute = approximate ? geluByTanh : (x: number) => 0.5 * x * erfc(-x * Math.SQRT1_2);
    return [unaryKernel(input, type as OutputType, compute, undefined, tabulated(compute))];
  },
});

const geluByTanh = (x: number): number => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));

/**
 * The complementary error function, to about 1e-15: its power series near zero, else its continued fraction.
 * Source: NIST Digital Library of Mathematical Functions, 7.6.2 and 7.9.1.
 */
function erfc(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x < 0) return 2 - erfc(-x);
  if (x > 27) return 0;
  return x < 2.5 ? 1 - erfBySeries(x) : erfcByFraction(x);
}

function erfBySeries(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * sum; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

function erfcByFraction(x: number): number {
  let tail = 0;
  for (let n = 60; n > 0; n--) tail = n / 2 / (x + tail);
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + tail);
}
