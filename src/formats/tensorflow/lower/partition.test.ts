import { expect, it } from 'vitest';
import { runnable } from '../../../node/runtime.js';
import { lowerTensorFlow } from './lower.js';
import { buildGraph } from './testing.js';

const PARTITION = 'DynamicPartition($0, $1) {"num_partitions": 2}';

async function run(steps: readonly string[]) {
  const model = await runnable(lowerTensorFlow(buildGraph(['float32[4,2]', 'int32[4]', 'int32[4]'], steps)));
  const x = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  return model.run({ x0: x, x1: Int32Array.of(1, 0, 1, 1), x2: Int32Array.of(0, 1, 2, 3) });
}

it('rows are taken apart by the number of their part', async () => {
  const { output_0: first, output_1: second } = await run(['AddV2($2, $2)', PARTITION]);
  expect(first).toMatchObject({ shape: [1, 2], data: Float32Array.of(3, 4) });
  expect(second).toMatchObject({ shape: [3, 2], data: Float32Array.of(1, 2, 5, 6, 7, 8) });
});

it('and put together again, by the positions that went with them', async () => {
  const positions = 'DynamicPartition($2, $1) {"num_partitions": 2}';
  const stitch = 'DynamicStitch(%1:0, %1:1, %0:0, %0:1) {"N": 2}';
  const { output_0: all } = await run([PARTITION, positions, stitch]);
  expect(all).toMatchObject({ shape: [4, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8) });
});
