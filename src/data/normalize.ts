import { ModelError } from '../errors.js';

/** How pixels 0..1 become what a model wants: `(x - mean) / std`, channel by channel (one entry counts for all). */
export interface Normalization {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

const NAMED: Readonly<Record<string, Normalization>> = {
  '0..1': { mean: [0], std: [1] },
  '-1..1': { mean: [0.5], std: [0.5] },
  none: { mean: [0], std: [1 / 255] },
};

/** Pixels in 0..1: what models mostly want. */
export const standardNormalization: Normalization = { mean: [0], std: [1] };

/**
 * `0..1`, `-1..1`, `none` (0..255), or means and deviations on the scale 0..1: `0.485,0.456,0.406/0.229,0.224,0.225`.
 * @throws {ModelError} `invalid-option` for anything else.
 */
export function parseNormalization(text: string): Normalization {
  const named = Object.hasOwn(NAMED, text) ? NAMED[text] : undefined;
  if (named) return named;
  const lists = text.split('/').map((list) => list.split(',').map((x) => (x.trim() === '' ? Number.NaN : Number(x))));
  const [mean, std] = lists;
  const isGood = lists.length === 2 && mean?.length === std?.length && lists.flat().every(Number.isFinite);
  if (!isGood || !mean || !std || std.includes(0))
    throw new ModelError(
      'invalid-option',
      `0..1, -1..1, none, or means/deviations such as 0.485,0.456,0.406/0.229,0.224,0.225 expected, got '${text}'.`,
      { where: 'normalize' },
    );
  return { mean, std };
}

/** Pixels 0..255, channels last, as a model wants them. */
export const normalizePixels = (pixels: ArrayLike<number>, { mean, std }: Normalization): Float32Array =>
  Float32Array.from(pixels, (x, i) => (x / 255 - (mean[i % mean.length] as number)) / (std[i % std.length] as number));
