import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import type { LayerCall, Lower, Operand } from './context.js';
import { projected } from './dense.js';
import { patchesOf } from './image-functions.js';
import { rot90 as turned } from './joins.js';
import { numbersOf, operandAt } from './operands.js';

const grayscaleToRgb: Lower = (c) => {
  const rank = c.shapeOf(c.input()).length;
  return c.emit('TILE', [c.input(), c.i32([...new Array<number>(rank - 1).fill(1), 3])]);
};

/** Images of mean 0 and deviation 1; of one color, of a deviation that depends on the number of pixels. */
const standardized: Lower = (c) => {
  const x = c.float(c.input());
  const shape = c.shapeOf(x);
  const [height = -1, width = -1, channels = -1] = shape.slice(-3);
  if (height < 0 || width < 0 || channels < 0)
    throw new ModelError('unsupported', 'needs images of a known size. Give the inputs fixed shapes.');
  const axes = c.i32([1, 2, 3].map((i) => shape.length - i).sort());
  const distance = c.emit('SUB', [x, c.emit('MEAN', [x, axes], { keepDims: true })]);
  const variance = c.emit('MEAN', [c.emit('MUL', [distance, distance]), axes], { keepDims: true });
  const least = c.f32(1 / Math.sqrt(height * width * channels));
  return c.emit('DIV', [distance, c.emit('MAXIMUM', [c.emit('SQRT', [variance]), least])]);
};

/** Sizes of the two axes of an image, given for them, for all four, or as one number. */
function sizesOf(c: LayerCall, position: number, ...keys: string[]): readonly [number, number] | undefined {
  const list = keys.map((key) => numbersOf(c.plain(position, key))).find((v) => v);
  const [h = 1, w = h] = list?.length === 4 ? list.slice(1, 3) : (list ?? []);
  return list && [h, w];
}

/** Windows of images as channels. */
const extractPatches: Lower = (c) => {
  const size = sizesOf(c, 1, 'sizes') ?? [1, 1];
  const [strides, dilations] = [sizesOf(c, 2, 'strides') ?? size, sizesOf(c, 3, 'rates') ?? [1, 1]];
  const padding = String(c.plain(4, 'padding') ?? 'valid').toUpperCase() === 'SAME' ? 'SAME' : 'VALID';
  return patchesOf(c, c.float(c.input()), size, { strides, dilations, padding, isCausal: false });
};

const cropped = (c: LayerCall, start: readonly [number, number], size: readonly [number, number]): Value => {
  const front = c.shapeOf(c.input()).slice(0, -3);
  const begin = [...front.map(() => 0), ...start, 0];
  return c.emit('SLICE', [c.input(), c.i32(begin), c.i32([...front.map(() => -1), ...size, -1])]);
};

const cropToBox: Lower = (c) => {
  const number = (position: number, key: string) => numbersOf(c.plain(position, key))?.[0] ?? 0;
  const start = [number(1, 'offset_height'), number(2, 'offset_width')] as const;
  return cropped(c, start, [number(3, 'target_height'), number(4, 'target_width')]);
};

/** The middle part of both axes. */
const centralCrop: Lower = (c) => {
  const [fraction = 1] = numbersOf(c.plain(1, 'central_fraction')) ?? [];
  const sizes = c.shapeOf(c.input()).slice(-3, -1);
  if (sizes.some((d) => d < 0))
    throw new ModelError('unsupported', 'needs images of a known size. Give the inputs fixed shapes.');
  const starts = sizes.map((d) => Math.trunc((d - d * fraction) / 2)) as [number, number];
  return cropped(c, starts, sizes.map((d, i) => d - 2 * (starts[i] as number)) as [number, number]);
};

/** Floats stay as they are; bytes become shares of 255. */
const convertDtype: Lower = (c) => {
  const isByte = c.input().dtype === 'u8';
  if (!String(c.plain(1, 'dtype')).includes('float32'))
    throw new ModelError('unsupported', 'makes images of whole numbers.');
  return isByte ? c.emit('MUL', [c.float(c.input()), c.f32(1 / 255)]) : c.float(c.input());
};

/** Zeros around an image, which lies at an offset in the wanted size. */
function padded(c: LayerCall, x: Value, start: readonly [number, number], size: readonly [number, number]): Value {
  const shape = c.shapeOf(x);
  const pads = shape.flatMap((d, i) => {
    const at = i - (shape.length - 3);
    const before = start[at] ?? 0;
    return at < 0 || at > 1 ? [0, 0] : [before, (size[at] as number) - before - d];
  });
  if (pads.some((p) => p < 0))
    throw new ModelError('unsupported', 'needs images of a known size that fit in the wanted one.');
  return c.emit('PAD', [x, c.i32(pads, [shape.length, 2])]);
}

const padToBox: Lower = (c) => {
  const number = (position: number, key: string) => numbersOf(c.plain(position, key))?.[0] ?? 0;
  const start = [number(1, 'offset_height'), number(2, 'offset_width')] as const;
  return padded(c, c.input(), start, [number(3, 'target_height'), number(4, 'target_width')]);
};

