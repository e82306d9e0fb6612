import { expect, it } from 'vitest';
import type { Model } from '../../ir/graph.js';
import { furtherKernels } from './further-kernels.js';
import { kernelsFor } from './on-demand.js';

const modelOf = (op: string, inputs: readonly object[] = []): Model =>
  ({ graphs: [{ inputs: [], nodes: () => [{ op, inputs, outputs: [{ dtype: 'f32' }] }] }] }) as unknown as Model;

it.each(furtherKernels.flatMap((kernel) => kernel.ops))('the kernel of %s comes when a model needs it', async (op) => {
  expect((await kernelsFor(modelOf(op))).operators).toContain(op);
});

it('other models do without', async () => {
  expect((await kernelsFor(modelOf('CONV_2D'))).operators).not.toContain('GATHER');
});

it('a product of two computed matrices needs the kernel of batches of them', async () => {
  const operators = async (filter: object) => (await kernelsFor(modelOf('FULLY_CONNECTED', [{}, filter]))).operators;
  expect(await operators({})).toContain('BATCH_MATMUL');
  expect(await operators({ constant: {} })).not.toContain('BATCH_MATMUL');
});
