import { ModelError } from '../../errors.js';
import { seededData } from '../../ir/seeded.js';
import type { DType, Tensor } from '../../ir/tensor.js';

/** Names of element types in other runtimes. */
const DTYPES: Readonly<Record<string, DType>> = {
  float32: 'f32',
  float16: 'f16',
  float64: 'f64',
  int8: 'i8',
  uint8: 'u8',
  int16: 'i16',
  uint16: 'u16',
  int32: 'i32',
  uint32: 'u32',
  int64: 'i64',
  uint64: 'u64',
  bool: 'bool',
};

/** What a peer's model says of an input; unknown sizes are not positive numbers. */
export interface FeedFacts {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly unknown[];
}

/**
 * An input for a peer's model: our tensor of the same type and number of elements where there is one not yet `used`
 * (its axes may be in another order), and else random.
 */
export function randomFeed(
  facts: FeedFacts,
  ours: readonly Tensor[],
  used: Set<Tensor>,
  seed: number,
): { readonly data: Tensor['data']; readonly shape: readonly number[] } {
  const dtype = DTYPES[facts.dtype];
  if (!dtype) throw new ModelError('unsupported', `no random ${facts.dtype} data.`, { where: facts.name });
  const isKnown = (d: unknown): d is number => typeof d === 'number' && d > 0;
  const twin = ours.find((t) => !used.has(t) && t.dtype === dtype && t.shape.length === facts.shape.length);
  if (twin) used.add(twin);
  const shape = facts.shape.map((d, i) => (isKnown(d) ? d : (twin?.shape[i] ?? 1)));
  const count = shape.reduce((n, d) => n * d, 1);
  const data = twin && twin.data.length === count ? twin.data : seededData(dtype, count, `${seed}:${facts.name}`);
  return { data, shape };
}
