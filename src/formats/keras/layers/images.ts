import { ModelError } from '../../../errors.js';
import { Constant } from '../../../ir/constant.js';
import { Value } from '../../../ir/graph.js';
import { areaWeights, cubicWeights, kernelWeights } from '../../../numerics/resize-weights.js';
import type { LayerCall, Lower } from './context.js';
import { channelsLast } from './layout.js';

/** How images are resized. */
interface Method {
  readonly interpolation: string;
  /** Whether pixels that come together are averaged. */
  readonly antialias: boolean;
}

const OPERATORS: Readonly<Record<string, string>> = {
  nearest: 'RESIZE_NEAREST_NEIGHBOR',
  bilinear: 'RESIZE_BILINEAR',
};

/** Methods by weights, and their kernels in TensorFlow. */
const KERNELS: Readonly<Record<string, string>> = {
  bicubic: 'keyscubic',
  bilinear: 'triangle',
  gaussian: 'gaussian',
  lanczos3: 'lanczos3',
  lanczos5: 'lanczos5',
  mitchellcubic: 'mitchellcubic',
};

/** Images `[N, H, W, C]` of another size `[H, W]`. The cells are squares whose middles meet. */
function resize(c: LayerCall, x: Value, size: readonly number[] | Value, { interpolation, antialias }: Method): Value {
  const isPlain = interpolation === 'nearest' || (interpolation === 'bilinear' && !antialias);
  if (!isPlain) return resizeByWeights(c, x, size, { interpolation, antialias });
  const sizes = size instanceof Value ? size : c.i32(size);
  return c.emit(OPERATORS[interpolation] as string, [x, sizes], { alignCorners: false, halfPixelCenters: true });
}

/** Two products with constant weights: rows first, then columns. */
function resizeByWeights(c: LayerCall, x: Value, size: readonly number[] | Value, method: Method): Value {
  const [batch = -1, height = -1, width = -1, channels = -1] = c.knownShape(x);
  const [toHeight = -1, toWidth = -1] = size instanceof Value ? [] : size;
  if (toHeight < 0 || toWidth < 0)
    throw new ModelError('unsupported', `resizes images of unknown size by '${method.interpolation}'.`);
  const product = (from: number, to: number, value: Value): Value => {
    const weights = Constant.of('f32', [to, from], weightsOf(from, to, method));
    return c.emit('BATCH_MATMUL', [Value.constant(c.unique('weights'), weights), value]);
  };
  const rows = product(height, toHeight, c.reshape(x, [batch, height, width * channels]));
  return product(width, toWidth, c.reshape(rows, [batch, toHeight, width, channels]));
}

function weightsOf(from: number, to: number, { interpolation, antialias }: Method): Float32Array {
  if (interpolation === 'area') return areaWeights(from, to, false);
  if (interpolation === 'bicubic' && !antialias) return cubicWeights(from, to, { isHalf: true, isAligned: false });
  const kernel = Object.hasOwn(KERNELS, interpolation) ? KERNELS[interpolation] : undefined;
  if (kernel) return kernelWeights(from, to, { kernel, scale: Math.fround(to / from), translation: 0, antialias });
  const known = ['nearest', 'area', ...Object.keys(KERNELS)].join(', ');
  throw new ModelError('unsupported', `resizes by '${interpolation}'; ${known} are known here.`);
}

/** Images so many times as high and as wide; their size may be unknown. */
export function enlarge(c: LayerCall, x: Value, [h = 1, w = 1]: readonly number[], interpolation: string): Value {
  const [, height = -1, width = -1] = c.shapeOf(x);
  const method = { interpolation, antialias: false };
  if (height >= 0 && width >= 0) return resize(c, x, [height * h, width * w], method);
  const sizes = c.emit('SLICE', [c.emit('SHAPE', [x], { outType: 'INT32' }), c.i32([1]), c.i32([2])]);
  return resize(c, x, c.emit('MUL', [sizes, c.i32([h, w])]), method);
}

const upsampling2d: Lower = (c) =>
  channelsLast(c, c.float(c.input()), (x) =>
    enlarge(c, x, c.config.sizes('size', 2, 2), c.config.string('interpolation', 'nearest')),
  );

/** One image gets a batch of its own while it is worked on. */
function asBatch(c: LayerCall, x: Value, work: (x: Value) => Value): Value {
  if (c.shapeOf(x).length !== 3) return work(x);
  return c.emit('SQUEEZE', [work(c.emit('EXPAND_DIMS', [x, c.i32(0)]))], { squeezeDims: [0] });
}

function cut(c: LayerCall, x: Value, [height, width]: readonly [number, number], round: (n: number) => number): Value {
  const [, h = 1, w = 1, channels = 1] = c.knownShape(x);
  const start = [0, round((h - height) / 2), round((w - width) / 2), 0];
  return c.emit('SLICE', [x, c.i32(start), c.i32([-1, height, width, channels])]);
}

/** The largest middle part of the wanted proportions, then resized. */
function cropAndResize(c: LayerCall, x: Value, height: number, width: number, method: Method): Value {
  const [, h = 1, w = 1] = c.knownShape(x);
  const cropHeight = Math.min(h, Math.trunc((w * height) / width));
  const cropWidth = Math.min(w, Math.trunc((h * width) / height));
  const middle = cut(c, x, [Math.max(1, cropHeight), Math.max(1, cropWidth)], Math.trunc);
  return resize(c, middle, [height, width], method);
}

/** The smallest frame of the wanted proportions around images, then resized. */
function padAndResize(c: LayerCall, x: Value, height: number, width: number, method: Method): Value {
  const [, h = 1, w = 1] = c.knownShape(x);
  const above = Math.trunc((Math.max(h, Math.trunc((w * height) / width)) - h) / 2);
  const left = Math.trunc((Math.max(w, Math.trunc((h * width) / height)) - w) / 2);
  const widths = c.i32([0, 0, above, above, left, left, 0, 0], [4, 2]);
  const framed = c.emit('PADV2', [x, widths, c.f32(c.config.number('fill_value', 0))]);
  return resize(c, framed, [height, width], method);
}

const resizing: Lower = (c) => {
  const [height, width] = [c.config.integer('height', undefined, 1), c.config.integer('width', undefined, 1)];
  const interpolation = c.config.string('interpolation', 'bilinear').toLowerCase();
  const method = { interpolation, antialias: c.config.bool('antialias', false) };
  return asBatch(c, c.float(c.input()), (image) =>
    channelsLast(c, image, (x) => {
      if (c.config.bool('crop_to_aspect_ratio', false)) return cropAndResize(c, x, height, width, method);
      if (c.config.bool('pad_to_aspect_ratio', false)) return padAndResize(c, x, height, width, method);
      return resize(c, x, [height, width], method);
    }),
  );
};

const centerCrop: Lower = (c) => {
  const [height, width] = [c.config.integer('height', undefined, 1), c.config.integer('width', undefined, 1)];
  return asBatch(c, c.float(c.input()), (image) =>
    channelsLast(c, image, (x) => {
      const [, h = 1, w = 1] = c.knownShape(x);
      if (h >= height && w >= width) return cut(c, x, [height, width], Math.trunc);
      return cropAndResize(c, x, height, width, { interpolation: 'bilinear', antialias: false });
    }),
  );
};

/** Layers over images. */
export const images: Readonly<Record<string, Lower>> = {
  CenterCrop: centerCrop,
  Resizing: resizing,
  UpSampling2D: upsampling2d,
};
