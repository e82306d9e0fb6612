import type { Value } from '../../../ir/graph.js';
import type { Lower, Lowering } from './context.js';

/** Lanczos approximation of the gamma function with g = 7 and 9 terms. Source: Lanczos (1964); coefficients by Godfrey. */
const G = 7;
const FIRST = 0.9999999999998099;
const TERMS = [
  676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.61502916214059, 12.507343278686905,
  -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
];
const LOG_SQRT_TWO_PI = 0.9189385332046728;
const LOG_PI = 1.1447298858494002;

/**
 * Logarithm of the absolute value of the gamma function. Below 1/2 by reflection:
 * `log(pi) - log|sin(pi x)| - lgamma(1 - x)`.
 */
export const logGamma: Lower = (c) => {
  const x = c.input(0);
  const number = (n: number): Value => c.scalar(x, n);
  const op = (name: string, ...inputs: Value[]): Value => c.emit(name, inputs);
  const isSmall = op('LESS', x, number(0.5));
  const z = op('SELECT', isSmall, op('NEG', x), op('SUB', x, number(1)));
  const upper = lanczos(c, z);
  const magnitude = op('ABS', x);
  const fraction = op('SUB', magnitude, op('FLOOR', magnitude));
  const isUpperHalf = op('GREATER', fraction, number(0.5));
  const folded = op('SELECT', isUpperHalf, op('SUB', number(1), fraction), fraction);
  const logSine = op('LOG', op('SIN', op('MUL', folded, number(Math.PI))));
  const reflected = op('SUB', op('SUB', number(LOG_PI), logSine), upper);
  const atPole = op('EQUAL', folded, number(0));
  const lower = op('SELECT', atPole, op('NEG', logSine), reflected);
  const result = op('SELECT', isSmall, lower, upper);
  const isInfinite = op('EQUAL', magnitude, number(Infinity));
  return [op('SELECT_V2', isInfinite, number(Infinity), result)];
};

/** `lgamma(z + 1)` for `z >= -1/2`: `log(sqrt(2 pi)) + (z + 1/2) log(t) - t + log(sum)` with `t = z + g + 1/2`. */
function lanczos(c: Lowering, z: Value): Value {
  const number = (n: number): Value => c.scalar(z, n);
  const op = (name: string, ...inputs: Value[]): Value => c.emit(name, inputs);
  let sum = number(FIRST);
  for (const [i, term] of TERMS.entries()) {
    const part = op('DIV', number(term), op('ADD', z, number(i + 1)));
    sum = i === 0 ? op('ADD', part, sum) : op('ADD', sum, part);
  }
  const t = op('ADD', z, number(G + 0.5));
  const scaled = op('MUL', z, number(1 / (G + 0.5)));
  const logT = op('ADD', op('LOG', op('ADD', scaled, number(1))), number(Math.log(G + 0.5)));
  const power = op('SUB', op('ADD', z, number(0.5)), op('DIV', t, logT));
  const product = op('MUL', power, logT);
  return op('ADD', op('ADD', product, op('LOG', sum)), number(LOG_SQRT_TWO_PI));
}
