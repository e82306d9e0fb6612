import { expect, it } from 'vitest';
import { modelBytes } from '../../test/oracle/kernel-case.js';
import { load } from '../node/runtime.js';

const drawing = (op: string, shape: string, count: number, seeds: string) => `graph main() {
  @shape = const i32[${count}] [${shape}]
  %y = ${op}(@shape) {${seeds}} : f32[${shape}]
  return %y
}`;
const SEEDS = 'seed: 7n, seed2: 5n';

// What LiteRT 2.21 gives for these seeds, in its first two runs.
it.each([
  ['RANDOM_UNIFORM', [0.8669311, 0.00216758, 0.91945195], [0.81806636, 0.04437065, 0.02654004]],
  ['RANDOM_STANDARD_NORMAL', [0.00727805, 0.53435814, 0.18353333], [0.17439935, 0.60926884, -1.5849414]],
])('%s draws from its seeds, goes on in the next run, and begins again after a reset', async (op, first, second) => {
  const model = await load(modelBytes(drawing(op, '3', 1, SEEDS)));
  const expectRun = (wanted: readonly number[]) => {
    const { data } = model.run({}).y ?? {};
    for (const [i, number] of wanted.entries()) expect(Number(data?.[i])).toBeCloseTo(number, 5);
  };
  expectRun(first);
  expectRun(second);
  model.reset();
  expectRun(first);
});

it('seeds of zero give other numbers in every model', async () => {
  const text = drawing('RANDOM_UNIFORM', '4,5', 2, '');
  const [a, b] = await Promise.all([load(modelBytes(text)), load(modelBytes(text))]);
  expect(a?.run({}).y?.shape).toEqual([4, 5]);
  expect(a?.run({}).y?.data).not.toEqual(b?.run({}).y?.data);
});

it('classes are drawn as often as their logits say', async () => {
  const model = await load(
    modelBytes(`graph main(%logits: f32[2,3]) {
  @count = const i32[] [4000]
  %y = MULTINOMIAL(%logits, @count) {seed: 1n, seed2: 2n} : i32[2,4000]
  return %y
}`),
  );
  const drawn = [
    ...(model.run({ logits: Float32Array.of(0, Math.log(3), -Infinity, 0, 0, Math.log(2)) }).y?.data ?? []),
  ];
  const shares = (row: readonly unknown[]) => [0, 1, 2].map((c) => row.filter((x) => x === c).length / 4000);
  for (const [i, wanted] of [0.25, 0.75, 0].entries()) expect(shares(drawn.slice(0, 4000))[i]).toBeCloseTo(wanted, 1);
  for (const [i, wanted] of [0.25, 0.25, 0.5].entries()) expect(shares(drawn.slice(4000))[i]).toBeCloseTo(wanted, 1);
});
