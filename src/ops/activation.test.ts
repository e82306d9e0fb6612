import { expect, it } from 'vitest';
import { activate, applyActivation, sigmoid } from './activation.js';

const inputs = [-7, -0.5, 0, 0.5, 7, Number.NaN];

// Expected values: the definitions of the activations.
it.each([
  ['NONE', inputs],
  ['RELU', [0, 0, 0, 0.5, 7, Number.NaN]],
  ['RELU6', [0, 0, 0, 0.5, 6, Number.NaN]],
  ['RELU_N1_TO_1', [-1, -0.5, 0, 0.5, 1, Number.NaN]],
] as const)('%s bounds numbers, and lets NaN pass', (name, expected) => {
  expect([...applyActivation(Float32Array.from(inputs), name)]).toEqual([...expected]);
  expect(inputs.map((x) => activate(x, name))).toEqual([...expected]);
});

it('TANH and SIGN_BIT count only in recurrent operators', () => {
  expect([activate(0.5, 'TANH'), activate(-3, 'SIGN_BIT'), activate(-0, 'SIGN_BIT'), activate(3, 'SIGN_BIT')]).toEqual([
    Math.tanh(0.5),
    1,
    1,
    0,
  ]);
  expect([...applyActivation(Float32Array.of(0.5, -2), 'TANH')]).toEqual([0.5, -2]);
});

it('the sigmoid is a half at zero and stays within its bounds', () => {
  expect([sigmoid(0), sigmoid(1000), sigmoid(-1000)]).toEqual([0.5, 1, 0]);
});
