import type { Shape, Tensor } from '../ir/tensor.js';
import { defineOp, type KnownValue, type VersionFacts } from './define.js';
import { type Elements, movableElements, vectorOf } from './elements.js';
import { LITERT } from './litert.js';
import { invalid } from './shapes.js';
import { unknownSizes } from './unify.js';
import { readKnown, type View, viewedTensor, wholeView } from './view.js';

/**
 * Every `strides`-th element from `begin` to before `end`, an entry for each axis; negative positions count from the end.
 * Bit i of a mask speaks of entry i: `beginMask` and `endMask` take the axis from its start or to its end, `ellipsisMask`
 * stands for as many whole axes as remain, `newAxisMask` inserts an axis of size 1, `shrinkAxisMask` takes one element
 * and drops the axis. With `offset`, `end` counts from `begin`.
 */
export const stridedSlice = defineOp({
  name: 'STRIDED_SLICE',
  litert: LITERT.everywhere,
  inputs: ['input', 'begin', 'end', 'strides'],
  outputs: ['output'],
  version: stridedSliceVersion,

  infer({ input, begin, end, strides }, masks) {
    const axes = slicedAxes(input.shape, entriesOf(begin, end, strides), masks);
    if (axes) return [{ dtype: input.dtype, shape: axes.filter((a) => !a.isDropped).map((a) => a.size) }];
    const isPlain = !(masks.ellipsisMask || masks.newAxisMask || masks.shrinkAxisMask);
    return [{ dtype: input.dtype, shape: isPlain && input.shape ? unknownSizes(input.shape.length) : undefined }];
  },

  elements({ input, begin, end, strides }, masks) {
    const elements = movableElements(input);
    const axes = slicedAxes(input.shape, entriesOf(begin, end, strides), masks);
    const view = elements && axes && slicedView(input.shape as Shape, axes);
    return view && [readKnown(elements, view)];
  },

  reference({ inputs: { input, begin, end, strides }, options }) {
    const [b = [], e = [], s = []] = [begin, end, strides].map(numbersOf);
    return [viewedTensor(input, stridedView(input.shape, { begin: b, end: e, strides: s }, options))];
  },
});

/** The window that STRIDED_SLICE shows of a tensor of that shape. */
export const stridedView = (shape: Shape, entries: Entries, masks: Masks): View =>
  slicedView(shape, slicedAxes(shape, entries, masks) as readonly SlicedAxis[]) as View;

const numbersOf = (t: Tensor): number[] => Array.from(t.data as ArrayLike<number | bigint>, Number);

export interface Entries {
  readonly begin: Elements;
  readonly end: Elements;
  readonly strides: Elements;
}

export interface Masks {
  readonly beginMask: number;
  readonly endMask: number;
  readonly ellipsisMask: number;
  readonly newAxisMask: number;
  readonly shrinkAxisMask: number;
  readonly offset: boolean;
}

/** One axis of the result, or one that is dropped. Unknown numbers are undefined, an unknown size -1. */
interface SlicedAxis {
  /** Axis of the input; undefined for a new one. */
  readonly source: number | undefined;
  readonly begin: number | undefined;
  readonly step: number | undefined;
  readonly size: number;
  readonly isDropped: boolean;
}

function entriesOf(begin: KnownValue, end: KnownValue, strides: KnownValue): Entries | undefined {
  const lists = [begin, end, strides].map(vectorOf);
  const length = lists.find((l) => l)?.length;
  if (length === undefined) return undefined;
  if (lists.some((l) => l && l.length !== length)) throw invalid('begin, end and strides differ in length');
  const [b, e, s] = lists.map((l) => l ?? new Array<undefined>(length).fill(undefined));
  return { begin: b as Elements, end: e as Elements, strides: s as Elements };
}

