import { ModelError } from '../../../errors.js';
import type { Shape } from '../../../ir/tensor.js';
import { type Ref, UNITS, type Write, type Writing, weightOf } from './graph-writer.js';

const outputsOf = ({ node }: Writing) => node.outputs.map(({ dtype, shape }) => ({ dtype, shape }));

/** Options of ours that are attributes there: their name, or a fixed value. */
type AttrRow = Readonly<Record<string, string | number | boolean>>;

/**
 * An operation with the operands in order. An attribute is the option whose name stands behind `@`, or the value itself;
 * `operands` gives the places of ours that go in.
 */
export const same =
  (op: string, attrs: AttrRow = {}, operands?: readonly number[]): Write =>
  (w) => {
    const inputs = operands ? operands.map((i) => w.writer.of(w.node.inputs[i])) : w.inputs;
    const made = Object.entries(attrs).map(([name, from]) => [name, optionOf(w, from)] as const);
    return w.writer.addAll(w.node.output.name, op, inputs, outputsOf(w), Object.fromEntries(made));
  };

const optionOf = ({ options }: Writing, from: string | number | boolean) =>
  typeof from === 'string' && from.startsWith('@') ? (options[from.slice(1)] as string | number) : from;

/** An integer behind the operands. */
const withInt =
  (op: string, option: string, attrs: AttrRow = {}): Write =>
  (w) => {
    const made = Object.entries(attrs).map(([name, from]) => [name, optionOf(w, from)] as const);
    const { name } = w.node.output;
    const axis = w.writer.make(`${name}/${option}`, 'i32', Number(w.options[option] ?? 0));
    return w.writer.addAll(name, op, [...w.inputs, axis], outputsOf(w), Object.fromEntries(made));
  };

const one = (w: Writing, op: string, inputs: readonly Ref[], attrs = {}): readonly Ref[] =>
  w.writer.addAll(w.node.output.name, op, inputs, outputsOf(w), attrs);

const reshape: Write = (w) => {
  const [x, sizes] = w.inputs;
  const { newShape } = w.options;
  const shape = sizes ?? w.writer.make(`${w.node.output.name}/shape`, 'i32', (newShape as number[] | undefined) ?? []);
  return one(w, 'Reshape', [x as Ref, shape]);
};

const cast: Write = (w) => {
  const [x] = w.inputs as [Ref];
  return one(w, 'Cast', [x], { SrcT: x.dtype, DstT: w.node.output.dtype });
};

const oneHot: Write = (w) => one(w, 'OneHot', w.inputs, { axis: Number(w.options.axis ?? -1) });

const reduce = (op: string): Write => same(op, { keep_dims: '@keepDims' });

/** With a factor on the logits, unless it is 1. */
const softmax: Write = (w) => {
  const [x] = w.inputs as [Ref];
  const beta = Number(w.options.beta ?? 1);
  if (beta === 1) return one(w, 'Softmax', [x]);
  const { name } = w.node.output;
  return one(w, 'Softmax', [w.writer.add(`${name}/scaled`, 'Mul', [x, w.writer.make(`${name}/beta`, 'f32', beta)], x)]);
};

const concatenation: Write = (w) => {
  if ((w.options.fusedActivationFunction ?? 'NONE') !== 'NONE')
    throw new ModelError('unsupported', 'has a fused activation.');
  return withInt('ConcatV2', 'axis')(w);
};

const stridedSlice: Write = (w) => {
  if (w.options.offset) throw new ModelError('unsupported', 'counts its end from its begin.');
  return same('StridedSlice', {
    begin_mask: '@beginMask',
    end_mask: '@endMask',
    ellipsis_mask: '@ellipsisMask',
    new_axis_mask: '@newAxisMask',
    shrink_axis_mask: '@shrinkAxisMask',
  })(w);
};

const squeeze: Write = (w) => one(w, 'Squeeze', w.inputs, { squeeze_dims: (w.options.squeezeDims as number[]) ?? [] });

/** What has the same numbers there: quantized constants are written as the numbers they stand for. */
const passOn: Write = (w) => w.inputs.slice(0, 1);

const gather: Write = (w) => {
  const [x, indices] = w.inputs as [Ref, Ref];
  const { name } = w.node.output;
  const axis = w.writer.make(`${name}/axis`, 'i32', Number(w.options.axis ?? 0));
  return one(w, 'GatherV2', [x, indices, axis], { batch_dims: Number(w.options.batchDims ?? 0) });
};

