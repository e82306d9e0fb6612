import {
  allocate,
  type DType,
  elementCount,
  isComplex,
  type Shape,
  type Tensor,
  type TensorData,
} from '../ir/tensor.js';
import { stridesOf } from './shapes.js';

/** A window on elements in memory: element (i, j, …) lies at `offset + i * strides[0] + j * strides[1] + …`. */
export interface View {
  readonly shape: Shape;
  readonly offset: number;
  readonly strides: readonly number[];
}

/** All elements of a row-major tensor. */
export const wholeView = (shape: Shape): View => ({ shape, offset: 0, strides: stridesOf(shape) });

/** The part of a view that starts at `begin`, takes every `steps`-th element of each axis, and has that shape. */
export function windowView(
  view: View,
  begin: readonly number[],
  shape: Shape,
  steps: readonly number[] = begin.map(() => 1),
): View {
  const offset = begin.reduce((sum, b, i) => sum + b * (view.strides[i] as number), view.offset);
  return { shape, offset, strides: view.strides.map((s, i) => s * (steps[i] as number)) };
}

/** The view with its axes in another order: axis `i` of the result is axis `order[i]`. */
export function permutedView(view: View, order: readonly number[]): View {
  return {
    shape: order.map((i) => view.shape[i] as number),
    offset: view.offset,
    strides: order.map((i) => view.strides[i] as number),
  };
}

/** The view repeated along its axes of size 1 and new leading axes to fill `shape`. */
export function broadcastView(view: View, shape: Shape): View {
  const lead = shape.length - view.shape.length;
  const strides = shape.map((d, i) => (view.shape[i - lead] === d ? (view.strides[i - lead] as number) : 0));
  return { shape, offset: view.offset, strides };
}

/** Elements that only move: typed arrays by the size of their elements, strings, or what is known of elements. */
export type Movable = Uint8Array | Uint16Array | Int32Array | unknown[];

/** Elements for a tensor of that type: zeros, or empty strings. */
export function blankData(dtype: DType, count: number): TensorData {
  return dtype === 'string' ? new Array<Uint8Array>(count).fill(new Uint8Array(0)) : allocate(dtype, count);
}

/** Elements that stand for zero: the zero point of a quantized tensor. */
export function zeroData({ dtype, quantization }: Pick<Tensor, 'dtype' | 'quantization'>, count: number): TensorData {
  const data = blankData(dtype, count);
  const [zero = 0] = quantization?.zeroPoint ?? [];
  if (zero !== 0) (data as Int8Array).fill(zero);
  return data;
}

/** The elements that a view shows, row-major, in new memory. */
export function readView(dtype: DType, data: TensorData, view: View): TensorData {
  const out = blankData(dtype, elementCount(view.shape));
  copyView(dtype, data, view, out, wholeView(view.shape));
  return out;
}

/** The tensor that a view on another one shows. */
export function viewedTensor({ dtype, data }: Pick<Tensor, 'dtype' | 'data'>, view: View): Tensor {
  return { dtype, shape: view.shape, data: readView(dtype, data, view) };
}

/** As {@link readView}, for elements of which only some are known. */
export function readKnown(
  elements: readonly (number | undefined)[] | undefined,
  view: View,
): (number | undefined)[] | undefined {
  if (!elements) return undefined;
  const out = new Array<number | undefined>(elementCount(view.shape));
  move(elements as unknown[], view, out, wholeView(view.shape));
  return out;
}

/** Copies the elements of `source` to those of `target`, a view of the same shape on other memory of the same dtype. */
export function copyView(dtype: DType, from: TensorData, source: View, to: TensorData, target: View): void {
  const origin = wordsOf(dtype, from);
  const goal = wordsOf(dtype, to);
  const { perElement } = origin;
  move(origin.words, inWords(source, perElement), goal.words, inWords(target, perElement));
}

/**
 * Elements as words that move fast, and how many of them make one element. Elements of 4 bytes and more become 32-bit
 * words, which keep every bit of a NaN.
 */
export function wordsOf(dtype: DType, data: TensorData): { readonly words: Movable; readonly perElement: number } {
  if (!ArrayBuffer.isView(data)) return { words: data as unknown as unknown[], perElement: 1 };
  const size = (data as Uint8Array).BYTES_PER_ELEMENT * (isComplex(dtype) ? 2 : 1);
  return { words: asMovable(data as Uint8Array), perElement: Math.max(1, size / 4) };
}

function asMovable(data: Uint8Array): Movable {
  const size = data.BYTES_PER_ELEMENT;
  if (size === 1) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (size === 2) return new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2);
  return new Int32Array(data.buffer, data.byteOffset, data.byteLength / 4);
}