function slicedAxes(
  shape: Shape | undefined,
  entries: Entries | undefined,
  masks: Masks,
): readonly SlicedAxis[] | undefined {
  if (!shape || !entries) return undefined;
  const count = entries.begin.length;
  const bit = (mask: number, i: number) => ((mask >> i) & 1) === 1;
  const ellipsis = entries.begin.findIndex((_, i) => bit(masks.ellipsisMask, i));
  const isNew = (i: number) => i !== ellipsis && bit(masks.newAxisMask, i);
  const used = entries.begin.filter((_, i) => i !== ellipsis && !isNew(i)).length;
  if (used > shape.length) throw invalid(`${used} axes are sliced, input has [${shape}]`);
  const axes: SlicedAxis[] = [];
  let source = 0;
  const whole = (n: number) => {
    for (let k = 0; k < n; k++) {
      axes.push({ source, begin: 0, step: 1, size: shape[source] as number, isDropped: false });
      source++;
    }
  };
  for (let i = 0; i < count; i++)
    if (i === ellipsis) whole(shape.length - used);
    else if (isNew(i)) axes.push({ source: undefined, begin: 0, step: 1, size: 1, isDropped: false });
    else axes.push(slicedAxis(shape, source++, i, entries, masks));
  whole(shape.length - source);
  return axes;
}

function slicedAxis(shape: Shape, source: number, i: number, entries: Entries, masks: Masks): SlicedAxis {
  const total = shape[source] as number;
  const step = entries.strides[i];
  if (step === 0) throw invalid(`stride ${i} is 0`);
  const bit = (mask: number) => ((mask >> i) & 1) === 1;
  const begin = bit(masks.beginMask) ? 'edge' : entries.begin[i];
  if (bit(masks.shrinkAxisMask)) return droppedAxis(shape, source, begin);
  const end = bit(masks.endMask) ? 'edge' : endOf(begin, entries.end[i], masks.offset);
  if (total === -1 || step === undefined) {
    const isWhole = begin === 'edge' && end === 'edge' && Math.abs(step ?? 0) === 1;
    return { source, begin: undefined, step, size: isWhole ? total : -1, isDropped: false };
  }
  const first = position(begin, total, step, step > 0 ? 0 : total - 1);
  const last = position(end, total, step, step > 0 ? total : -1);
  const size = first === undefined || last === undefined ? -1 : Math.max(0, Math.ceil((last - first) / step));
  return { source, begin: first, step, size, isDropped: false };
}

type Position = number | 'edge' | undefined;

function endOf(begin: Position, end: number | undefined, isOffset: boolean): Position {
  if (!isOffset) return end;
  return begin === undefined || end === undefined ? undefined : (begin === 'edge' ? 0 : begin) + end;
}

/** A position within the axis: negative ones count from the end, then all are clamped to where a walk can start or end. */
function position(at: Position, total: number, step: number, edge: number): number | undefined {
  if (at === 'edge') return edge;
  if (at === undefined) return undefined;
  const forward = at < 0 ? at + total : at;
  return step > 0 ? Math.min(Math.max(forward, 0), total) : Math.min(Math.max(forward, -1), total - 1);
}

function droppedAxis(shape: Shape, source: number, begin: Position): SlicedAxis {
  const total = shape[source] as number;
  const at = begin === 'edge' ? 0 : begin;
  const isFree = at === undefined || (total === -1 && at < 0);
  const first = isFree ? undefined : at < 0 ? at + total : at;
  if (first !== undefined && total !== -1 && (first < 0 || first >= total))
    throw invalid(`index ${at} is out of range for axis ${source} of [${shape}]`);
  return { source, begin: first, step: 1, size: 1, isDropped: true };
}

/** The window on the input's elements; undefined when some part of it is not known. */
function slicedView(shape: Shape, axes: readonly SlicedAxis[]): View | undefined {
  if (axes.some((a) => a.begin === undefined || a.step === undefined || a.size === -1)) return undefined;
  const { strides } = wholeView(shape);
  const stride = ({ source }: SlicedAxis) => (source === undefined ? 0 : (strides[source] as number));
  const kept = axes.filter((a) => !a.isDropped);
  return {
    shape: kept.map((a) => a.size),
    offset: axes.reduce((sum, a) => sum + (a.begin as number) * stride(a), 0),
    strides: kept.map((a) => (a.step as number) * stride(a)),
  };
}

function stridedSliceVersion({ inputs: [x], options }: VersionFacts): number {
  if (options.offset) return 8;
  if (x?.dtype === 'u32') return 7;
  if (options.ellipsisMask || options.newAxisMask) return 6;
  if (x?.dtype === 'string') return 5;
  if ((x?.shape?.length ?? 0) > 4) return 4;
  if (x?.dtype === 'bool') return 3;
  return x?.dtype === 'i8' ? 2 : 1;
}
