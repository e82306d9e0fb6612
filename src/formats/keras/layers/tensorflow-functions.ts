import { ModelError } from '../../../errors.js';
import { activate } from './activations.js';
import type { LayerCall, Lower } from './context.js';
import { dtypeNamed } from './elementwise.js';
import { getItem } from './indexing.js';
import { numbersOf, operandAt } from './operands.js';
import { operations } from './operations.js';
import { shapeOfResult } from './rearrange.js';
import { imagesOfTensorFlow } from './tensorflow-images.js';

/** TensorFlow functions that a functional model of Keras 2 records as layers, and the classes of Keras 3 that do the same. */
const SAME: Readonly<Record<string, string>> = {
  '__operators__.add': 'Add',
  '__operators__.eq': 'Equal',
  '__operators__.floordiv': 'FloorDivide',
  '__operators__.logical_and': 'LogicalAnd',
  '__operators__.logical_or': 'LogicalOr',
  '__operators__.ne': 'NotEqual',
  argmax: 'TensorFlowArgMax',
  argmin: 'TensorFlowArgMin',
  argsort: 'Argsort',
  boolean_mask: 'BooleanMask',
  broadcast_to: 'BroadcastTo',
  cast: 'Cast',
  clip_by_value: 'Clip',
  concat: 'Concatenate',
  convert_to_tensor: 'ConvertToTensor',
  einsum: 'Einsum',
  ensure_shape: 'Identity',
  expand_dims: 'ExpandDims',
  floor_div: 'FloorDivide',
  gather: 'Take',
  identity: 'Identity',
  norm: 'Norm',
  one_hot: 'OneHot',
  ones_like: 'OnesLike',
  pad: 'Pad',
  range: 'Range',
  rank: 'Rank',
  repeat: 'Repeat',
  reshape: 'Reshape',
  reverse: 'Flip',
  roll: 'Roll',
  saturate_cast: 'SaturateCast',
  searchsorted: 'SearchSorted',
  sequence_mask: 'SequenceMask',
  slice: 'Slice',
  sort: 'Sort',
  split: 'Split',
  squeeze: 'Squeeze',
  stack: 'Stack',
  stop_gradient: 'StopGradient',
  tensor_scatter_nd_update: 'ScatterUpdate',
  tensordot: 'Tensordot',
  tile: 'Tile',
  transpose: 'Transpose',
  unstack: 'Unstack',
  where: 'Where',
  zeros_like: 'ZerosLike',
  'debugging.check_numerics': 'Identity',
  'image.resize': 'Resize',
  'image.rgb_to_grayscale': 'RGBToGrayscale',
  'linalg.band_part': 'BandPart',
  'linalg.cross': 'Cross',
  'linalg.diag': 'MatrixDiag',
  'linalg.einsum': 'Einsum',
  'linalg.l2_normalize': 'L2Normalize',
  'linalg.matmul': 'Matmul',
  'linalg.norm': 'Norm',
  'linalg.tensordot': 'Tensordot',
  'math.abs': 'Abs',
  'math.accumulate_n': 'AddN',
  'math.acos': 'Arccos',
  'math.acosh': 'Arccosh',
  'math.add': 'Add',
  'math.add_n': 'AddN',
  'math.argmax': 'TensorFlowArgMax',
  'math.argmin': 'TensorFlowArgMin',
  'math.asin': 'Arcsin',
  'math.asinh': 'Arcsinh',
  'math.atan': 'Arctan',
  'math.atan2': 'Arctan2',
  'math.atanh': 'Arctanh',
  'math.ceil': 'Ceil',
  'math.cos': 'Cos',
  'math.cosh': 'Cosh',
  'math.cumprod': 'Cumprod',
  'math.cumsum': 'Cumsum',
  'math.divide': 'Divide',
  'math.divide_no_nan': 'DivideNoNan',
  'math.equal': 'Equal',
  'math.erf': 'Erf',
  'math.erfc': 'Erfc',
  'math.exp': 'Exp',
  'math.expm1': 'Expm1',
  'math.floor': 'Floor',
  'math.floordiv': 'FloorDivide',
  'math.floormod': 'Mod',
  'math.greater': 'Greater',
  'math.greater_equal': 'GreaterEqual',
  'math.is_finite': 'Isfinite',
  'math.is_inf': 'Isinf',
  'math.is_nan': 'Isnan',
  'math.l2_normalize': 'L2Normalize',
  'math.less': 'Less',
  'math.less_equal': 'LessEqual',
  'math.log': 'Log',
  'math.log1p': 'Log1p',
  'math.log_sigmoid': 'LogSigmoid',
  'math.log_softmax': 'LogSoftmax',
  'math.logical_and': 'LogicalAnd',
  'math.logical_not': 'LogicalNot',
  'math.logical_or': 'LogicalOr',
  'math.logical_xor': 'LogicalXor',
  'math.maximum': 'Maximum',
  'math.minimum': 'Minimum',
  'math.mod': 'Mod',
  'math.multiply': 'Multiply',
  'math.negative': 'Negative',
  'math.not_equal': 'NotEqual',
  'math.pow': 'Power',
  'math.reciprocal': 'Reciprocal',
  'math.reduce_all': 'All',
  'math.reduce_any': 'Any',
  'math.reduce_euclidean_norm': 'EuclideanNorm',
  'math.reduce_logsumexp': 'Logsumexp',
  'math.reduce_max': 'Max',
  'math.reduce_mean': 'Mean',
  'math.reduce_min': 'Min',
  'math.reduce_prod': 'Prod',
  'math.reduce_std': 'Std',
  'math.reduce_sum': 'Sum',
  'math.reduce_variance': 'Var',
  'math.round': 'Round',
  'math.rsqrt': 'Rsqrt',
  'math.scalar_mul': 'Multiply',
  'math.sigmoid': 'Sigmoid',
  'math.sign': 'Sign',
  'math.sin': 'Sin',
  'math.sinh': 'Sinh',
  'math.softmax': 'Softmax',
  'math.softplus': 'Softplus',
  'math.softsign': 'Softsign',
  'math.sqrt': 'Sqrt',
  'math.square': 'Square',
  'math.squared_difference': 'SquaredDifference',
  'math.subtract': 'Subtract',
  'math.tan': 'Tan',
  'math.tanh': 'Tanh',
  'math.top_k': 'TopK',
  'math.truediv': 'TrueDivide',
  'math.xdivy': 'Xdivy',
  'math.xlogy': 'Xlogy',
  'nn.batch_normalization': 'BatchNormalizationFunction',
  'nn.crelu': 'Crelu',
  'nn.depth_to_space': 'DepthToSpace',
  'nn.dropout': 'StopGradient',
  'nn.elu': 'Elu',
  'nn.embedding_lookup': 'EmbeddingLookup',
  'nn.l2_loss': 'L2Loss',
  'nn.l2_normalize': 'L2Normalize',
  'nn.leaky_relu': 'LeakyRelu',
  'nn.local_response_normalization': 'LocalResponse',
  'nn.log_softmax': 'LogSoftmax',
  'nn.lrn': 'LocalResponse',
  'nn.relu': 'Relu',
  'nn.relu6': 'Relu6',
  'nn.selu': 'Selu',
  'nn.sigmoid': 'Sigmoid',
  'nn.silu': 'Silu',
  'nn.softmax': 'Softmax',
  'nn.softplus': 'Softplus',
  'nn.softsign': 'Softsign',
  'nn.space_to_depth': 'SpaceToDepth',
  'nn.swish': 'Silu',
  'nn.tanh': 'Tanh',
  'nn.top_k': 'TopK',
  'random.normal': 'RandomNormal',
  'random.uniform': 'RandomUniform',
};