function inWords(view: View, words: number): View {
  if (words === 1) return view;
  return {
    shape: [...view.shape, words],
    offset: view.offset * words,
    strides: [...view.strides.map((s) => s * words), 1],
  };
}

/** One axis of a copy: its size, and the steps in the source and the target. */
export interface Axis {
  readonly size: number;
  readonly from: number;
  readonly to: number;
}

function move(from: Movable, source: View, to: Movable, target: View): void {
  const axes = mergedAxes(source, target);
  if (axes.some((a) => a.size === 0)) return;
  const inner = axes.pop() ?? { size: 1, from: 1, to: 1 };
  const contiguous = inner.to === 1 && inner.from !== 1 ? axes.findIndex((a) => a.from === 1) : -1;
  const last = contiguous >= 0 ? contiguous : axes.length - 1;
  const [outer = { size: 1, from: 0, to: 0 }] = last < 0 ? [] : axes.splice(last, 1);
  const copy = !ArrayBuffer.isView(from) ? copyList : contiguous >= 0 ? copyTiles : copyRows;
  eachOffset(axes, source.offset, target.offset, (f, t) =>
    (copy as typeof copyRows)(from as Uint8Array, f, to as Uint8Array, t, outer, inner),
  );
}

/** The axes without those of size 1; neighbours that both sides step through evenly become one. */
export function mergedAxes(source: View, target: View): Axis[] {
  const axes: Axis[] = [];
  for (const [i, size] of source.shape.entries()) {
    if (size === 1) continue;
    const axis = { size, from: source.strides[i] as number, to: target.strides[i] as number };
    const before = axes.at(-1);
    if (before && before.from === axis.from * size && before.to === axis.to * size)
      axes[axes.length - 1] = { ...axis, size: before.size * size };
    else axes.push(axis);
  }
  return axes;
}

function eachOffset(axes: readonly Axis[], from: number, to: number, visit: (from: number, to: number) => void): void {
  const [axis, ...rest] = axes;
  if (!axis) {
    visit(from, to);
    return;
  }
  for (let i = 0; i < axis.size; i++) eachOffset(rest, from + i * axis.from, to + i * axis.to, visit);
}

/** Runs from this length on are copied by `set`. */
const LONG_RUN = 32;

function copyRows(from: Uint8Array, f: number, to: Uint8Array, t: number, outer: Axis, inner: Axis): void {
  const { size, from: fromStep, to: toStep } = inner;
  const isRun = fromStep === 1 && toStep === 1 && size >= LONG_RUN;
  for (let i = 0; i < outer.size; i++) {
    const a = f + i * outer.from;
    const b = t + i * outer.to;
    if (isRun) to.set(from.subarray(a, a + size), b);
    else for (let k = 0; k < size; k++) to[b + k * toStep] = from[a + k * fromStep] as number;
  }
}

/** Plain lists go their own way, which keeps the loop over typed arrays fast. */
function copyList(from: unknown[], f: number, to: unknown[], t: number, outer: Axis, inner: Axis): void {
  for (let i = 0; i < outer.size; i++)
    for (let k = 0; k < inner.size; k++)
      to[t + i * outer.to + k * inner.to] = from[f + i * outer.from + k * inner.from];
}

/** Rows of the target that are filled together, so that what is read of the source for one serves the next ones. */
const STRIP = 64;

/**
 * A transposition: `outer` is contiguous in the source, `inner` in the target. Eight rows of the source are read side by
 * side; more would push each other out of the cache, since rows often lie a power of two apart.
 */
function copyTiles(from: Uint8Array, f: number, to: Uint8Array, t: number, outer: Axis, inner: Axis): void {
  const step = inner.from;
  const eights = inner.size - (inner.size % 8);
  for (let r = 0; r < outer.size; r += STRIP) {
    const rows = Math.min(outer.size, r + STRIP);
    for (let k = 0; k < eights; k += 8)
      for (let i = r; i < rows; i++) {
        const a = f + i + k * step;
        const b = t + i * outer.to + k;
        to[b] = from[a] as number;
        to[b + 1] = from[a + step] as number;
        to[b + 2] = from[a + 2 * step] as number;
        to[b + 3] = from[a + 3 * step] as number;
        to[b + 4] = from[a + 4 * step] as number;
        to[b + 5] = from[a + 5 * step] as number;
        to[b + 6] = from[a + 6 * step] as number;
        to[b + 7] = from[a + 7 * step] as number;
      }
    for (let k = eights; k < inner.size; k++)
      for (let i = r; i < rows; i++) to[t + i * outer.to + k] = from[f + i + k * step] as number;
  }
}
