import type { Shape, Tensor } from '../ir/tensor.js';
import { defineOp, type KnownValue, type Op } from './define.js';
import { invalid } from './shapes.js';
import { movedInto, reduceWindows, spreadTensor } from './window-kernels.js';

/**
 * Windows as StableHLO has them: each axis has a window with stride and dilation, and the operand is spread apart (base
 * dilation) and padded first, negative padding cutting cells off.
 *
 * - DILATE: operand `[...]`, dilations `[rank]`, paddingValue; output axis `(size - 1) dilation + 1`
 * - REDUCE_WINDOW: operand, initial value, and window shape, strides and dilations `[rank]`
 * - STABLEHLO_REDUCE_WINDOW: operands, then initial values; the windows, base dilations and padding `[rank, 2]` are options
 * - STABLEHLO_PAD: operand, paddingValue; low, high and interior padding are options
 *
 * Source: TFLite operators of these names; StableHLO specification.
 */
export const windowOps: readonly Op[] = [
  defineOp({
    name: 'DILATE',
    inputs: ['operand', 'dilations', 'paddingValue'],
    outputs: ['output'],
    infer: ({ operand, dilations }) => [
      {
        dtype: operand.dtype,
        shape: operand.shape?.map((size, i) => spread(size, dilations.elements?.[i] ?? -1)),
      },
    ],
    reference({ inputs: { operand, dilations, paddingValue } }) {
      const steps = Array.from(dilations.data as ArrayLike<number | bigint>, Number);
      return [spreadTensor(operand, paddingValue, steps)];
    },
  }),
  defineOp({
    name: 'REDUCE_WINDOW',
    inputs: ['operand', 'initialValue', 'windowShape', 'windowStrides', 'windowDilations'],
    outputs: ['output'],
    infer({ operand, windowShape, windowStrides, windowDilations }) {
      const held = (value: KnownValue) => (i: number) => value.elements?.[i];
      const windows: Windows = {
        size: held(windowShape),
        stride: held(windowStrides),
        baseDilation: () => 1,
        dilation: held(windowDilations),
        padding: () => 0,
      };
      return [{ dtype: operand.dtype, shape: windowedShape(operand.shape, windows) }];
    },
    reference({ inputs, types: [type], options: { reduceFunction } }) {
      const { operand, initialValue } = inputs;
      const listed = ({ data }: Tensor) => Array.from(data as ArrayLike<number | bigint>, Number);
      const [window, strides, dilations] = [inputs.windowShape, inputs.windowStrides, inputs.windowDilations].map(
        listed,
      );
      return [
        reduceWindows(operand, initialValue, type!.shape ?? [], reduceFunction, {
          window: window!,
          strides: strides!,
          dilations: dilations!,
        }),
      ];
    },
  }),
  defineOp({
    name: 'STABLEHLO_REDUCE_WINDOW',
    inputs: ['operandsAndInitialValues*'],
    outputs: ['outputs*'],
    infer({ operandsAndInitialValues: values }, options) {
      const stated = (list: readonly bigint[] | undefined, other: number) => (i: number) => Number(list?.[i] ?? other);
      const windows: Windows = {
        size: stated(options.windowDimensions, 1),
        stride: stated(options.windowStrides, 1),
        baseDilation: stated(options.baseDilations, 1),
        dilation: stated(options.windowDilations, 1),
        padding: stated(options.padding, 0),
      };
      return values
        .slice(0, values.length / 2)
        .map(({ dtype, shape }) => ({ dtype, shape: windowedShape(shape, windows) }));
    },
  }),
  defineOp({
    name: 'STABLEHLO_PAD',
    inputs: ['operand', 'paddingValue'],
    outputs: ['output'],
    infer: ({ operand }, { edgePaddingLow, edgePaddingHigh, interiorPadding }) => [
      {
        dtype: operand.dtype,
        shape: operand.shape?.map((size, i) => {
          const inside = spread(size, Number(interiorPadding?.[i] ?? 0) + 1);
          return inside < 0 ? -1 : padded(inside, Number(edgePaddingLow?.[i] ?? 0), Number(edgePaddingHigh?.[i] ?? 0));
        }),
      },
    ],
    reference({ inputs: { operand, paddingValue }, types: [type], options }) {
      const inside = spreadTensor(
        operand,
        paddingValue,
        operand.shape.map((_, i) => Number(options.interiorPadding?.[i] ?? 0) + 1),
      );
      const before = operand.shape.map((_, i) => Number(options.edgePaddingLow?.[i] ?? 0));
      return [movedInto(inside, paddingValue, before, type!.shape ?? [])];
    },
  }),
];

/** What is known of the windows along axis `i`; padding is (before, after) for each axis. */
interface Windows {
  size(i: number): number | undefined;
  stride(i: number): number | undefined;
  baseDilation(i: number): number | undefined;
  dilation(i: number): number | undefined;
  padding(i: number): number | undefined;
}

function windowedShape(shape: Shape | undefined, windows: Windows): Shape | undefined {
  return shape?.map((size, i) => {
    const values = [windows.size(i), windows.stride(i), windows.baseDilation(i), windows.dilation(i)];
    const [before, after] = [windows.padding(2 * i), windows.padding(2 * i + 1)];
    if (size < 0 || before === undefined || after === undefined || values.includes(undefined)) return -1;
    const [window, stride, baseDilation, dilation] = values as [number, number, number, number];
    if (stride < 1) throw invalid(`stride ${stride} of axis ${i} must be at least 1`);
    const room = padded(spread(size, baseDilation), before, after);
    const reach = spread(window, dilation);
    return room < reach ? 0 : Math.floor((room - reach) / stride) + 1;
  });
}

/** Size of an axis with `dilation - 1` cells between its elements; -1 when not known. */
function spread(size: number, dilation: number): number {
  if (size < 0 || dilation < 0) return -1;
  return size === 0 ? 0 : (size - 1) * dilation + 1;
}

const padded = (size: number, before: number, after: number): number => Math.max(0, size + before + after);