/** Windows over images; sizes are given for the two axes, for all four, or as one number. */
const pool =
  (op: 'AVERAGE_POOL_2D' | 'MAX_POOL_2D'): Lower =>
  (c) => {
    const sizes = (key: string): readonly number[] => {
      const list = numbersOf(c.plain(99, key)) ?? [1];
      return list.length === 4 ? list.slice(1, 3) : list.length === 1 ? [...list, ...list] : list;
    };
    const [[filterHeight = 1, filterWidth = 1], [strideH = 1, strideW = 1]] = [sizes('ksize'), sizes('strides')];
    const padding = String(c.plain(99, 'padding')).toUpperCase() === 'SAME' ? 'SAME' : 'VALID';
    return c.emit(op, [c.float(c.input())], { padding, strideH, strideW, filterHeight, filterWidth });
  };

/** A tensor of one number; its sizes may be computed. */
const filled =
  (value: number): Lower =>
  (c) =>
    c.emit('FILL', [shapeOfResult(c), c.make(dtypeNamed(c.plain(1, 'dtype') ?? 'float32'), value)]);

/** Elements at places `[.., K]`, or slices behind them. */
const gatherNd: Lower = (c) => {
  if (c.plain(99, 'batch_dims')) throw new ModelError('unsupported', 'gathers in batches.');
  const places = operandAt(c, 1, 'indices', 'i32') ?? c.input(1);
  return c.emit('GATHER_ND', [operandAt(c, 0, 'params') ?? c.input(), c.cast(places, 'i32')]);
};

