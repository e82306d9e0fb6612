import type { Shape } from '../../src/ir/tensor.js';
import type { TensorFacts } from '../../src/runtime/api.js';

/** What a person can give to an input. */
export type InputKind =
  | { readonly kind: 'drawing' | 'image'; readonly width: number; readonly height: number; readonly channels: number }
  | { readonly kind: 'sound'; readonly samples: number }
  | { readonly kind: 'text' }
  | { readonly kind: 'numbers'; readonly count: number };

/** Least length of a waveform; shorter lists are numbers. */
const LEAST_SOUND = 2000;
/** Largest picture that is drawn by hand. */
const LARGEST_DRAWING = 64;
/** Names that image inputs without a known size tend to have are not asked: this size is taken. */
const UNKNOWN_SIZE = 224;

const isChannels = (size: number | undefined): size is number => size === 1 || size === 3 || size === 4;

/** Height, width and channels of `[1, H, W, C]` or `[1, C, H, W]`; undefined for other shapes. */
export function imageSizes(
  shape: Shape,
):
  | { readonly height: number; readonly width: number; readonly channels: number; readonly isChannelsFirst: boolean }
  | undefined {
  const [batch = 0, a = 0, b = 0, c = 0] = shape;
  if (shape.length !== 4 || batch > 1) return undefined;
  if (isChannels(c)) return { height: a, width: b, channels: c, isChannelsFirst: false };
  if (isChannels(a)) return { height: b, width: c, channels: a, isChannelsFirst: true };
  return undefined;
}

/** What to offer for an input. */
export function inputKind({ dtype, shape }: TensorFacts): InputKind {
  if (dtype === 'string') return { kind: 'text' };
  const sizes = imageSizes(shape);
  if (sizes && dtype !== 'bool' && dtype !== 'i64') {
    const { channels } = sizes;
    const [width, height] = [sizes.width, sizes.height].map((d) => (d > 0 ? d : UNKNOWN_SIZE)) as [number, number];
    const isSmall = Math.max(width, height) <= LARGEST_DRAWING && channels === 1;
    if (Math.min(width, height) >= 4) return { kind: isSmall ? 'drawing' : 'image', width, height, channels };
  }
  const samples = soundLength(shape);
  if (dtype === 'f32' && samples !== undefined) return { kind: 'sound', samples };
  return { kind: 'numbers', count: shape.reduce((n, d) => n * Math.max(d, 1), 1) };
}

/** Length of a waveform `[N]`, `[B, N]` or `[B, N, 1]`, -1 when it is open; undefined for shapes of other things. */
function soundLength(shape: Shape): number | undefined {
  const sizes = shape.length > 1 && (shape[0] as number) <= 1 ? shape.slice(1) : shape;
  const [length, ...others] = sizes;
  if (length === undefined || others.length > 1 || others.some((d) => d !== 1)) return undefined;
  return length >= LEAST_SOUND || (length < 0 && shape.length === 1) ? length : undefined;
}
