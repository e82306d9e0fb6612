import { allocate, elementCount, type Shape, type Tensor, type TensorData } from '../ir/tensor.js';
import { roundHalfAway } from '../numerics/round.js';
import { defineOp, type KnownValue, type Op, type VersionFacts } from './define.js';
import { allocateFloats, floats, floatTensor } from './floats.js';
import { affineOf } from './integers.js';
import { LITERT } from './litert.js';
import { invalid, requireRank } from './shapes.js';

/**
 * Images of another size.
 *
 * - input `[N, H, W, C]`, size `[2]` = new height and width; output `[N, size[0], size[1], C]`
 *
 * Coordinates are float32, because near a cell's edge the last bit decides which cell is the nearest.
 * Source: TFLite operators RESIZE_BILINEAR, RESIZE_NEAREST_NEIGHBOR.
 */
export const resizes: readonly Op[] = [
  defineOp({
    name: 'RESIZE_BILINEAR',
    litert: LITERT.everywhere,
    inputs: ['input', 'size'],
    outputs: ['output'],
    version: resizeVersion(({ options }) => Boolean(options.halfPixelCenters)),
    infer: ({ input, size }, options) => [{ dtype: input.dtype, shape: resizedShape(input, size, options) }],
    reference({ inputs, types: [type], options }) {
      if (affineOf(inputs.input) && inputs.input.dtype !== 'u8')
        return [resizedIntegers(inputs.input, inputs.size, options)];
      // Unsigned bytes are interpolated as they are stored.
      const isBytes = inputs.input.dtype === 'u8';
      const x = isBytes ? (inputs.input.data as Uint8Array) : floats(inputs.input);
      const blend = isBytes ? blendFloat32 : blendExactly;
      const [n = 0, h = 0, w = 0, c = 0] = inputs.input.shape;
      const shape = withSize(inputs.input.shape, inputs.size.data);
      const rows = corners(h, shape[1]!, options);
      const columns = corners(w, shape[2]!, options);
      const out = allocateFloats({ ...type!, shape });
      let at = 0;
      for (let b = 0; b < n; b++)
        for (const y of rows)
          for (const s of columns)
            for (let k = 0; k < c; k++) {
              const cell = (yi: number, xi: number) => x[((b * h + yi) * w + xi) * c + k]!;
              out[at++] = blend(cell, y, s);
            }
      if (isBytes) return [{ ...inputs.input, shape, data: Uint8Array.from(out, (sum) => Math.fround(sum + 0.5)) }];
      return [floatTensor(type!, out, shape)];
    },
  }),
  defineOp({
    name: 'RESIZE_NEAREST_NEIGHBOR',
    inputs: ['input', 'size'],
    outputs: ['output'],
    version: resizeVersion(({ options }) => Boolean(options.halfPixelCenters || options.alignCorners)),
    infer: ({ input, size }, options) => [{ dtype: input.dtype, shape: resizedShape(input, size, options) }],
    reference({ inputs, options }) {
      const { dtype, data } = inputs.input;
      const [n = 0, h = 0, w = 0, c = 0] = inputs.input.shape;
      const shape = withSize(inputs.input.shape, inputs.size.data);
      const rows = nearest(h, shape[1]!, options);
      const columns = nearest(w, shape[2]!, options);
      const source = data as Float32Array;
      const out = allocate(dtype, elementCount(shape)) as Float32Array;
      let at = 0;
      for (let b = 0; b < n; b++)
        for (const y of rows)
          for (const x of columns) for (let k = 0; k < c; k++) out[at++] = source[((b * h + y) * w + x) * c + k]!;
      return [{ ...inputs.input, shape, data: out }];
    },
  }),
];

