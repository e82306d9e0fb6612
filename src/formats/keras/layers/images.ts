import { ModelError } from '../../../errors.js';
import { Value } from '../../../ir/graph.js';
import type { LayerCall, Lower } from './context.js';
import { channelsLast } from './layout.js';

/** Images `[N, H, W, C]` of another size `[H, W]`. The cells are squares whose middles meet. */
function resize(c: LayerCall, x: Value, size: readonly number[] | Value, interpolation: string): Value {
  const op = { nearest: 'RESIZE_NEAREST_NEIGHBOR', bilinear: 'RESIZE_BILINEAR' }[interpolation];
  if (!op) throw new ModelError('unsupported', `resizes by '${interpolation}'; nearest and bilinear are known here.`);
  const sizes = size instanceof Value ? size : c.i32(size);
  return c.emit(op, [x, sizes], { alignCorners: false, halfPixelCenters: true });
}

/** Images so many times as high and as wide; their size may be unknown. */
export function enlarge(c: LayerCall, x: Value, [h = 1, w = 1]: readonly number[], interpolation: string): Value {
  const [, height = -1, width = -1] = c.shapeOf(x);
  if (height >= 0 && width >= 0) return resize(c, x, [height * h, width * w], interpolation);
  const sizes = c.emit('SLICE', [c.emit('SHAPE', [x], { outType: 'INT32' }), c.i32([1]), c.i32([2])]);
  return resize(c, x, c.emit('MUL', [sizes, c.i32([h, w])]), interpolation);
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
function cropAndResize(c: LayerCall, x: Value, height: number, width: number, interpolation: string): Value {
  const [, h = 1, w = 1] = c.knownShape(x);
  const cropHeight = Math.min(h, Math.trunc((w * height) / width));
  const cropWidth = Math.min(w, Math.trunc((h * width) / height));
  const middle = cut(c, x, [Math.max(1, cropHeight), Math.max(1, cropWidth)], Math.trunc);
  return resize(c, middle, [height, width], interpolation);
}

const resizing: Lower = (c) => {
  for (const key of ['pad_to_aspect_ratio', 'antialias'])
    if (c.config.bool(key, false)) throw new ModelError('unsupported', `has ${key}, which is not known here.`);
  const [height, width] = [c.config.integer('height', undefined, 1), c.config.integer('width', undefined, 1)];
  const interpolation = c.config.string('interpolation', 'bilinear').toLowerCase();
  return asBatch(c, c.float(c.input()), (image) =>
    channelsLast(c, image, (x) =>
      c.config.bool('crop_to_aspect_ratio', false)
        ? cropAndResize(c, x, height, width, interpolation)
        : resize(c, x, [height, width], interpolation),
    ),
  );
};

const centerCrop: Lower = (c) => {
  const [height, width] = [c.config.integer('height', undefined, 1), c.config.integer('width', undefined, 1)];
  return asBatch(c, c.float(c.input()), (image) =>
    channelsLast(c, image, (x) => {
      const [, h = 1, w = 1] = c.knownShape(x);
      if (h >= height && w >= width) return cut(c, x, [height, width], Math.trunc);
      return cropAndResize(c, x, height, width, 'bilinear');
    }),
  );
};

/** Layers over images. */
export const images: Readonly<Record<string, Lower>> = {
  CenterCrop: centerCrop,
  Resizing: resizing,
  UpSampling2D: upsampling2d,
};
