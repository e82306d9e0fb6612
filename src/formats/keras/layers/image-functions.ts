import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import type { LayerCall, Lower } from './context.js';
import { convolve, paddingOf, type Window } from './convolution.js';
import { channelsLast } from './layout.js';
import { numbersOf } from './operands.js';

/** Shares of red, green and blue in gray. */
const GRAY = [0.2989, 0.587, 0.114];

const toGray: Lower = (c) => {
  const x = c.input();
  const axis = c.config.dataFormat === 'channels_first' ? c.shapeOf(x).length - 3 : c.shapeOf(x).length - 1;
  if (c.shapeOf(x)[axis] === 1) return x;
  const shares = c.f32(GRAY, [3, ...Array<number>(c.shapeOf(x).length - 1 - axis).fill(1)]);
  const gray = c.emit('SUM', [c.emit('MUL', [c.float(x), shares]), c.i32([axis])], { keepDims: true });
  return c.cast(gray, x.dtype);
};

/** Cells at both ends of rows and columns; those of a size that is wanted follow from it. */
function edgesOf(c: LayerCall, x: Value, kind: 'padding' | 'cropping'): readonly [number, number][] {
  const [, height = 1, width = 1] = c.knownShape(x);
  const sign = kind === 'padding' ? 1 : -1;
  return (['height', 'width'] as const).map((side) => {
    const [from, to] = side === 'height' ? ['top', 'bottom'] : ['left', 'right'];
    const number = (key: string) => numbersOf(c.plain(99, key))?.[0];
    const size = side === 'height' ? height : width;
    const rest = (number(`target_${side}`) ?? size) - size;
    const [first, last] = [number(`${from}_${kind}`), number(`${to}_${kind}`)];
    const before = first ?? sign * rest - (last ?? 0);
    return [before, last ?? sign * rest - before];
  });
}

/** Work on a batch of images with their channels last. */
const onImages =
  (work: (c: LayerCall, x: Value) => Value): Lower =>
  (c) => {
    if (c.shapeOf(c.input()).length !== 4) throw new ModelError('unsupported', 'expects a batch of images.');
    return channelsLast(c, c.input(), (x) => work(c, x));
  };

const cropImages = onImages((c, x) => {
  const [, height = 1, width = 1, channels = 1] = c.knownShape(x);
  const [[top, bottom] = [0, 0], [left, right] = [0, 0]] = edgesOf(c, x, 'cropping');
  const sizes = [-1, height - top - bottom, width - left - right, channels];
  return c.emit('SLICE', [x, c.i32([0, top, left, 0]), c.i32(sizes)]);
});

const padImages = onImages((c, x) => {
  const widths = edgesOf(c, x, 'padding').flat();
  return c.emit('PAD', [x, c.i32([0, 0, ...widths, 0, 0], [4, 2])]);
});

/** Whether windows are squares that lie side by side and cover images of that size. */
function areBlocks(size: readonly number[], { strides, dilations }: Window, image: readonly number[]): boolean {
  const [block = 1] = size;
  const isEach = (list: readonly number[], n: number) => list.every((v) => v === n);
  return isEach(size, block) && isEach(strides, block) && isEach(dilations, 1) && image.every((n) => n > 0 && n % block === 0); // biome-ignore format: long
}

/** Patches as channels: blocks of space, else a convolution whose every output copies one cell of the window. */
export function patchesOf(c: LayerCall, x: Value, size: readonly number[], window: Window): Value {
  const [height = 1, width = 1] = size;
  const channels = c.shapeOf(x)[3] ?? -1;
  if (channels < 0) throw new ModelError('unsupported', 'needs a known number of channels.');
  if (areBlocks(size, window, c.shapeOf(x).slice(1, 3)))
    return height === 1 ? x : c.emit('SPACE_TO_DEPTH', [x], { blockSize: height });
  const outputs = height * width * channels;
  const identity = Array.from({ length: outputs * outputs }, (_, i) => Number(i % (outputs + 1) === 0));
  return convolve(c, 2, x, c.f32(identity, [height, width, channels, outputs]), undefined, window);
}

const extractPatches = onImages((c, x) => {
  const pair = (key: string): readonly number[] | undefined => {
    const list = numbersOf(c.plain(99, key));
    return list?.length === 1 ? [...list, ...list] : list;
  };
  const size = pair('size') ?? [1, 1];
  const [strides, dilations] = [pair('strides') ?? size, pair('dilation_rate') ?? [1, 1]];
  return patchesOf(c, c.float(x), size, { strides, dilations, padding: paddingOf(c), isCausal: false });
});

/** Functions of `keras.ops.image`, by class. */
export const imageFunctions: Readonly<Record<string, Lower>> = {
  CropImages: cropImages,
  ExtractPatches: extractPatches,
  PadImages: padImages,
  RGBToGrayscale: toGray,
};
