import { elementCount, type Shape, type Tensor } from '../ir/tensor.js';
import { defineOp, type KnownValue, type VersionFacts } from './define.js';
import { type Elements, isTracked, movableElements } from './elements.js';
import { LITERT } from './litert.js';
import { invalid } from './shapes.js';
import { unknownSizes } from './unify.js';
import { broadcastView, copyView, wholeView, windowView, zeroData } from './view.js';

/** Zeros (of a quantized input: its zero point) before and behind the elements of each axis; `paddings` has a row (before, behind) for each. */
export const pad = defineOp({
  name: 'PAD',
  litert: LITERT.everywhere,
  inputs: ['input', 'paddings'],
  outputs: ['output'],
  version: padVersion,
  infer: ({ input, paddings }) => [{ dtype: input.dtype, shape: paddedShape(input.shape, paddings) }],
  reference: ({ inputs: { input, paddings } }) => [padded(input, paddings, undefined)],
});

/** As PAD, with the scalar `value` in place of zeros. */
export const padV2 = defineOp({
  name: 'PADV2',
  inputs: ['input', 'paddings', 'value'],
  outputs: ['output'],
  version: padVersion,
  infer({ input, paddings, value }) {
    if (value.dtype !== input.dtype) throw invalid(`the value should be ${input.dtype}, got ${value.dtype}`);
    return [{ dtype: input.dtype, shape: paddedShape(input.shape, paddings) }];
  },
  elements({ input, paddings, value }) {
    const shape = paddedShape(input.shape, paddings);
    const elements = movableElements(input);
    if (!elements || !isTracked(shape) || shape.length !== 1) return undefined;
    const [before = 0, behind = 0] = paddings.elements as Elements;
    const fill = (n: number) => new Array<number | undefined>(n).fill(value.elements?.[0]);
    return [[...fill(before), ...elements, ...fill(behind)]];
  },
  reference: ({ inputs: { input, paddings, value } }) => [padded(input, paddings, value)],
});

/** Sizes with their padding; `paddings` are as far known as they are. */
export function paddedShape(shape: Shape | undefined, paddings: KnownValue): Shape | undefined {
  const rank = shape?.length ?? paddings.shape?.[0] ?? -1;
  if (rank === -1) return undefined;
  const rows = paddings.shape?.[0] ?? -1;
  if (rows !== -1 && rows !== rank) throw invalid(`paddings should have ${rank} rows, got [${paddings.shape}]`);
  return (shape ?? unknownSizes(rank)).map((d, i) => {
    const before = paddings.elements?.[2 * i];
    const behind = paddings.elements?.[2 * i + 1];
    if ((before ?? 0) < 0 || (behind ?? 0) < 0)
      throw invalid(`paddings should not be negative, got ${before}, ${behind}`);
    return d === -1 || before === undefined || behind === undefined ? -1 : before + d + behind;
  });
}

function padded(input: Tensor, paddings: Tensor, value: Tensor | undefined): Tensor {
  const { dtype, shape, data } = input;
  const amounts = Array.from(paddings.data as ArrayLike<number | bigint>, Number);
  const before = shape.map((_, i) => amounts[2 * i] as number);
  const to = shape.map((d, i) => d + (before[i] as number) + (amounts[2 * i + 1] as number));
  const out = zeroData(input, elementCount(to));
  const whole = wholeView(to);
  if (value) copyView(dtype, value.data, broadcastView(wholeView([]), to), out, whole);
  copyView(dtype, data, wholeView(shape), out, windowView(whole, before, shape));
  return { dtype, shape: to, data: out };
}

function padVersion({ inputs: [x] }: VersionFacts): number {
  if (x?.dtype === 'f8e4m3' || x?.dtype === 'f8e5m2') return 6;
  if (x?.dtype === 'bool') return 5;
  if ((x?.shape?.length ?? 0) > 4) return 4;
  if (x?.dtype === 'i16') return 3;
  return x?.dtype === 'i8' ? 2 : 1;
}
