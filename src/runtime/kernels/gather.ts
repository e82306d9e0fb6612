import { elementCount } from '../../ir/tensor.js';
import { indexList } from '../../ops/gather.js';
import { normalizeAxis, stridesOf } from '../../ops/shapes.js';
import { broadcastView, wholeView, windowView } from '../../ops/view.js';
import type { Pointer } from '../buffers.js';
import { copyKey, copyUnits, emitCopy } from '../emit/copy.js';
import {
  emitGather,
  emitGatherNd,
  emitOneHot,
  type GatherNdSpec,
  type GatherSpec,
  gatherKey,
  gatherUnits,
  type OneHotSpec,
} from '../emit/gather.js';
import type { IndexBytes } from '../emit/indices.js';
import { emitUpdate } from '../emit/update.js';
import type { Kernel, KernelNode, Operand } from '../kernel.js';
import { elementBytes } from '../operands.js';
import { copy, copySpec } from './copies.js';
import { floatVector } from './vectors.js';

const isIndex = (operand: Operand | undefined): operand is Operand =>
  operand?.dtype === 'i16' || operand?.dtype === 'i32' || operand?.dtype === 'i64';

const indexBytes = (operand: Operand): IndexBytes => elementBytes(operand.dtype) as IndexBytes;

function gatherSpec({ inputs, options }: KernelNode): GatherSpec | undefined {
  const [params, indices] = inputs;
  if (!params || !isIndex(indices) || elementBytes(params.dtype) === 0) return undefined;
  const axis = normalizeAxis(Number(options.axis ?? 0), params.shape.length);
  const option = Number(options.batchDims ?? 0);
  const batch = option < 0 ? option + indices.shape.length : option;
  const sharing = elementCount(params.shape.slice(batch, axis));
  return {
    rows: elementCount(params.shape.slice(0, axis)),
    sharing,
    size: params.shape[axis] as number,
    count: elementCount(indices.shape.slice(batch)),
    run: elementCount(params.shape.slice(axis + 1)) * elementBytes(params.dtype),
    indexBytes: indexBytes(indices),
    picked: 'bytes',
  };
}

/** GATHER. Indices that are constant and out of range are left to the reference kernel, which says so. */
export const gather: Kernel = {
  ops: ['GATHER'],

  accepts(node) {
    const spec = gatherSpec(node);
    const [params, indices] = node.inputs;
    if (!spec || params?.dtype !== node.outputs[0]?.dtype || node.outputs[0]?.count === 0) return undefined;
    return isWithin(indices, spec.size) ? 'gather' : undefined;
  },

  build(node, to) {
    const spec = gatherSpec(node)!;
    const [params, indices] = node.inputs as [Operand, Operand];
    const func = to.func(gatherKey(spec), (module) => emitGather(module, spec));
    const out = node.outputs[0]!.pointer;
    to.call(func, [params.pointer, indices.pointer, out, 0, to.step], gatherUnits(spec), 1);
  },
};

/** Of constant indices only: whether they all are in range. */
function isWithin(indices: Operand | undefined, size: number): boolean {
  const data = indices?.constant?.data();
  if (!data) return true;
  try {
    indexList(data, size);
    return true;
  } catch {
    return false;
  }
}

/** EMBEDDING_LOOKUP: rows of any type, or rows of signed bytes with scales as floats. */
export const embeddingLookup: Kernel = {
  ops: ['EMBEDDING_LOOKUP'],

  accepts(node) {
    const [ids, value] = node.inputs;
    const [output] = node.outputs;
    if (!isIndex(ids) || !value || !output || output.count === 0 || elementBytes(value.dtype) === 0) return undefined;
    if (!isWithin(ids, value.shape[0] as number)) return undefined;
    if (value.dtype === output.dtype) return value.quantization ? undefined : 'gather';
    const { scale = [], zeroPoint = [], axis = 0 } = value.quantization ?? {};
    const isSigned = value.dtype === 'i8' || value.dtype === 'i4' || value.dtype === 'i2';
    const isByRow = scale.length === 1 || (scale.length === value.shape[0] && axis === 0);
    return isSigned && isByRow && zeroPoint.every((z) => z === 0) ? 'gather_scaled' : undefined;
  },

  build(node, to) {
    const [ids, value] = node.inputs as [Operand, Operand];
    const [output] = node.outputs as [Operand];
    const [rows = 0] = value.shape;
    const isScaled = value.dtype !== output.dtype;
    const bytes = indexBytes(ids);
    const run = (value.count / rows) * elementBytes(value.dtype);
    const picked = isScaled ? 'scaled' : 'bytes';
    const spec: GatherSpec = { rows: 1, sharing: 1, size: rows, count: ids.count, run, indexBytes: bytes, picked };
    const { scale } = value.quantization ?? { scale: new Float32Array([1]) };
    const scales: Pointer | 0 = isScaled
      ? floatVector(to, scale, 'rows', rows, (i) => scale[scale.length === 1 ? 0 : i] as number)
      : 0;
    const func = to.func(gatherKey(spec), (module) => emitGather(module, spec));
    to.call(func, [value.pointer, ids.pointer, output.pointer, scales, to.step], gatherUnits(spec), 1);
  },
};

