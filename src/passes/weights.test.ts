import { describe, expect, it } from 'vitest';
import { Constant } from '../ir/constant.js';
import { Graph, Value } from '../ir/graph.js';
import { foldArithmeticAfter } from './fold-arithmetic-after.js';
import { mapFloats, reshaped, scaleAlongAxis } from './weights.js';

describe('derived constants', () => {
  const weights = Value.constant('w', Constant.f32([1, 2, 3, 4, 5, 6], [2, 3]));

  it('combine each element with the number for its index on an axis', () => {
    const byRow = scaleAlongAxis(weights, 0, () => Float32Array.of(10, 100), 'MUL');
    expect(byRow.numbers()).toEqual([10, 20, 30, 400, 500, 600]);
    const byColumn = scaleAlongAxis(weights, 1, () => Float32Array.of(1, 2, 4), 'DIV');
    expect(byColumn.numbers()).toEqual([1, 1, 0.75, 4, 2.5, 1.5]);
  });

  it('combine all elements with the only number', () => {
    const halves = scaleAlongAxis(weights, 1, () => Float32Array.of(2), 'DIV');
    expect(halves.numbers()).toEqual([0.5, 1, 1.5, 2, 2.5, 3]);
  });

  it('keep the elements under another shape', () => {
    expect(reshaped(weights, [3, 2])).toMatchObject({ dtype: 'f32', shape: [3, 2] });
    expect(mapFloats(weights, (x) => -x).numbers()).toEqual([-1, -2, -3, -4, -5, -6]);
  });

  it('are not computed before they are read: folding into weights reads nothing', () => {
    let reads = 0;
    const lazy = Value.constant(
      'w',
      Constant.lazy('f32', [2, 3], () => {
        reads++;
        return Float32Array.of(1, 2, 3, 4, 5, 6);
      }),
    );
    const graph = new Graph('g');
    const [x, f, y] = ['x', 'f', 'y'].map((name) => new Value(name, 'f32', [1, name === 'x' ? 3 : 2]));
    if (!x || !f || !y) throw new Error('three values expected');
    graph.inputs.push(x);
    graph.append({ op: 'FULLY_CONNECTED', name: 'f', inputs: [x, lazy, undefined], outputs: [f] });
    const scale = Value.constant('c', Constant.f32([2, 3]));
    graph.append({ op: 'MUL', name: 'y', inputs: [f, scale], outputs: [y] });
    graph.outputs.push(y);
    expect(foldArithmeticAfter().run(graph)).toBe(1);
    expect(reads).toBe(0);
    expect(y.producer?.inputs[1]?.constant?.numbers()).toEqual([2, 4, 6, 12, 15, 18]);
  });
});
