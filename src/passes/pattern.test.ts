import { describe, expect, it } from 'vitest';
import { parseGraph } from '../ops/text.js';
import { findMatch, pattern } from './pattern.js';

const find = (text: string, wanted: string) => {
  const graph = parseGraph(`graph g(%x: f32[2,3], %y: f32[2,3]) {\n${text}\n}`);
  return findMatch(graph, graph.outputs[0] as NonNullable<(typeof graph.outputs)[0]>, pattern(wanted));
};

const clipped = `  @three = const f32[] [3]
  %a = ADD(@three, %x) {fusedActivationFunction: RELU6} : f32[2,3]
  %z = MUL(%a, %x) : f32[2,3]
  return %z`;

describe('findMatch', () => {
  it('takes the operands of ADD and MUL in either order, and a fused activation for one of its own', () => {
    const match = find(clipped, 'MUL(x, RELU6(ADD(x, 3)))');
    expect(match?.values.get('x')?.name).toBe('x');
    expect(match?.nodes.map((n) => n.op)).toEqual(['MUL', 'ADD']);
  });

  it('needs the activation to be in the pattern', () => {
    expect(find(clipped, 'MUL(x, ADD(x, 3))')).toBeUndefined();
    expect(find(clipped, 'MUL(x, RELU(ADD(x, 3)))')).toBeUndefined();
  });

  it('lets one word stand for one value only', () => {
    expect(find('  %z = ADD(%x, %y) : f32[2,3]\n  return %z', 'ADD(a, a)')).toBeUndefined();
    expect(find('  %z = ADD(%x, %y) : f32[2,3]\n  return %z', 'ADD(a, b)')).toBeDefined();
  });

  it('compares constants up to two units in the last place', () => {
    const text = (number: string) => `  @c = const f32[] [${number}]\n  %z = MUL(%x, @c) : f32[2,3]\n  return %z`;
    expect(find(text('0.16666667'), 'MUL(x, 0.16666667)')).toBeDefined();
    expect(find(text('0.1666667'), 'MUL(x, 0.16666667)')).toBeDefined();
    expect(find(text('0.166667'), 'MUL(x, 0.16666667)')).toBeUndefined();
  });

  it('finds a shared value by its name, and refuses values that something outside reads', () => {
    const softmax = (more: string) => `  @axis = const i32[1] [-1]
  %e = EXP(%x) : f32[2,3]
  %s = SUM(%e, @axis) {keepDims: true} : f32[2,1]
  %z = DIV(%e, %s) : f32[2,3]
  return %z${more}`;
    expect(find(softmax(''), 'DIV(e=EXP(x), SUM(e, axes))')).toBeDefined();
    expect(find(softmax(', %e'), 'DIV(e=EXP(x), SUM(e, axes))')).toBeUndefined();
  });

  it('finds custom operators by their code', () => {
    expect(find('  %z = CUSTOM:Erf(%x) : f32[2,3]\n  return %z', 'Erf(x)')).toBeDefined();
    expect(find('  %z = CUSTOM:Erf(%x) : f32[2,3]\n  return %z', 'Erfc(x)')).toBeUndefined();
  });
});

describe('pattern', () => {
  it('says what is not well formed', () => {
    expect(() => pattern('ADD(x')).toThrow('bracket');
    expect(() => pattern('ADD(x) y')).toThrow('after its end');
  });
});