/** What a function of `keras.ops` does of the diagonal of two axes, of the last two. */
const onMatrices =
  (lower: Lower | undefined): Lower =>
  (c) =>
    lower?.(c.part({ args: [...c.facts.args.slice(0, 1), ...[0, -2, -1].map((value) => ({ value }))] })) ?? [];

/** Mean and variance; a shift of the data is an argument before the last one. */
const moments: Lower = (c) => {
  const keepdims = { value: c.plain(3, 'keepdims') ?? c.plain(3, 'keep_dims') ?? false };
  const call = c.part({ args: c.facts.args.slice(0, 2), kwargs: { ...c.facts.kwargs, keepdims } });
  return operations.Moments?.(call) ?? [];
};

/** Functions whose arguments have no counterpart. */
const OWN: Readonly<Record<string, Lower>> = {
  ...imagesOfTensorFlow,
  '__operators__.getitem': getItem,
  fill: (c) => c.emit('FILL', [shapeOfResult(c), operandAt(c, 1, 'value')]),
  gather_nd: gatherNd,
  'linalg.diag_part': onMatrices(operations.Diagonal),
  'linalg.trace': onMatrices(operations.Trace),
  'nn.avg_pool': pool('AVERAGE_POOL_2D'),
  'nn.avg_pool2d': pool('AVERAGE_POOL_2D'),
  'nn.bias_add': (c) => c.emit('ADD', [c.input(), operandAt(c, 1, 'bias', 'f32') ?? c.input(1)]),
  'nn.max_pool': pool('MAX_POOL_2D'),
  'nn.max_pool2d': pool('MAX_POOL_2D'),
  'nn.gelu': (c) => c.emit('GELU', [c.float(c.input())], { approximate: c.plain(1, 'approximate') === true }),
  'nn.leaky_relu': (c) => {
    const [alpha = 0.2] = numbersOf(c.plain(1, 'alpha')) ?? [];
    return c.emit('LEAKY_RELU', [c.float(c.input())], { alpha });
  },
  'nn.moments': moments,
  'nn.mish': (c) => activate(c, c.float(c.input()), 'mish'),
  ones: filled(1),
  shape: (c) => c.emit('SHAPE', [c.input()], { outType: 'INT32' }),
  size: (c) =>
    c.emit('REDUCE_PROD', [c.emit('SHAPE', [c.input()], { outType: 'INT32' }), c.i32([0])], { keepDims: false }),
  zeros: filled(0),
};

/** The function of a name; those of TensorFlow 1 and the plain names of `tf.math` go by the others' names. */
export function functionNamed(name: string): Lower | undefined {
  const plain = name.replace(/^compat\.v[12]\./, '');
  for (const key of [plain, `math.${plain}`, plain.replace(/^math\./, '')]) {
    if (Object.hasOwn(OWN, key)) return OWN[key];
    if (Object.hasOwn(SAME, key)) return operations[SAME[key] as string];
  }
  return undefined;
}

/** The call with an array as its first argument made a tensor, as the functions of one tensor expect it. */
function withTensor(c: LayerCall): LayerCall {
  const [first, ...rest] = c.facts.args;
  const tensor = first && 'value' in first && Array.isArray(first.value) ? operandAt(c, 0, '') : undefined;
  return tensor ? c.part({ args: [{ tensor }, ...rest] }) : c;
}

const call: Lower = (c) => {
  const name = c.config.string('function');
  const lower = functionNamed(name);
  if (lower) return lower(withTensor(c));
  throw new ModelError(
    'unsupported',
    `calls the TensorFlow function '${name}', which is not known here. Export the model as a SavedModel ` +
      '(model.export) and convert that.',
  );
};

/** `TFOpLambda` and its kin: the name of the function is in the configuration. */
export const functionLayers: Readonly<Record<string, Lower>> = {
  SlicingOpLambda: call,
  TFOpLambda: call,
};
