import type { Shape } from '../ir/tensor.js';
import { defineOp, type KnownValue, type Op } from './define.js';
import { requireRank } from './shapes.js';

/**
 * Random numbers: uniform in `[0, 1)` or standard normal of the shape that `shape` holds, and class numbers drawn by
 * logits `[N, classes]`, `[N, numSamples]`. A seed of zero is another one in every run.
 *
 * Source: TFLite operators RANDOM_UNIFORM, RANDOM_STANDARD_NORMAL, MULTINOMIAL.
 */
export const randoms: readonly Op[] = [
  ...(['RANDOM_UNIFORM', 'RANDOM_STANDARD_NORMAL'] as const).map((name) =>
    defineOp({
      name,
      inputs: ['shape'],
      outputs: ['output'],
      impure: true,
      infer: ({ shape }) => [{ dtype: 'f32', shape: heldShape(shape) }],
    }),
  ),
  defineOp({
    name: 'MULTINOMIAL',
    inputs: ['logits', 'numSamples'],
    outputs: ['output'],
    impure: true,
    choosesType: true,
    infer({ logits, numSamples }) {
      const [n = -1] = requireRank(logits.shape, 2, 'logits') ?? [];
      return [{ dtype: 'i64', shape: [n, numSamples.elements?.[0] ?? -1] }];
    },
  }),
];

/** The shape whose sizes a tensor holds, as far as known. */
function heldShape({ shape, elements }: KnownValue): Shape | undefined {
  const rank = elements?.length ?? requireRank(shape, 1, 'shape')?.[0] ?? -1;
  if (rank < 0) return undefined;
  return Array.from({ length: rank }, (_, i) => elements?.[i] ?? -1);
}