/** How the cells of two images lie on each other. */
export interface Alignment {
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

function resizedShape(input: KnownValue, size: KnownValue, options: Alignment): Shape {
  if (options.alignCorners && options.halfPixelCenters)
    throw invalid('alignCorners and halfPixelCenters exclude each other');
  const [n = -1, , , c = -1] = requireRank(input.shape, 4, 'input') ?? [];
  return [n, size.elements?.[0] ?? -1, size.elements?.[1] ?? -1, c];
}

function withSize(shape: Shape, size: TensorData): Shape {
  const [n = 0, , , c = 0] = shape;
  const [h, w] = size as Int32Array;
  return [n, h!, w!, c];
}

const scaleOf = (size: number, out: number, align: boolean): number =>
  align && out > 1 ? Math.fround((size - 1) / (out - 1)) : Math.fround(size / out);

export interface Corner {
  readonly low: number;
  readonly high: number;
  /** How much `high` counts, 0..1. */
  readonly weight: number;
}

/** The two source cells of each output cell along an axis. */
export function corners(size: number, out: number, { alignCorners, halfPixelCenters }: Alignment): Corner[] {
  const scale = scaleOf(size, out, alignCorners);
  return Array.from({ length: out }, (_, o) => {
    const at = halfPixelCenters ? Math.fround(Math.fround((o + 0.5) * scale) - 0.5) : Math.fround(o * scale);
    const low = Math.max(Math.floor(at), 0);
    return { low, high: Math.min(Math.ceil(at), size - 1), weight: Math.fround(at - low) };
  });
}

/** Cells have this many steps. */
export const STEPS = 1024;

/** The two source cells of each output cell in integers; `weight` counts steps. */
export function integerCorners(size: number, out: number, { alignCorners, halfPixelCenters }: Alignment): Corner[] {
  const isAligned = alignCorners && out > 1;
  const [whole, parts] = isAligned ? [size - 1, out - 1] : [size, out];
  const step = Math.trunc((STEPS * whole + Math.trunc(parts / 2)) / parts);
  return Array.from({ length: out }, (_, o) => {
    const at = o * step + (halfPixelCenters ? Math.trunc(step / 2) - STEPS / 2 : 0);
    const low = Math.max(Math.trunc(at / STEPS), 0);
    return { low, high: Math.min(Math.trunc((at + STEPS - 1) / STEPS), size - 1), weight: at - STEPS * low };
  });
}

/** Bilinear interpolation of stored integers; the sum of the four corners is rounded with halves away from zero. */
function resizedIntegers(input: Tensor, size: Tensor, options: Alignment): Tensor {
  const [n = 0, h = 0, w = 0, c = 0] = input.shape;
  const shape = withSize(input.shape, size.data);
  const x = input.data as Int8Array;
  const rows = integerCorners(h, shape[1]!, options);
  const columns = integerCorners(w, shape[2]!, options);
  const out = allocate(input.dtype, elementCount(shape)) as Int8Array;
  const half = (STEPS * STEPS) / 2;
  let at = 0;
  for (let b = 0; b < n; b++)
    for (const y of rows)
      for (const s of columns)
        for (let k = 0; k < c; k++) {
          const cell = (yi: number, xi: number) => x[((b * h + yi) * w + xi) * c + k]!;
          const row = (yi: number) => cell(yi, s.low) * (STEPS - s.weight) + cell(yi, s.high) * s.weight;
          const sum = row(y.low) * (STEPS - y.weight) + row(y.high) * y.weight;
          out[at++] = Math.trunc((sum + (sum > 0 ? half : -half)) / (STEPS * STEPS));
        }
  return { ...input, shape, data: out };
}

type Cell = (row: number, column: number) => number;

function blendExactly(cell: Cell, y: Corner, x: Corner): number {
  const top = cell(y.low, x.low) * (1 - x.weight) + cell(y.low, x.high) * x.weight;
  const bottom = cell(y.high, x.low) * (1 - x.weight) + cell(y.high, x.high) * x.weight;
  return top * (1 - y.weight) + bottom * y.weight;
}

/** With every step rounded to float32, where the last bit decides which byte the result becomes. */
function blendFloat32(cell: Cell, y: Corner, x: Corner): number {
  const round = Math.fround;
  const [top, left] = [round(1 - y.weight), round(1 - x.weight)];
  const term = (q: number, row: number, column: number) => round(round(q * row) * column);
  let sum = term(cell(y.low, x.low), top, left);
  sum = round(sum + term(cell(y.high, x.low), y.weight, left));
  sum = round(sum + term(cell(y.low, x.high), top, x.weight));
  return round(sum + term(cell(y.high, x.high), y.weight, x.weight));
}

/** The nearest source cell of each output cell along an axis. */
function nearest(size: number, out: number, { alignCorners, halfPixelCenters }: Alignment): number[] {
  const scale = scaleOf(size, out, alignCorners);
  const offset = halfPixelCenters ? 0.5 : 0;
  return Array.from({ length: out }, (_, o) => {
    const at = Math.fround((o + offset) * scale);
    return Math.max(0, Math.min(alignCorners ? roundHalfAway(at) : Math.floor(at), size - 1));
  });
}

function resizeVersion(isAligned: (facts: VersionFacts) => boolean): (facts: VersionFacts) => number {
  return (facts) => {
    const dtype = facts.inputs[0]?.dtype;
    if (dtype === 'i16') return 4;
    if (isAligned(facts)) return 3;
    return dtype === 'i8' ? 2 : 1;
  };
}
