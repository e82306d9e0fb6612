import {
  allocate,
  type DType,
  elementCount,
  integerLimits,
  isStatic,
  type NumericArray,
  type Shape,
  type Tensor,
} from '../ir/tensor.js';
import { defineOp, type KnownValue, type Op, type OutputType, type VersionFacts } from './define.js';
import { allKnown, type Elements, movableElements, stored } from './elements.js';
import { greaterBigint, isBig, lesserBigint, requireOperands } from './elementwise.js';
import { inFloat32 } from './half.js';
import {
  extremeOver,
  type QuantizedReduction,
  quantizedMean,
  quantizedProductOver,
  quantizedSumOver,
} from './integer-reductions.js';
import { type Affine, affinesOf } from './integers.js';
import { LITERT, type LiteRtKernels } from './litert.js';
import { invalid, normalizeAxis } from './shapes.js';
import { unknownSizes } from './unify.js';
import { versionByType } from './version.js';
import { permutedView, readKnown, viewedTensor, wholeView } from './view.js';

type ReduceName = 'SUM' | 'MEAN' | 'REDUCE_PROD' | 'REDUCE_MAX' | 'REDUCE_MIN' | 'REDUCE_ANY' | 'REDUCE_ALL';

interface Reduction {
  /** What no elements reduce to, for the type. */
  readonly start: (dtype: DType) => number;
  readonly numbers: (sum: number, x: number) => number;
  /** Of 32-bit integers, where it differs. */
  readonly integers?: (sum: number, x: number) => number;
  readonly bigints: (sum: bigint, x: bigint) => bigint;
  /** Makes the result of the reduced elements and their number. */
  readonly finish?: (sum: number, count: number) => number;
  /** Of 8- and 16-bit integers that stand for real numbers. */
  readonly quantized?: QuantizedReduction;
  readonly version?: (facts: VersionFacts) => number;
  readonly litert?: LiteRtKernels;
}

/** One number for all elements along the axes in `axes` (negative ones count from the end), which `keepDims` keeps with size 1. */
const reduction = (name: ReduceName, rule: Reduction): Op =>
  defineOp({
    name,
    inputs: ['input', 'axes'],
    outputs: ['output'],
    version: rule.version ?? (() => 1),
    ...(rule.litert && { litert: rule.litert }),
    infer({ input, axes }, { keepDims }) {
      const isLogical = name === 'REDUCE_ANY' || name === 'REDUCE_ALL';
      if (isLogical && input.dtype !== 'bool') throw invalid(`expected bool, got ${input.dtype}`);
      return [{ dtype: requireOperands([input]), shape: reducedShape(input.shape, axes, keepDims) }];
    },
    elements({ input, axes }) {
      const elements = movableElements(input);
      const list = allKnown(axes.elements);
      if (!elements || !list || !(input.dtype.startsWith('i') || input.dtype === 'bool')) return undefined;
      return [reducedElements(rule, elements, input, list)];
    },
    reference: ({ inputs: { input, axes }, types, options: { keepDims } }) =>
      reducedIntegers(rule, input, types[0]!, numbersOf(axes), keepDims) ??
      inFloat32([input], types, ([x]) => [reduced(rule, x as Tensor, numbersOf(axes), keepDims)]),
  });

const numbersOf = (t: Tensor): number[] => Array.from(t.data as ArrayLike<number | bigint>, Number);

function reducedShape(shape: Shape | undefined, axes: KnownValue, keepDims: boolean): Shape | undefined {
  const list = axes.elements;
  if (list?.length === 0) return shape;
  if (!shape) return undefined;
  const known = allKnown(list);
  if (known) return withoutAxes(shape, known, keepDims);
  if (keepDims) return unknownSizes(shape.length);
  // Several unknown axes may be the same one; a single one is not.
  return isStatic(axes.shape) && elementCount(axes.shape) === 1 ? unknownSizes(shape.length - 1) : undefined;
}

function withoutAxes(shape: Shape, axes: readonly number[], keepDims: boolean): number[] {
  const drop = new Set(axes.map((a) => normalizeAxis(a, shape.length)));
  return keepDims ? shape.map((d, i) => (drop.has(i) ? 1 : d)) : shape.filter((_, i) => !drop.has(i));
}

/** Axes that stay, then axes that go. */
function splitAxes(shape: Shape, axes: readonly number[]): { readonly kept: number[]; readonly dropped: number[] } {
  const drop = new Set(axes.map((a) => normalizeAxis(a, shape.length)));
  const all = [...shape.keys()];
  return { kept: all.filter((i) => !drop.has(i)), dropped: all.filter((i) => drop.has(i)) };
}

function reduced(rule: Reduction, input: Tensor, axes: readonly number[], keepDims: boolean): Tensor {
  const { dtype } = input;
  const { kept, dropped } = splitAxes(input.shape, axes);
  const shape = withoutAxes(input.shape, axes, keepDims);
  const { data } = viewedTensor(input, permutedView(wholeView(input.shape), [...kept, ...dropped]));
  const out = allocate(dtype, elementCount(shape));
  const run = dropped.reduce((n, i) => n * (input.shape[i] as number), 1);
  if (isBig(dtype)) reduceBigints(rule, data as BigInt64Array, out as BigInt64Array, run);
  else reduceNumbers(rule, data as NumericArray, out as NumericArray, run, dtype);
  return { dtype, shape, data: out };
}

