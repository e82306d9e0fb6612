import { ModelError } from '../../../errors.js';
import { isObject, type Json, type JsonObject } from '../json.js';
import type { LayerCall, Lower, Operand } from './context.js';
import { numbersOf } from './operands.js';
import { operations } from './operations.js';
import { functionNamed } from './tensorflow-functions.js';

/** Operations of TensorFlow that a class of `keras.ops` does, where the name is another one. */
const NAMES: Readonly<Record<string, string>> = {
  Acos: 'Arccos',
  Acosh: 'Arccosh',
  AddV2: 'Add',
  ArgMax: 'TensorFlowArgMax',
  ArgMin: 'TensorFlowArgMin',
  Asin: 'Arcsin',
  Asinh: 'Arcsinh',
  Atan: 'Arctan',
  Atan2: 'Arctan2',
  Atanh: 'Arctanh',
  BatchMatMul: 'Matmul',
  BatchMatMulV2: 'Matmul',
  BiasAdd: 'Add',
  ClipByValue: 'Clip',
  DivNoNan: 'DivideNoNan',
  FloorDiv: 'FloorDivide',
  FloorMod: 'Mod',
  GatherV2: 'Take',
  Inv: 'Reciprocal',
  IsFinite: 'Isfinite',
  IsInf: 'Isinf',
  IsNan: 'Isnan',
  MatMul: 'Matmul',
  MatrixBandPart: 'BandPart',
  MirrorPad: 'Pad',
  Mul: 'Multiply',
  Neg: 'Negative',
  PadV2: 'Pad',
  Pow: 'Power',
  RandomStandardNormal: 'RandomNormal',
  RealDiv: 'TrueDivide',
  ReverseV2: 'Flip',
  SelectV2: 'Where',
  Sub: 'Subtract',
  TopKV2: 'TopK',
};

/** Operations that a function of TensorFlow does, whose arguments are the attributes. */
const FUNCTIONS: Readonly<Record<string, string>> = {
  AvgPool: 'nn.avg_pool',
  Conv2D: 'nn.conv2d',
  DepthwiseConv2dNative: 'nn.depthwise_conv2d',
  ExtractImagePatches: 'image.extract_patches',
  Fill: 'fill',
  GatherNd: 'gather_nd',
  LRN: 'nn.local_response_normalization',
  MaxPool: 'nn.max_pool',
  Shape: 'shape',
  Size: 'size',
};

/** Names of an operation's attributes, and those of the arguments that say the same. */
const ARGUMENTS: Readonly<Record<string, string>> = {
  adj_x: 'transpose_a',
  adj_y: 'transpose_b',
  alpha: 'alpha',
  axis: 'axis',
  batch_dims: 'batch_dims',
  beta: 'beta',
  bias: 'bias',
  block_size: 'block_size',
  data_format: 'data_format',
  depth_radius: 'depth_radius',
  dilations: 'dilations',
  equation: 'equation',
  exclusive: 'exclusive',
  keep_dims: 'keepdims',
  ksize: 'ksize',
  ksizes: 'sizes',
  mode: 'mode',
  padding: 'padding',
  rates: 'rates',
  reverse: 'reverse',
  squeeze_dims: 'axis',
  strides: 'strides',
  transpose_a: 'transpose_a',
  transpose_b: 'transpose_b',
};
const TYPES: Readonly<Record<string, string>> = {
  DT_BOOL: 'bool',
  DT_FLOAT: 'float32',
  DT_HALF: 'float16',
  DT_INT32: 'int32',
  DT_INT64: 'int64',
  DT_UINT8: 'uint8',
};
const MASKS = {
  beginMask: 'begin_mask',
  endMask: 'end_mask',
  ellipsisMask: 'ellipsis_mask',
  newAxisMask: 'new_axis_mask',
  shrinkAxisMask: 'shrink_axis_mask',
} as const;

/** A number of a message as JSON, where 64 bits are a text. */
const integer = (json: Json | undefined): number => Number(json ?? 0);

/** The value of an attribute: a number, a flag, a text (its bytes are base64), a list of numbers. */
function attribute(json: Json | undefined): Json | undefined {
  if (!isObject(json)) return undefined;
  if (isObject(json.list)) return Array.isArray(json.list.i) ? json.list.i.map(integer) : [];
  if (typeof json.s === 'string') return atob(json.s);
  return json.b ?? json.f ?? (json.i === undefined ? undefined : integer(json.i));
}

/** The operands in the order of the operation's inputs: tensors, and constants at the places that the layer names. */
function operandsOf(c: LayerCall, constants: JsonObject): Operand[] {
  const tensors = c.inputs.map((tensor): Operand => ({ tensor }));
  const count = tensors.length + Object.keys(constants).length;
  return Array.from({ length: count }, (_, i) => {
    const constant = Object.hasOwn(constants, String(i)) ? constants[String(i)] : undefined;
    return constant === undefined ? (tensors.shift() ?? { value: null }) : { value: constant };
  });
}

