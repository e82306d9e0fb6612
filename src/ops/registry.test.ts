import { expect, it } from 'vitest';
import { builtins } from '../schema/tflite.gen.js';
import { allOps, findOp } from './registry.js';

it('every builtin of the schema is known, once', () => {
  expect(allOps.map((op) => op.name).sort()).toEqual(Object.keys(builtins).sort());
});

it('the operands that hold weights are arguments, and states too', () => {
  for (const op of allOps) {
    const isArgument = (index: number) => op.inputs[index] !== undefined;
    expect(op.weights?.operands.every(isArgument) ?? true, op.name).toBe(true);
    expect(op.states.every(isArgument), op.name).toBe(true);
  }
});

it('operators that keep state are impure', () => {
  expect(allOps.filter((op) => op.states.length > 0 && !op.impure)).toEqual([]);
});

it('a custom operator has no meaning of its own', () => {
  expect(findOp('NO_SUCH_OPERATOR')).toBeUndefined();
  expect(findOp('CUSTOM')?.reference).toBeUndefined();
});