/** The middle of an image, with zeros around where it is smaller. */
const cropOrPad: Lower = (c) => {
  const wanted = [numbersOf(c.plain(1, 'target_height'))?.[0] ?? 1, numbersOf(c.plain(2, 'target_width'))?.[0] ?? 1];
  const sizes = c.shapeOf(c.input()).slice(-3, -1);
  if (sizes.some((d) => d < 0))
    throw new ModelError('unsupported', 'needs images of a known size. Give the inputs fixed shapes.');
  const half = (by: (size: number, to: number) => number) =>
    sizes.map((d, i) => Math.max(0, Math.floor(by(d, wanted[i] as number) / 2))) as [number, number];
  const kept = sizes.map((d, i) => Math.min(d, wanted[i] as number)) as [number, number];
  const middle = cropped(
    c,
    half((d, to) => d - to),
    kept,
  );
  return padded(
    c,
    middle,
    half((d, to) => to - d),
    wanted as [number, number],
  );
};

/** How many quarter turns to the left. */
const quarters = (c: LayerCall): Operand => ({ value: c.plain(1, 'k') ?? 1 });

/** Rows for columns. */
function swapped(c: LayerCall, x: Value): Value {
  const order = [...Array(c.shapeOf(x).length).keys()];
  order.splice(-3, 2, order.at(-2) as number, order.at(-3) as number);
  return c.transpose(x, order);
}

/** Mixes the channels by a matrix `[from, to]`. Source: TensorFlow's `image_ops_impl.py`. */
const mixed =
  (matrix: readonly number[]): Lower =>
  (c) =>
    projected(c, c.float(c.input()), c.f32(matrix, [3, 3]), undefined, 1);

const RGB_TO_YUV = [0.299, -0.14714119, 0.61497538, 0.587, -0.28886916, -0.51496512, 0.114, 0.43601035, -0.10001026];

/** A convolution by a constant filter `[H, W, I, O]`, or `[H, W, C, M]` for each channel by itself. */
const convolved =
  (isDepthwise: boolean): Lower =>
  (c) => {
    const filter = operandAt(c, 1, 'filter', 'f32') ?? operandAt(c, 1, 'filters', 'f32');
    const [h = 1, w = 1, channels = 1, outputs = 1] = filter?.shape ?? [];
    if (!filter?.constant || filter.shape?.length !== 4)
      throw new ModelError('unsupported', 'convolves by a filter that is computed.');
    const layout = c.plain(99, 'data_format') ?? 'NHWC';
    if (layout !== 'NHWC') throw new ModelError('unsupported', `has the layout ${layout}; NHWC is known here.`);
    const [sh, sw] = sizesOf(c, 2, 'strides') ?? [1, 1];
    const [dh, dw] = sizesOf(c, 5, 'dilations', 'rate') ?? [1, 1];
    const padding = String(c.plain(3, 'padding')).toUpperCase();
    if (padding !== 'SAME' && padding !== 'VALID') throw new ModelError('unsupported', 'has explicit padding.');
    const window = { padding, strideH: sh, strideW: sw, dilationHFactor: dh, dilationWFactor: dw };
    const x = c.float(c.input());
    const bias = (count: number) => c.f32(new Array<number>(count).fill(0));
    if (!isDepthwise) return c.emit('CONV_2D', [x, c.transpose(filter, [3, 0, 1, 2]), bias(outputs)], window);
    const all = c.reshapeWeights(filter, [1, h, w, channels * outputs]);
    return c.emit('DEPTHWISE_CONV_2D', [x, all, bias(channels * outputs)], { ...window, depthMultiplier: outputs });
  };

const adjustContrast: Lower = (c) => {
  const x = c.float(c.input());
  const rank = c.shapeOf(x).length;
  const mean = c.emit('MEAN', [x, c.i32([rank - 3, rank - 2])], { keepDims: true });
  const [factor = 1] = numbersOf(c.plain(1, 'contrast_factor')) ?? [];
  return c.emit('ADD', [c.emit('MUL', [c.emit('SUB', [x, mean]), c.f32(factor)]), mean]);
};

const flipped =
  (axis: number): Lower =>
  (c) =>
    c.emit('REVERSE_V2', [c.input(), c.i32([axis + c.shapeOf(c.input()).length])]);

/** Functions of TensorFlow over images `[N, H, W, C]` or `[H, W, C]`, by name. */
export const imagesOfTensorFlow: Readonly<Record<string, Lower>> = {
  'image.adjust_brightness': (c) =>
    c.emit('ADD', [c.float(c.input()), c.f32(numbersOf(c.plain(1, 'delta'))?.[0] ?? 0)]),
  'image.adjust_contrast': adjustContrast,
  'image.central_crop': centralCrop,
  'image.convert_image_dtype': convertDtype,
  'image.crop_to_bounding_box': cropToBox,
  'image.extract_patches': extractPatches,
  'image.flip_left_right': flipped(-2),
  'image.flip_up_down': flipped(-3),
  'image.grayscale_to_rgb': grayscaleToRgb,
  'image.pad_to_bounding_box': padToBox,
  'image.per_image_standardization': standardized,
  'image.rgb_to_yuv': mixed(RGB_TO_YUV),
  'image.resize_with_crop_or_pad': cropOrPad,
  'image.rot90': (c) => turned(c.part({ args: [...c.facts.args.slice(0, 1), quarters(c), { value: [-3, -2] }] })),
  'image.transpose': (c) => swapped(c, c.input()),
  'nn.conv2d': convolved(false),
  'nn.depthwise_conv2d': convolved(true),
};
