import { expect, it } from 'vitest';
import { fullyConnected } from './fully-connected.js';
import { errorOf, f32, mixed, testOp, versionOf } from './testing.js';

const input = f32([2, 3, 2], mixed(12, 1));

// Expected values: NumPy matrix products.
testOp(fullyConnected, {
  'the input is taken as rows of the filter’s length': {
    inputs: { input, filter: f32([2, 6], mixed(12, 2)), bias: f32([2], [1, 2]) },
    output: f32([2, 2], [53, 13, -22, 17]),
    version: 1,
  },
  'keepNumDims keeps the leading axes': {
    inputs: { input, filter: f32([4, 2], mixed(8, 2)) },
    options: { keepNumDims: true, fusedActivationFunction: 'RELU' },
    output: f32([2, 3, 4], [24, 0, 0, 26, 0, 20, 2, 0, 0, 8, 8, 0, 0, 0, 14, 0, 25, 0, 0, 23, 0, 16, 4, 0]),
    version: 5,
  },
});

it('rows of another length are refused', () => {
  const filter = f32([2, 5], mixed(10));
  expect(errorOf(fullyConnected, { inputs: { input, filter } })).toBe('filter expects rows of 5, input is [2,3,2]');
  expect(errorOf(fullyConnected, { inputs: { input, filter }, options: { keepNumDims: true } })).toBe(
    'filter expects rows of 5, input is [2,3,2]',
  );
});

it('an unknown batch stays unknown, also when flattening hides it', () => {
  const infer = (shape: readonly number[], size: number) =>
    fullyConnected.infer(
      [
        { dtype: 'f32', shape, elements: undefined },
        { dtype: 'f32', shape: [7, size], elements: undefined },
      ],
      {},
    )[0]?.shape;
  expect(infer([-1, 5], 5)).toEqual([-1, 7]);
  expect(infer([2, 3, 5], 5)).toEqual([6, 7]);
  expect(infer([-1, 3, 5], 15)).toEqual([-1, 7]);
  expect(infer([3, -1], 5)).toEqual([-1, 7]);
});

const x = { dtype: 'f32', shape: [1, 8] } as const;
const none = undefined as never;
const filter = (dtype: 'f32' | 'i2' | 'i4' | 'i8' | 'i16', units = 4, scales = 1) => ({
  dtype,
  shape: [units, 8],
  quantization: { scale: new Float32Array(scales).fill(1), zeroPoint: [], axis: 0 },
});
const q = (dtype: 'i8' | 'i16') => ({ dtype, shape: [1, 8] });

// Rules: the order of the reference converter's version table.
it.each([
  ['2-bit filters', [x, filter('i2'), x], x, {}, 14],
  ['16-bit inputs and 4-bit filters', [q('i16'), filter('i4'), x], q('i16'), {}, 13],
  ['float inputs and a scale for each unit', [x, filter('i8', 4, 4), x], x, {}, 12],
  ['float inputs and a single unit', [x, filter('i8', 1, 1), x], x, {}, 12],
  ['16-bit inputs with a bias type', [q('i16'), filter('i8'), x], q('i16'), { quantizedBiasType: 'INT32' }, 11],
  ['16-bit inputs', [q('i16'), filter('i8'), x], q('i16'), {}, 1],
  ['16-bit inputs and filters', [q('i16'), filter('i16'), x], q('i16'), {}, 7],
  ['two arguments', [x, filter('i8')], x, {}, 6],
  ['kept axes', [q('i8'), filter('i8'), x], q('i8'), { keepNumDims: true }, 5],
  ['8-bit integers', [q('i8'), filter('i8'), x], q('i8'), {}, 4],
  ['4-bit filters', [q('i8'), filter('i4'), x], q('i8'), {}, 10],
  ['float inputs and one scale', [x, filter('i8'), x], x, {}, 3],
  ['float inputs quantized asymmetrically', [x, filter('i8'), x], x, { asymmetricQuantizeInputs: true }, 9],
  ['shuffled weights', [x, filter('f32'), x], x, { weightsFormat: 'SHUFFLED4x16INT8' }, 2],
  ['floats', [x, filter('f32'), x], x, {}, 1],
] as const)('%s have their version', (_, inputs, output, options, version) => {
  expect(versionOf(fullyConnected, inputs, [output], options)).toBe(version);
});

it('sparse filters have version 8', () => {
  const value = (isSparse: boolean) => ({ ...x, quantization: undefined, isSparse });
  const inputs = [value(false), value(true), none];
  expect(fullyConnected.version({ inputs, outputs: [value(false)], options: {} })).toBe(8);
});