/** Rows of a table. Rows that have scales of their own are stored as integers, and so are looked up with their scales. */
const embeddingLookup: Write = (w) => {
  const { writer, node } = w;
  const { name, shape } = node.output;
  const ids = writer.of(node.inputs[0]);
  const axis = writer.make('axis', 'i32', 0);
  const rows = (table: Ref, at: string, sizes: Shape | undefined) =>
    writer.add(at, 'GatherV2', [table, ids, axis], { dtype: 'f32', shape: sizes }, { batch_dims: 0 });
  const weight = weightOf(node.inputs[1]);
  const scales = weight?.quantization?.scale;
  if (!weight || !scales || scales.length < 2 || weight.quantization?.zeroPoint.some((z) => z !== 0))
    return [rows(writer.of(node.inputs[1]), name, shape)];
  const table = writer.constant(node.inputs[1]?.name ?? name, weight.constant, UNITS);
  const columns = writer.make(
    `${name}/scale`,
    'f32',
    [...scales],
    [scales.length, ...table.shape!.slice(1).map(() => 1)],
  );
  const factors = rows(columns, `${name}/scales`, shape && [...shape.slice(0, 1), ...shape.slice(1).map(() => 1)]);
  return [writer.add(name, 'Mul', [rows(table, `${name}/rows`, shape), factors], { dtype: 'f32', shape })];
};

const resize = (op: string): Write =>
  same(op, { align_corners: '@alignCorners', half_pixel_centers: '@halfPixelCenters' });

const argExtreme = (op: string): Write => same(op, {});

/** Of whole rows: TensorFlow.js takes the length of the transform from them. */
const realFourier: Write = (w) => {
  const [x, lengths] = w.node.inputs;
  const [height, width] = lengths?.constant?.numbers() ?? [];
  if (height !== 1 || width === undefined || x?.shape?.at(-1) !== width || x.shape.at(-2) !== 1)
    throw new ModelError('unsupported', 'is no Fourier transform of whole rows.');
  return one(w, 'RFFT', [w.writer.of(x), w.writer.make(`${w.node.output.name}/length`, 'i32', [width])]);
};

/** Operations on shapes, indices and positions, and reductions. */
export const rearrangements: Readonly<Record<string, Write>> = {
  ARG_MAX: argExtreme('ArgMax'),
  ARG_MIN: argExtreme('ArgMin'),
  BATCH_TO_SPACE_ND: same('BatchToSpaceND'),
  BROADCAST_ARGS: same('BroadcastArgs'),
  BROADCAST_TO: same('BroadcastTo'),
  CAST: cast,
  CONCATENATION: concatenation,
  CUMSUM: same('Cumsum', { exclusive: '@exclusive', reverse: '@reverse' }),
  DEPTH_TO_SPACE: same('DepthToSpace', { block_size: '@blockSize', data_format: 'NHWC' }),
  DEQUANTIZE: passOn,
  EMBEDDING_LOOKUP: embeddingLookup,
  EXPAND_DIMS: same('ExpandDims'),
  FILL: same('Fill'),
  GATHER: gather,
  GATHER_ND: same('GatherNd'),
  LOG_SOFTMAX: same('LogSoftmax'),
  MEAN: reduce('Mean'),
  MIRROR_PAD: same('MirrorPad', { mode: '@mode' }),
  IMAG: same('Imag'),
  NON_MAX_SUPPRESSION_V4: same('NonMaxSuppressionV4', { pad_to_max_output_size: true }),
  ONE_HOT: oneHot,
  PACK: same('Pack', { axis: '@axis' }),
  PAD: same('Pad'),
  PADV2: same('PadV2'),
  RANGE: same('Range'),
  RANK: same('Rank'),
  REAL: same('Real'),
  REDUCE_ALL: reduce('All'),
  REDUCE_ANY: reduce('Any'),
  REDUCE_MAX: reduce('Max'),
  REDUCE_MIN: reduce('Min'),
  REDUCE_PROD: reduce('Prod'),
  RESHAPE: reshape,
  RESIZE_BILINEAR: resize('ResizeBilinear'),
  RESIZE_NEAREST_NEIGHBOR: resize('ResizeNearestNeighbor'),
  REVERSE_V2: same('ReverseV2'),
  RFFT2D: realFourier,
  SCATTER_ND: same('ScatterNd'),
  SHAPE: same('Shape'),
  SLICE: same('Slice'),
  SOFTMAX: softmax,
  SPACE_TO_BATCH_ND: same('SpaceToBatchND'),
  SPARSE_TO_DENSE: same('SparseToDense'),
  SPLIT: same('Split', { num_split: '@numSplits' }),
  SPLIT_V: same('SplitV', { num_split: '@numSplits' }),
  SQUEEZE: squeeze,
  STRIDED_SLICE: stridedSlice,
  SUM: reduce('Sum'),
  TILE: same('Tile'),
  TOPK_V2: same('TopKV2', { sorted: true }),
  TRANSPOSE: same('Transpose'),
  UNPACK: same('Unpack', { axis: '@axis', num: '@num' }),
  WHERE: same('Where'),
};