/** The result of quantized integers; undefined for other types and where there is nothing to reduce. */
function reducedIntegers(
  { quantized }: Reduction,
  input: Tensor,
  type: OutputType,
  axes: readonly number[],
  keepDims: boolean,
): readonly Tensor[] | undefined {
  const meanings = quantized && affinesOf([input, type]);
  const { kept, dropped } = splitAxes(input.shape, axes);
  const run = dropped.reduce((n, i) => n * (input.shape[i] as number), 1);
  if (!meanings || dropped.length === 0 || run === 0) return undefined;
  const [from, to] = meanings as [Affine, Affine];
  const shape = withoutAxes(input.shape, axes, keepDims);
  const data = viewedTensor(input, permutedView(wholeView(input.shape), [...kept, ...dropped])).data as Int8Array;
  const out = allocate(to.dtype, elementCount(shape)) as Int8Array;
  const compute = quantized(from, to, run);
  for (let i = 0; i < out.length; i++) out[i] = compute(data.subarray(i * run, (i + 1) * run));
  return [{ dtype: to.dtype, shape, data: out, quantization: type.quantization }];
}

const joinOf = (rule: Reduction, dtype: DType) => (dtype === 'i32' && rule.integers) || rule.numbers;

function reduceNumbers(rule: Reduction, x: NumericArray, out: NumericArray, run: number, dtype: DType): void {
  const join = joinOf(rule, dtype);
  const start = rule.start(dtype);
  for (let i = 0; i < out.length; i++) {
    let sum = start;
    for (let k = i * run; k < (i + 1) * run; k++) sum = join(sum, x[k] as number);
    out[i] = rule.finish ? rule.finish(sum, run) : sum;
  }
}

function reduceBigints(rule: Reduction, x: BigInt64Array, out: BigInt64Array, run: number): void {
  const start = rule.start('i64');
  const first = Number.isFinite(start) ? BigInt(start) : start > 0 ? 2n ** 63n - 1n : -(2n ** 63n);
  for (let i = 0; i < out.length; i++) {
    let sum = first;
    for (let k = i * run; k < (i + 1) * run; k++) sum = rule.bigints(sum, x[k] as bigint);
    out[i] = rule.finish && run > 0 ? sum / BigInt(run) : sum;
  }
}

function reducedElements(rule: Reduction, elements: Elements, input: KnownValue, axes: readonly number[]): Elements {
  const shape = input.shape as Shape;
  const { kept, dropped } = splitAxes(shape, axes);
  const ordered = readKnown(elements, permutedView(wholeView(shape), [...kept, ...dropped])) as Elements;
  const join = joinOf(rule, input.dtype);
  const run = dropped.reduce((n, i) => n * (shape[i] as number), 1);
  const count = kept.reduce((n, i) => n * (shape[i] as number), 1);
  return Array.from({ length: count }, (_, i) => {
    const part = allKnown(ordered.slice(i * run, (i + 1) * run));
    if (!part) return undefined;
    const sum = part.reduce((a, b) => join(a, b), rule.start(input.dtype));
    return stored(input.dtype, rule.finish ? Math.trunc(rule.finish(sum, run)) : sum);
  });
}

/** The least and greatest number of a type; infinite where 64-bit integers or floats have it so. */
const least = (dtype: DType): number => integerLimits[dtype]?.[0] ?? -Infinity;
const greatest = (dtype: DType): number => integerLimits[dtype]?.[1] ?? Infinity;

const byteThenShort = versionByType({ i16: 3, i8: 2 });

export const reductions: readonly Op[] = [
  reduction('SUM', {
    litert: LITERT.everywhere,
    start: () => 0,
    numbers: (a, b) => a + b,
    bigints: (a, b) => a + b,
    quantized: quantizedSumOver,
    version: versionByType({ i8: 2 }),
  }),
  reduction('MEAN', {
    litert: LITERT.everywhere,
    start: () => 0,
    numbers: (a, b) => a + b,
    bigints: (a, b) => a + b,
    finish: (sum, count) => sum / count,
    quantized: quantizedMean,
    version: byteThenShort,
  }),
  reduction('REDUCE_PROD', {
    litert: LITERT.ownSigned,
    start: () => 1,
    numbers: (a, b) => a * b,
    integers: Math.imul,
    bigints: (a, b) => a * b,
    quantized: quantizedProductOver,
    version: versionByType({ i8: 2, i16: 2 }),
  }),
  reduction('REDUCE_MAX', {
    litert: LITERT.everywhere,
    start: least,
    numbers: Math.max,
    bigints: greaterBigint,
    quantized: extremeOver(Math.max),
    version: byteThenShort,
  }),
  reduction('REDUCE_MIN', {
    litert: LITERT.everywhere,
    start: greatest,
    numbers: Math.min,
    bigints: lesserBigint,
    quantized: extremeOver(Math.min),
    version: byteThenShort,
  }),
  reduction('REDUCE_ANY', { start: () => 0, numbers: (a, b) => (a || b ? 1 : 0), bigints: (a) => a }),
  reduction('REDUCE_ALL', { start: () => 1, numbers: (a, b) => (a && b ? 1 : 0), bigints: (a) => a }),
];
