import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import type { DType, Shape } from '../../../ir/tensor.js';
import { knownElements } from '../../../ops/build.js';
import type { Lower, Lowering } from './context.js';
import { entryOf, int32Input, knownNumbers, packSizes, reshape, type Size, sizesOf } from './shapes.js';

/**
 * Lists of tensors. A list is one tensor `[T, …]` of its T elements. What a list without elements is made of may show
 * only where the first element is written: until then it is an open list, a value that no node computes.
 */

/** A list of zeros. */
export function makeList(c: Lowering, dtype: DType, count: Value, sizes: readonly Size[]): Value {
  const known = knownNumbers(count)?.[0];
  return c.emit('FILL', [packSizes(c, [known ?? count, ...sizes]), c.make(dtype, 0)]);
}

const reserve: Lower = (c) => {
  const dtype = c.type('element_dtype');
  const shape = int32Input(c, 0);
  const count = int32Input(c, 1);
  return [reserved(c, dtype, shape, count)];
};

function reserved(c: Lowering, dtype: DType, shape: Value, count: Value): Value {
  const elements = knownElements(shape);
  const rank = shape.shape?.length === 1 ? (shape.shape[0] as number) : -1;
  const isOpen = rank < 0 || elements?.some((d) => d !== undefined && d < 0);
  if (isOpen && c.elementShape) return makeList(c, dtype, count, c.elementShape);
  if (isOpen) return reservedList(c, dtype, rank < 0 ? undefined : elements?.map((d) => d ?? -1), count);
  const sizes = Array.from({ length: rank }, (_, i) => elements?.[i] ?? entryOf(c, shape, i));
  return makeList(c, dtype, count, sizes);
}

const empty: Lower = (c) => [reserved(c, c.type('element_dtype'), int32Input(c, 0), c.i32(0))];

/** A list whose elements are like `item`. */
function resolved(c: Lowering, list: Value, item: Value): Value {
  const open = c.openLists.get(list);
  if (!open) return list;
  const sizes = sizesOf(c, item).map((size, i) => {
    const known = open.sizes?.[i] ?? -1;
    return known >= 0 ? known : size;
  });
  return makeList(c, list.dtype, open.count, sizes);
}

/** @throws {ModelError} `unsupported` for a list of which nothing tells the shape of its elements. */
function listInput(c: Lowering): Value {
  const list = c.input(0);
  if (!c.openLists.has(list)) return list;
  throw new ModelError(
    'unsupported',
    'reads a list whose elements have an unknown shape. Fix the shapes of the inputs.',
  );
}

/** An element as a list of one. */
export function asRow(c: Lowering, item: Value): Value {
  const unknown = item.shape?.filter((d) => d < 0).length ?? 2;
  if (unknown <= 1) return reshape(c, item, [1, ...(item.shape as Shape)]);
  return c.emit('EXPAND_DIMS', [item, c.i32(0)]);
}

/** A list with another element at an index: all other axes begin at 0. */
export function writeItem(c: Lowering, before: Value, index: Value, item: Value): Value {
  const list = grown(c, resolved(c, before, item), index);
  const rank = c.rank(item, 'the element');
  const place = c.emit('RESHAPE', [index, c.i32([1])]);
  const zeros = c.i32(new Array<number>(rank).fill(0));
  const start = rank === 0 ? place : c.emit('CONCATENATION', [place, zeros], { axis: 0 });
  return c.emit('DYNAMIC_UPDATE_SLICE', [list, asRow(c, item), start]);
}

/** The list, with zeros behind it where the index lies beyond its end and the operation lets the list grow. */
function grown(c: Lowering, list: Value, index: Value): Value {
  if (!list.shape || !c.attrs.bool('resize_if_index_out_of_bounds', false)) return list;
  const [count = -1, ...sizes] = sizesOf(c, list);
  const length = typeof count === 'number' ? c.i32(count) : count;
  const missing = c.emit('SUB', [c.emit('ADD', [index, c.i32(1)]), length]);
  const more = makeList(c, list.dtype, c.emit('MAXIMUM', [missing, c.i32(0)]), sizes);
  return c.emit('CONCATENATION', [list, more], { axis: 0 });
}

export const readItem = (c: Lowering, list: Value, index: Value): Value =>
  c.emit('GATHER', [list, index], { axis: 0, batchDims: 0 });

