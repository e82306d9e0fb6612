import { expect, it } from 'vitest';
import { modelBytes } from '../test/oracle/model-bytes.js';
import { load } from './node/runtime.js';
import { withTfjs } from './tfjs.js';

/** What `@tensorflow/tfjs` does, as far as it matters here. */
interface FakeTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
  dataSync(): ArrayLike<number>;
}
const tf = {
  tensor: (data: ArrayLike<number>, shape: readonly number[], dtype: string): FakeTensor => ({
    dtype,
    shape,
    data,
    dataSync: () => data,
  }),
};

const sums = `graph main(%a: f32[1,2], %b: f32[1,2]) {
  %sum = ADD(%a, %b) : f32[1,2]
  %isLess = LESS(%a, %b) : bool[1,2]
  return %sum, %isLess
}`;
const a = tf.tensor(Float32Array.of(1, 5), [1, 2], 'float32');
const b = tf.tensor(Float32Array.of(3, 4), [1, 2], 'float32');
const make = async (text: string) => withTfjs(await load(modelBytes(text)), tf);

it('tensors go in by name or in order, and several outputs come by name', async () => {
  const net = await make(sums);
  const inOrder = net.predict([a, b]) as Record<string, FakeTensor>;
  expect(Object.keys(inOrder)).toEqual(['sum', 'isLess']);
  expect(inOrder.sum).toMatchObject({ dtype: 'float32', shape: [1, 2], data: Float32Array.of(4, 9) });
  expect(inOrder.isLess).toMatchObject({ dtype: 'bool', shape: [1, 2], data: Uint8Array.of(1, 0) });
  const [sum] = net.execute({ b, a });
  expect(sum).toMatchObject({ data: Float32Array.of(4, 9) });
  net.dispose();
});

it('a model with one input and one output takes and gives a tensor', async () => {
  const net = await make('graph main(%x: f32[?,2]) {\n  %y = RELU(%x) : f32[?,2]\n  return %y\n}');
  expect(net.inputs).toEqual([{ name: 'x', dtype: 'float32', shape: [null, 2] }]);
  const x = tf.tensor(Float32Array.of(-1, 2, 3, -4), [2, 2], 'float32');
  expect(net.predict(x)).toMatchObject({ dtype: 'float32', shape: [2, 2], data: Float32Array.of(0, 2, 3, 0) });
});

it('integers of all sizes are int32 there', async () => {
  const net = await make('graph main(%x: i64[2]) {\n  %y = NEG(%x) : i64[2]\n  return %y\n}');
  const x = tf.tensor(Int32Array.of(7, -8), [2], 'int32');
  expect(net.predict(x)).toMatchObject({ dtype: 'int32', data: Int32Array.of(-7, 8) });
});

it('tensors of another type or number are refused with a remedy', async () => {
  const net = await make(sums);
  expect(() => net.predict([a])).toThrow('2 tensors expected, got 1.');
  const integers = tf.tensor(Int32Array.of(1, 2), [1, 2], 'int32');
  expect(() => net.predict([a, integers])).toThrow(
    "input 'b': a tensor of float32 expected, got int32. Call tensor.cast('float32').",
  );
  expect(() => net.predict({ c: a })).toThrow('c');
});
