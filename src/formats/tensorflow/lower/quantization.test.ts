import { expect, it } from 'vitest';
import { runnable } from '../../../node/runtime.js';
import { lowerTensorFlow } from './lower.js';
import { buildGraph } from './testing.js';

const weights = [-0.9, 0.2, 0.31, 0.05, -0.4, 1.3, 0.7, 0.1, -0.2];
const ranges = 'f32[3]=-0.5 -0.4 0.1, f32[3]=0.5 0.3 1';
// What TensorFlow makes of the weights, with a range for each column, and with 4 bits and one range.
const ofColumns = [-0.5, 0.2011811137, 0.3082677126, 0.0511811003, -0.3996063173, 0.9, 0.5, 0.0992126092, 0];
const ofFourBits = [-0.5, 1 / 6, 1 / 3, 1 / 12, -5 / 12, 0.75, 2 / 3, 1 / 12, -1 / 6];
const COLUMNS = `FakeQuantWithMinMaxVarsPerChannel(%x, ${ranges}) {"narrow_range": true}`;
const FOUR_BITS = 'FakeQuantWithMinMaxVars(%x, f32[]=-0.5, f32[]=0.75) {"num_bits": 4}';

it.each([
  ['of channels', COLUMNS, ofColumns],
  ['of few bits', FOUR_BITS, ofFourBits],
])('numbers on a grid %s are those of TensorFlow', async (_, step, wanted) => {
  const model = await runnable(lowerTensorFlow(buildGraph(['float32[None,3]'], [step.replace('%x', '$0')])));
  const { output_0 } = model.run({ x0: { data: Float32Array.from(weights), shape: [3, 3] } });
  for (const [i, number] of wanted.entries()) expect(Number(output_0?.data[i])).toBeCloseTo(number, 6);
});

it.each([
  ['of channels', COLUMNS, ofColumns],
  ['of few bits', FOUR_BITS, ofFourBits],
])('weights on a grid %s are weights', (_, step, wanted) => {
  const constant = `f32[3,3]=${weights.join(' ')}`;
  const graph = buildGraph(['float32[None,3]'], [step.replace('%x', constant), 'MatMul($0, %0)']);
  const nodes = [...lowerTensorFlow(graph).graphs[0]!.nodes()];
  expect(nodes.map((n) => n.op)).toEqual(['FULLY_CONNECTED']);
  const kept = nodes[0]!.inputs[1]!.constant!.numbers();
  const transposed = wanted.map((_, i) => wanted[(i % 3) * 3 + Math.floor(i / 3)] as number);
  for (const [i, number] of transposed.entries()) expect(kept[i]).toBeCloseTo(number, 6);
});