/** A list of `count` elements, open where their shape is not known. */
export function reservedList(c: Lowering, dtype: DType, sizes: Shape | undefined, count: Value): Value {
  if (sizes?.every((d) => d >= 0)) return makeList(c, dtype, count, sizes);
  const length = knownNumbers(count)?.[0] ?? -1;
  return c.openList(dtype, sizes && [length, ...sizes], { count, sizes });
}

const getItem: Lower = (c) => [withElementShape(c, readItem(c, listInput(c), int32Input(c, 1)), 0, 2)];

const pushBack: Lower = (c) => {
  const item = c.input(1);
  const list = c.input(0);
  const open = c.openLists.get(list);
  const isEmpty = (open && knownNumbers(open.count)?.[0] === 0) || list.shape?.[0] === 0;
  const row = asRow(c, item);
  return [isEmpty ? row : c.emit('CONCATENATION', [resolved(c, list, item), row], { axis: 0 })];
};

/** Takes over the sizes that the operation says an element has. `lead`: axes in front of those of the element. */
function withElementShape(c: Lowering, value: Value, lead: number, operand: number): Value {
  const sizes = c.inputs[operand] && knownElements(c.input(operand));
  if (!sizes || value.constant || c.input(operand).shape?.length !== 1) return value;
  if (!value.shape) value.shape = [...new Array<number>(lead).fill(-1), ...sizes.map((d) => d ?? -1)];
  else if (value.shape.length === sizes.length + lead)
    value.shape = value.shape.map((d, i) => (d < 0 && i >= lead ? (sizes[i - lead] ?? -1) : d));
  return value;
}

const stack: Lower = (c) => [listInput(c)];

const fromTensor: Lower = (c) => [c.input(0)];

const length: Lower = (c) => {
  const list = c.input(0);
  const open = c.openLists.get(list);
  return [open ? open.count : entryOf(c, c.emit('SHAPE', [list], { outType: 'INT32' }), 0)];
};

const elementShape: Lower = (c) => {
  const shape = c.emit('SHAPE', [listInput(c)], { outType: 'INT32' });
  const inputs = [shape, c.i32([1]), c.i32([0]), c.i32([1])];
  return [c.emit('STRIDED_SLICE', inputs, { endMask: 1 })];
};

const gather: Lower = (c) => [c.emit('GATHER', [listInput(c), int32Input(c, 1)], { axis: 0, batchDims: 0 })];

/** The elements end to end. */
const concat: Lower = (c) => {
  const list = listInput(c);
  const sizes = sizesOf(c, list);
  const [count = -1, first = -1, ...rest] = sizes;
  const lengths = c.emit('FILL', [packSizes(c, [count]), typeof first === 'number' ? c.i32(first) : first]);
  const joined = typeof count === 'number' && typeof first === 'number' ? count * first : -1;
  return [reshape(c, list, [joined, ...rest]), lengths];
};

/** The element with the largest index, and the list without it. */
const popBack: Lower = (c) => {
  const list = listInput(c);
  const rank = c.rank(list, 'the list');
  const all = (1 << rank) - 1;
  const ends = (first: number) => c.i32(Array.from({ length: rank }, (_, i) => (i === 0 ? first : 0)));
  const ones = c.i32(new Array<number>(rank).fill(1));
  const left = c.emit('STRIDED_SLICE', [list, ends(0), ends(-1), ones], { beginMask: all, endMask: all - 1 });
  const last = c.emit('STRIDED_SLICE', [list, ends(-1), ends(0), ones], {
    beginMask: all - 1,
    endMask: all,
    shrinkAxisMask: 1,
  });
  return [left, last];
};

/** Lists of tensors as tensors with one more axis. */
export const lists: Readonly<Record<string, Lower>> = {
  EmptyTensorList: empty,
  TensorListConcatV2: concat,
  TensorListElementShape: elementShape,
  TensorListFromTensor: fromTensor,
  TensorListGather: gather,
  TensorListGetItem: getItem,
  TensorListLength: length,
  TensorListPopBack: popBack,
  TensorListPushBack: pushBack,
  TensorListReserve: reserve,
  TensorListSetItem: (c) => [writeItem(c, c.input(0), int32Input(c, 1), c.input(2))],
  TensorListStack: stack,
};
