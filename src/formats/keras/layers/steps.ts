import type { Value } from '../../../ir/graph.js';
import type { LayerCall } from './context.js';

/**
 * Work on every step of `x` at once: time is folded into the batch, `[N, T, ..]` to `[N T, ..]`, and taken out of it
 * again behind the work. Either size may be unknown.
 */
export function overSteps(c: LayerCall, x: Value, work: (steps: Value) => readonly Value[]): Value[] {
  const [n = -1, t = -1, ...rest] = c.shapeOf(x);
  const steps = c.reshape(x, [n < 0 || t < 0 ? -1 : n * t, ...rest], x);
  return work(steps).map((y) => c.reshape(y, [n, t, ...c.shapeOf(y).slice(1)], x));
}
