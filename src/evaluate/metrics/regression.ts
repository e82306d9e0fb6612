import { ModelError } from '../../errors.js';
import { numbersOf } from '../numbers.js';
import { meanInterval } from './intervals.js';
import { arrayOf, mainOutput } from './outputs.js';
import type { Metric } from './types.js';

/** Mean absolute error, root of the mean squared error, and the coefficient of determination. */
export function regression(output?: string): Metric {
  return {
    measure(outputs, label) {
      const got = numbersOf(mainOutput(outputs, output));
      const wanted = arrayOf(label);
      if (got.length !== wanted.length)
        throw new ModelError('invalid-data', `${got.length} numbers expected as label, got ${wanted.length}`);
      const n = got.length;
      const sum = (f: (y: number, x: number) => number) =>
        got.reduce((total, x, i) => total + f(wanted[i] as number, x), 0);
      return {
        absolute: [sum((y, x) => Math.abs(y - x)) / n],
        squared: [sum((y, x) => (y - x) ** 2) / n],
        targets: [sum((y) => y) / n],
        targetSquares: [sum((y) => y * y) / n],
      };
    },
    result({ absolute = [], squared = [], targets = [], targetSquares = [] }) {
      const mean = (values: readonly unknown[]) => meanInterval(values as readonly number[]);
      const mse = mean(squared);
      const root = { value: Math.sqrt(mse.value), low: Math.sqrt(Math.max(mse.low, 0)), high: Math.sqrt(mse.high) };
      const variance = mean(targetSquares).value - mean(targets).value ** 2;
      const r2 = (error: number) => 1 - error / variance;
      return [
        { metric: 'MAE', kind: 'number', isGain: false, ...mean(absolute) },
        { metric: 'RMSE', kind: 'number', isGain: false, ...root },
        { metric: 'R²', kind: 'number', isGain: true, value: r2(mse.value), low: r2(mse.high), high: r2(mse.low) },
      ];
    },
  };
}
