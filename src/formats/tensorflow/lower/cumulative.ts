import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import { normalizeAxis } from '../../../ops/shapes.js';
import type { Lower, Lowering } from './context.js';

/** How two neighbours join, and what joins without a trace. */
interface Join {
  readonly of: (c: Lowering, a: Value, b: Value) => Value;
  readonly neutral: number;
}

const products: Join = { of: (c, a, b) => c.emit('MUL', [a, b]), neutral: 1 };

/** Far less than any logarithm, so that its share is 0. */
const NOTHING = -1e30;

/** `log(exp(a) + exp(b))`, by the larger one. */
const logarithms: Join = {
  of: (c, a, b) => {
    const top = c.emit('MAXIMUM', [a, b]);
    const distance = c.emit('ABS', [c.emit('SUB', [a, b])]);
    const rest = c.emit('LOG', [c.emit('ADD', [c.emit('EXP', [c.emit('NEG', [distance])]), c.scalar(a, 1)])]);
    return c.emit('ADD', [top, rest]);
  },
  neutral: NOTHING,
};

/**
 * Running results along an axis, in as many steps as the length has binary digits: each joins every element with the one
 * that is 1, 2, 4, … places before it. Source: Hillis and Steele, Data Parallel Algorithms, 1986.
 */
const running =
  ({ of, neutral }: Join): Lower =>
  (c) => {
    const x = c.input(0);
    const rank = c.rank(x, 'its input');
    const axis = normalizeAxis(c.number(1, 'axis'), rank);
    const isReverse = c.attrs.bool('reverse', false);
    const length = x.shape?.[axis] ?? -1;
    if (length < 0)
      throw new ModelError('unsupported', "needs a known length of its axis. Give the model's inputs fixed shapes.");
    const zeros = new Array<number>(rank).fill(0);
    const at = (n: number) => zeros.map((z, i) => (i === axis ? n : z));
    const sizes = zeros.map((_, i) => (i === axis ? length : -1));
    /** The element `by` places before each one, or behind it. */
    const shifted = (value: Value, by: number): Value => {
      const pads = zeros.flatMap((_, i) => (i !== axis ? [0, 0] : isReverse ? [0, by] : [by, 0]));
      const padded = c.emit('PADV2', [value, c.i32(pads, [rank, 2]), c.scalar(value, neutral)]);
      return c.emit('SLICE', [padded, c.i32(isReverse ? at(by) : zeros), c.i32(sizes)]);
    };
    let result = c.attrs.bool('exclusive', false) ? shifted(x, 1) : x;
    for (let by = 1; by < length; by *= 2) result = of(c, result, shifted(result, by));
    return [result];
  };

/** Running products and logarithms of sums. */
export const cumulatives: Readonly<Record<string, Lower>> = {
  CumulativeLogsumexp: running(logarithms),
  Cumprod: running(products),
};
