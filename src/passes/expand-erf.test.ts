import { describe, expect, it } from 'vitest';
import { evaluateGraph } from '../ops/evaluate.js';
import { parseGraph } from '../ops/text.js';
import { expandErf } from './expand-erf.js';

/** `erf` by its Maclaurin series in double precision, exact to 1e-12 for `|x| <= 3`. */
function erf(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; n < 80; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

describe('expandErf', () => {
  const count = 601;
  const xs = Float32Array.from({ length: count }, (_, i) => (i - 300) / 100);
  const run = (code: string): Float32Array => {
    const graph = parseGraph(`graph g(%x: f32[${count}]) {\n  %y = CUSTOM:${code}(%x) : f32[${count}]\n  return %y\n}`);
    expandErf().run(graph);
    const [y] = evaluateGraph(graph, [{ dtype: 'f32', shape: [count], data: xs }]);
    return y?.data as Float32Array;
  };

  it('is within 3e-7 of the error function, and exact at 0', () => {
    const errors = Array.from(run('Erf'), (y, i) => Math.abs(y - erf(xs[i] as number)));
    expect(Math.max(...errors)).toBeLessThan(3e-7);
    expect(run('Erf')[300]).toBe(0);
  });

  it('is within 3e-7 of the complementary error function', () => {
    const errors = Array.from(run('Erfc'), (y, i) => Math.abs(y - (1 - erf(xs[i] as number))));
    expect(Math.max(...errors)).toBeLessThan(3e-7);
  });
});
