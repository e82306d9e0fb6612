import { expect, it } from 'vitest';
import { load } from '../src/node/runtime.js';
import { modelBytes } from './oracle/model-bytes.js';

const net = modelBytes(`graph main(%x: f32[1,32,32,32]) {
  @w = const f32[64,3,3,32]
  @b = const f32[64]
  @v = const f32[32,1,1,64]
  @c = const f32[32]
  @m = const f32[64,32768]
  @d = const f32[64]
  @shape = const i32[2] [1, 32768]
  %h = CONV_2D(%x, @w, @b) {padding: SAME, fusedActivationFunction: RELU} : f32[1,32,32,64]
  %p = CONV_2D(%h, @v, @c) {padding: SAME} : f32[1,32,32,32]
  %s = ADD(%p, %x) : f32[1,32,32,32]
  %f = RESHAPE(%s, @shape) : f32[1,32768]
  %y = FULLY_CONNECTED(%f, @m, @d) : f32[1,64]
  return %y
}`);

it('several threads give the very same results as one, run after run', async () => {
  const one = await load(net);
  const many = await load(net, { threads: 3 });
  try {
    for (let run = 0; run < 60; run++) {
      const x = Float32Array.from({ length: 32768 }, (_, i) => Math.sin(i * (run + 1)));
      expect(many.run([x]).y?.data).toEqual(one.run([x]).y?.data);
    }
  } finally {
    many.dispose();
  }
}, 60_000);

it('a number of threads that is none is refused', async () => {
  await expect(load(net, { threads: 0 })).rejects.toThrow('threads: expected 1 to 64, got 0.');
});
