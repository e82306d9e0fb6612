import { ModelError } from '../../../errors.js';
import { activate } from './activations.js';
import type { LayerCall, Lower } from './context.js';
import { imageFunctions } from './image-functions.js';
import { getItem } from './indexing.js';
import { numbersOf, operandAt } from './operands.js';
import { operations } from './operations.js';

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
  broadcast_to: 'BroadcastTo',
  cast: 'Cast',
  clip_by_value: 'Clip',
  concat: 'Concatenate',
  convert_to_tensor: 'ConvertToTensor',
  einsum: 'Einsum',
  expand_dims: 'ExpandDims',
  gather: 'Take',
  identity: 'Identity',
  'linalg.einsum': 'Einsum',
  'linalg.l2_normalize': 'L2Normalize',
  'linalg.matmul': 'Matmul',
  'linalg.norm': 'Norm',
  norm: 'Norm',
  one_hot: 'OneHot',
  ones_like: 'OnesLike',
  pad: 'Pad',
  repeat: 'Repeat',
  reshape: 'Reshape',
  reverse: 'Flip',
  roll: 'Roll',
  slice: 'Slice',
  split: 'Split',
  squeeze: 'Squeeze',
  stack: 'Stack',
  stop_gradient: 'StopGradient',
  tile: 'Tile',
  transpose: 'Transpose',
  unstack: 'Unstack',
  where: 'Where',
  zeros_like: 'ZerosLike',
  'image.resize': 'Resize',
  'math.abs': 'Abs',
  'math.add': 'Add',
  'math.argmax': 'TensorFlowArgMax',
  'math.argmin': 'TensorFlowArgMin',
  'math.atan2': 'Arctan2',
  'math.ceil': 'Ceil',
  'math.cos': 'Cos',
  'math.cumsum': 'Cumsum',
  'math.divide': 'Divide',
  'math.equal': 'Equal',
  'math.exp': 'Exp',
  'math.expm1': 'Expm1',
  'math.floor': 'Floor',
  'math.floordiv': 'FloorDivide',
  'math.floormod': 'Mod',
  'math.greater': 'Greater',
  'math.greater_equal': 'GreaterEqual',
  'math.l2_normalize': 'L2Normalize',
  'math.less': 'Less',
  'math.less_equal': 'LessEqual',
  'math.log': 'Log',
  'math.log1p': 'Log1p',
  'math.log_sigmoid': 'LogSigmoid',
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
  'math.sigmoid': 'Sigmoid',
  'math.sign': 'Sign',
  'math.sin': 'Sin',
  'math.softplus': 'Softplus',
  'math.sqrt': 'Sqrt',
  'math.square': 'Square',
  'math.squared_difference': 'SquaredDifference',
  'math.subtract': 'Subtract',
  'math.tan': 'Tan',
  'math.tanh': 'Tanh',
  'math.top_k': 'TopK',
  'math.truediv': 'TrueDivide',
  'nn.depth_to_space': 'DepthToSpace',
  'nn.dropout': 'StopGradient',
  'nn.space_to_depth': 'SpaceToDepth',
  'nn.elu': 'Elu',
  'nn.l2_normalize': 'L2Normalize',
  'nn.leaky_relu': 'LeakyRelu',
  'nn.log_softmax': 'LogSoftmax',
  'nn.relu': 'Relu',
  'nn.relu6': 'Relu6',
  'nn.selu': 'Selu',
  'nn.sigmoid': 'Sigmoid',
  'nn.silu': 'Silu',
  'nn.softmax': 'Softmax',
  'nn.softplus': 'Softplus',
  'nn.softsign': 'Softsign',
  'nn.swish': 'Silu',
  'nn.tanh': 'Tanh',
  'nn.top_k': 'TopK',
  argsort: 'Argsort',
  boolean_mask: 'BooleanMask',
  fill: 'Fill',
  gather_nd: 'GatherNd',
  'linalg.band_part': 'BandPart',
  'linalg.diag': 'MatrixDiag',
  'linalg.tensordot': 'Tensordot',
  'linalg.trace': 'Trace',
  ones: 'Ones',
  'random.normal': 'RandomNormal',
  'random.uniform': 'RandomUniform',
  range: 'Range',
  rank: 'Rank',
  sequence_mask: 'SequenceMask',
  sort: 'Sort',
  tensordot: 'Tensordot',
  zeros: 'Zeros',
  'math.accumulate_n': 'AddN',
  'math.acos': 'Arccos',
  'math.add_n': 'AddN',
  'math.asin': 'Arcsin',
  'math.asinh': 'Arcsinh',
  'math.atan': 'Arctan',
  'math.cosh': 'Cosh',
  'math.divide_no_nan': 'DivideNoNan',
  'math.erf': 'Erf',
  'math.erfc': 'Erfc',
  'math.is_finite': 'Isfinite',
  'math.is_inf': 'Isinf',
  'math.is_nan': 'Isnan',
  'math.scalar_mul': 'Multiply',
  'math.sinh': 'Sinh',
  'math.softmax': 'Softmax',
  'math.log_softmax': 'LogSoftmax',
  'math.softsign': 'Softsign',
  'math.xdivy': 'Xdivy',
  'math.xlogy': 'Xlogy',
  'nn.batch_normalization': 'BatchNormalizationFunction',
  'nn.crelu': 'Crelu',
  'nn.l2_loss': 'L2Loss',
  'nn.local_response_normalization': 'LocalResponse',
  'nn.moments': 'Moments',
  'nn.lrn': 'LocalResponse',
  'debugging.check_numerics': 'Identity',
  ensure_shape: 'Identity',
  floor_div: 'FloorDivide',
  'linalg.diag_part': 'DiagonalPart',
  'nn.embedding_lookup': 'EmbeddingLookup',
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

/** Functions whose arguments have no counterpart. */
const OWN: Readonly<Record<string, Lower>> = {
  ...imageFunctions,
  '__operators__.getitem': getItem,
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
  'nn.mish': (c) => activate(c, c.float(c.input()), 'mish'),
  shape: (c) => c.emit('SHAPE', [c.input()], { outType: 'INT32' }),
  size: (c) =>
    c.emit('REDUCE_PROD', [c.emit('SHAPE', [c.input()], { outType: 'INT32' }), c.i32([0])], { keepDims: false }),
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