function stridedSlice(c: LayerCall, attributes: JsonObject, [, ...rest]: readonly Operand[]): ReturnType<Lower> {
  const lists = rest.map((o) => ('value' in o ? numbersOf(o.value) : undefined));
  if (lists.length !== 3 || lists.some((l) => l === undefined))
    throw new ModelError('unsupported', 'is indexed by a value that is computed when the model runs.');
  const masks = Object.entries(MASKS).map(([ours, name]) => [ours, Number(attribute(attributes[name]) ?? 0)]);
  return c.emit('STRIDED_SLICE', [c.input(), ...lists.map((l) => c.i32(l ?? []))], Object.fromEntries(masks));
}

/** Parts of an axis: `Split` has the axis first, `SplitV` last, behind the sizes; `Unpack` parts of size 1, which goes. */
function parts(c: LayerCall, op: string, attributes: JsonObject, args: readonly Operand[]): ReturnType<Lower> {
  const numbers = (operand: Operand | undefined) => (operand && 'value' in operand ? numbersOf(operand.value) : undefined) ?? []; // biome-ignore format: short
  const x = c.input();
  if (op === 'Unpack') {
    const [num, axis] = [Number(attribute(attributes.num) ?? 0), Number(attribute(attributes.axis) ?? 0)];
    return c.emitAll('UNPACK', [x], { num, axis });
  }
  if (op === 'Split') {
    const numSplits = Number(attribute(attributes.num_split) ?? 1);
    return c.emitAll('SPLIT', [c.i32(numbers(args[0])[0] ?? 0), x], { numSplits });
  }
  const sizes = numbers(args[1]);
  return c.emitAll('SPLIT_V', [x, c.i32(sizes), c.i32(numbers(args[2])[0] ?? 0)], { numSplits: sizes.length });
}

/** Images of another size, which may be computed. */
function resized(c: LayerCall, op: string, attributes: JsonObject, [, size]: readonly Operand[]): ReturnType<Lower> {
  const wanted = size && 'tensor' in size ? c.cast(size.tensor, 'i32') : c.i32((size && 'value' in size && numbersOf(size.value)) || []); // biome-ignore format: short
  return c.emit(op === 'ResizeBilinear' ? 'RESIZE_BILINEAR' : 'RESIZE_NEAREST_NEIGHBOR', [c.float(c.input()), wanted], {
    alignCorners: attribute(attributes.align_corners) === true,
    halfPixelCenters: attribute(attributes.half_pixel_centers) === true,
  });
}

/** Lists of tensors: `Pack`, and `ConcatV2` with its axis as the last input. */
const LISTS: Readonly<Record<string, string>> = { ConcatV2: 'Concatenate', Pack: 'Stack' };

/**
 * `TensorFlowOpLayer`: an operation of TensorFlow among the layers of a functional model of TensorFlow 2.0 to 2.3, with
 * its node as JSON and those of its inputs that are constants.
 */
const tensorFlowOperation: Lower = (c) => {
  const node = c.config.layer('node_def');
  const op = String(node.op);
  const attributes = isObject(node.attr) ? node.attr : {};
  const constants = c.config.get('constants');
  const args = operandsOf(c, isObject(constants) ? constants : {});
  if (op === 'StridedSlice') return stridedSlice(c, attributes, args);
  if (/^(Split|SplitV|Unpack)$/.test(op)) return parts(c, op, attributes, args);
  if (/^Resize(Bilinear|NearestNeighbor)$/.test(op)) return resized(c, op, attributes, args);
  const list = Object.hasOwn(LISTS, op) ? LISTS[op] : undefined;
  const className = list ?? (Object.hasOwn(NAMES, op) ? NAMES[op] : op) ?? op;
  const lower = Object.hasOwn(FUNCTIONS, op)
    ? functionNamed(FUNCTIONS[op] as string)
    : Object.hasOwn(operations, className)
      ? operations[className]
      : undefined;
  if (!lower)
    throw new ModelError(
      'unsupported',
      `is TensorFlow's operation ${op}, which is not known here. Export the model as a SavedModel (model.export) and ` +
        'convert that.',
    );
  const kwargs: Record<string, Operand> = {};
  for (const [name, argument] of Object.entries(ARGUMENTS)) {
    const value = attribute(attributes[name]);
    if (value !== undefined) kwargs[argument] = { value };
  }
  const type = attributes.DstT;
  if (op === 'Cast' && isObject(type)) kwargs.dtype = { value: TYPES[String(type.type)] ?? String(type.type) };
  if (op === 'ConcatV2') kwargs.axis = args.pop() ?? { value: -1 };
  if (op === 'PadV2') kwargs.constant_values = args.pop() ?? { value: 0 };
  return lower(c.part({ className, isOperation: true, args: list ? [{ list: args }] : args, kwargs }));
};

/** Operations of TensorFlow as layers. */
export const nodeLayers: Readonly<Record<string, Lower>> = { TensorFlowOpLayer: tensorFlowOperation };