/** GATHER_ND with indices known when it runs. */
export const gatherNd: Kernel = {
  ops: ['GATHER_ND'],

  accepts({ inputs: [params, indices], outputs: [output] }) {
    if (!params || !isIndex(indices) || indices.constant || params.dtype !== output?.dtype) return undefined;
    return elementBytes(params.dtype) > 0 && output.count > 0 ? 'gather_nd' : undefined;
  },

  build(node, to) {
    const [params, indices] = node.inputs as [Operand, Operand];
    const depth = indices.shape.at(-1) as number;
    const element = elementBytes(params.dtype);
    const strides = stridesOf(params.shape);
    const axes = params.shape.slice(0, depth).map((size, i) => ({ size, bytes: (strides[i] as number) * element }));
    const run = elementCount(params.shape.slice(depth)) * element;
    const spec: GatherNdSpec = { axes, run, indexBytes: indexBytes(indices) };
    const func = to.func(`gather_nd ${JSON.stringify(spec)}`, (module) => emitGatherNd(module, spec));
    const units = elementCount(indices.shape.slice(0, -1));
    to.call(func, [params.pointer, indices.pointer, node.outputs[0]!.pointer, to.step], units, 1);
  },
};

/** ONE_HOT: all off, then the ones. */
export const oneHot: Kernel = {
  ops: ['ONE_HOT'],

  accepts({ inputs: [indices, , on], outputs: [output] }) {
    if (!on || !output || (indices?.dtype !== 'u8' && !isIndex(indices)) || elementBytes(on.dtype) === 0)
      return undefined;
    return output.count > 0 && on.dtype === output.dtype ? 'one_hot' : undefined;
  },

  build(node, to) {
    const [indices, , on, off] = node.inputs as Operand[];
    const [output] = node.outputs as [Operand];
    const element = elementBytes(output.dtype);
    const axis = normalizeAxis(Number(node.options.axis ?? -1), output.shape.length);
    const { shape, pointer } = output;
    copy(to, off!.pointer, broadcastView(wholeView([]), shape), pointer, wholeView(shape), element);
    const depth = shape[axis] as number;
    const inner = elementCount(shape.slice(axis + 1));
    const spec: OneHotSpec = { depth, inner, element, indexBytes: indexBytes(indices!) };
    const func = to.func(`one_hot ${JSON.stringify(spec)}`, (module) => emitOneHot(module, spec));
    to.call(func, [indices!.pointer, on!.pointer, pointer], indices!.count, 1);
  },
};

/** DYNAMIC_UPDATE_SLICE, in place where nothing else needs the operand: only the update is written then. */
export const dynamicUpdateSlice: Kernel = {
  ops: ['DYNAMIC_UPDATE_SLICE'],
  inPlace: [0],

  accepts({ inputs: [operand, update, start], outputs: [output] }) {
    const isStart = start?.dtype === 'i32' || start?.dtype === 'i64';
    if (!operand || !update || !isStart || elementBytes(operand.dtype) === 0) return undefined;
    return operand.dtype === output?.dtype && update.count > 0 ? 'update' : undefined;
  },

  build(node, to) {
    const [operand, update, start] = node.inputs as [Operand, Operand, Operand];
    const element = elementBytes(operand.dtype);
    const whole = wholeView(operand.shape);
    const part = copySpec(
      wholeView(update.shape),
      windowView(
        whole,
        operand.shape.map(() => 0),
        update.shape,
      ),
      element,
    );
    const spec = {
      axes: whole.strides.map((stride, i) => ({
        limit: (operand.shape[i] as number) - (update.shape[i] as number),
        bytes: stride * element,
      })),
      bytes: operand.count * element,
      indexBytes: elementBytes(start.dtype) as 4 | 8,
      copy: to.func(copyKey(part), (module) => emitCopy(module, part)),
      units: copyUnits(part),
    };
    const func = to.func(`update ${JSON.stringify(spec)}`, (module) => emitUpdate(module, spec));
    to.call(func, [operand.pointer, update.pointer, start.pointer, node.outputs[0]!.pointer]);
  },
};

/** Operators that pick elements by indices from data. */
export const gathers: readonly Kernel[] = [gather, embeddingLookup, gatherNd, oneHot, dynamicUpdateSlice];
