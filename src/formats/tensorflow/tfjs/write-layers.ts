import { ModelError } from '../../../errors.js';
import { Constant } from '../../../ir/constant.js';
import { Value } from '../../../ir/graph.js';
import { bitsOf, type Shape } from '../../../ir/tensor.js';
import { foldNode } from '../../../ops/build.js';
import { type Ref, realOf, UNITS, type Write, type Writing, weightOf } from './graph-writer.js';

type Activation = 'NONE' | 'RELU' | 'RELU6' | 'RELU_N1_TO_1' | 'TANH' | 'SIGN_BIT';

/** Activations that TensorFlow.js fuses into its convolutions and products. */
const FUSED: Partial<Record<Activation, string>> = { RELU: 'Relu', RELU6: 'Relu6' };
/** Activations that are an operation of their own. */
const SINGLE: Partial<Record<Activation, string>> = { ...FUSED, TANH: 'Tanh' };

export const activationOf = ({ options }: Writing): Activation =>
  (options.fusedActivationFunction as Activation | undefined) ?? 'NONE';

/** The activation behind an operator, as a node of its own. */
export function activated({ writer, node }: Writing, x: Ref, activation: Activation): Ref {
  const { name } = node.output;
  const op = SINGLE[activation];
  if (activation === 'NONE') return x;
  if (op) return writer.add(name, op, [x], x);
  if (activation !== 'RELU_N1_TO_1') throw new ModelError('unsupported', `has a fused ${activation}.`);
  const low = writer.add(`${name}/low`, 'Maximum', [x, writer.make('minus_one', 'f32', -1)], x);
  return writer.add(name, 'Minimum', [low, writer.make('one', 'f32', 1)], x);
}

/** A constant with its axes in another order, or in another shape. */
function rearranged(constant: Constant, op: 'TRANSPOSE' | 'RESHAPE', by: readonly number[]): Constant {
  const inputs = [Value.constant('weight', constant), Value.constant('by', Constant.i32(by))];
  const [made] = foldNode({ op, name: 'weight', inputs }) ?? [];
  if (made?.constant) return made.constant;
  throw new ModelError('unsupported', `holds weights of type ${constant.dtype}.`);
}

interface Filter {
  readonly ref: Ref;
  /** A factor for each output channel, when the filter holds plain integers. */
  readonly factors: Ref | undefined;
}

/**
 * The filter in TensorFlow's layout. Integers with a scale for each output channel go in as they are, and the scales come
 * behind the linear operation; those with zero points become floats.
 */
function filterOf(w: Writing, index: number, op: 'TRANSPOSE' | 'RESHAPE', by: readonly number[]): Filter {
  const value = w.node.inputs[index];
  const weight = weightOf(value);
  const name = value?.name ?? 'filter';
  if (!weight) return { ref: computedFilter(w, value, op, by), factors: undefined };
  const { quantization: q, constant } = weight;
  const isOne = !q || q.scale.length < 2;
  if (isOne) return { ref: w.writer.constant(name, rearranged(constant, op, by), q), factors: undefined };
  if (q.zeroPoint.some((z) => z !== 0) || bitsOf(constant.dtype) > 16)
    return { ref: w.writer.constant(name, rearranged(realOf(weight), op, by)), factors: undefined };
  return {
    ref: w.writer.constant(name, rearranged(constant, op, by), UNITS),
    factors: w.writer.make(`${name}/scale`, 'f32', [...q.scale]),
  };
}

/** A filter that other nodes compute. */
function computedFilter(
  { writer }: Writing,
  value: Value | undefined,
  op: 'TRANSPOSE' | 'RESHAPE',
  by: readonly number[],
): Ref {
  const name = value?.name ?? 'filter';
  const shape = op === 'RESHAPE' ? by : by.map((d) => value?.shape?.[d] ?? -1);
  const inputs = [writer.of(value), writer.make(`${name}/by`, 'i32', by)];
  return writer.add(`${name}/filter`, op === 'RESHAPE' ? 'Reshape' : 'Transpose', inputs, { dtype: 'f32', shape });
}

interface Linear {
  /** Operation alone, and with what is fused into it. */
  readonly plain: string;
  readonly fused: string;
  readonly inputs: readonly Ref[];
  readonly factors: Ref | undefined;
  readonly bias: Ref | undefined;
  readonly shape: Shape | undefined;
  readonly attrs: Readonly<Record<string, string | boolean | readonly number[]>>;
}

/** A linear operation with bias and activation, fused as TensorFlow.js can. */
function linear(w: Writing, { plain, fused, inputs, factors, bias, shape, attrs }: Linear, name: string): Ref {
  const type = { dtype: 'f32', shape } as const;
  const activation = activationOf(w);
  if (factors) {
    const product = w.writer.add(`${name}/unscaled`, plain, inputs, type, attrs);
    const scaled = w.writer.add(bias ? `${name}/scaled` : name, 'Mul', [product, factors], type);
    const sum = bias ? w.writer.add(`${name}/BiasAdd`, 'BiasAdd', [scaled, bias], type) : scaled;
    return activated(w, sum, activation);
  }
  if (!bias) return activated(w, w.writer.add(name, plain, inputs, type, attrs), activation);
  const behind = FUSED[activation];
  const fusedOps = ['BiasAdd', ...(behind ? [behind] : [])];
  const made = w.writer.add(name, fused, [...inputs, bias], type, {
    ...attrs,
    fused_ops: fusedOps,
    num_args: 1,
  } as never);
  return behind ? made : activated(w, made, activation);
}

/** The bias, unless it is absent or all zero. */
function biasOf({ writer, node }: Writing, index: number): Ref | undefined {
  const value = node.inputs[index];
  if (!value) return undefined;
  const weight = weightOf(value);
  if (!weight) return writer.of(value);
  const real = realOf(weight);
  return (real.data() as Float32Array).every((x) => x === 0) ? undefined : writer.constant(value.name, real);
}

const window = ({ options: o }: Writing) => ({
  strides: [1, o.strideH as number, o.strideW as number, 1],
  padding: o.padding as string,
  data_format: 'NHWC',
});
const dilations = ({ options: o }: Writing): number[] => [
  1,
  (o.dilationHFactor as number | undefined) ?? 1,
  (o.dilationWFactor as number | undefined) ?? 1,
  1,
];

const conv2d: Write = (w) => {
  const [x, f] = [w.node.inputs[0], w.node.inputs[1]?.shape];
  if (x?.shape && f && (x.shape.at(-1) as number) > 0 && x.shape.at(-1) !== f[3])
    throw new ModelError('unsupported', 'is a grouped convolution, which TensorFlow.js does not have.');
  const { ref, factors } = filterOf(w, 1, 'TRANSPOSE', [1, 2, 3, 0]);
  const parts = { plain: 'Conv2D', fused: '_FusedConv2D', inputs: [w.writer.of(x), ref], factors };
  const attrs = { ...window(w), dilations: dilations(w) };
  return [linear(w, { ...parts, bias: biasOf(w, 2), shape: w.node.output.shape, attrs }, w.node.output.name)];
};

const depthwise: Write = (w) => {
  const [, h = 1, width = 1, channels = 1] = w.node.inputs[1]?.shape ?? [];
  const multiplier = (w.options.depthMultiplier as number) || 1;
  const shape = [h, width, channels / multiplier, multiplier];
  const { ref, factors } = filterOf(w, 1, 'RESHAPE', shape);
  const parts = { plain: 'DepthwiseConv2dNative', fused: 'FusedDepthwiseConv2dNative', factors };
  const inputs = [w.writer.of(w.node.inputs[0]), ref];
  const attrs = { ...window(w), dilations: dilations(w) };
  return [linear(w, { ...parts, inputs, bias: biasOf(w, 2), shape: w.node.output.shape, attrs }, w.node.output.name)];
};

/** Rows of the input times weights `[O, I]`; other ranks than 2 are reshaped around it. */
const fullyConnected: Write = (w) => {
  const { writer, node } = w;
  const [x, weights] = node.inputs;
  const { name, shape } = node.output;
  const [o = -1, i = -1] = weights?.shape ?? [];
  const { ref, factors } = filterOf(w, 1, 'TRANSPOSE', [1, 0]);
  const flat = x?.shape?.length === 2 && x.shape[1] === i;
  const rows = flat
    ? writer.of(x)
    : writer.add(`${name}/rows`, 'Reshape', [writer.of(x), writer.make(`${name}/rows_shape`, 'i32', [-1, i])], {
        dtype: 'f32',
        shape: [-1, i],
      });
  const back = shape?.length !== 2;
  const attrs = { transpose_a: false, transpose_b: false };
  const parts = { plain: 'MatMul', fused: '_FusedMatMul', inputs: [rows, ref], factors, attrs };
  const product = linear(
    w,
    { ...parts, bias: biasOf(w, 2), shape: [rows.shape?.[0] ?? -1, o] },
    back ? `${name}/MatMul` : name,
  );
  if (!back) return [product];
  if (!shape) throw new ModelError('unsupported', 'has an unknown rank. Give the inputs fixed shapes.');
  const isKnown = shape.filter((d) => d < 0).length <= 1;
  const sizes = isKnown ? writer.make(`${name}/shape`, 'i32', shape) : keptSizes(w, shape.length, o);
  return [writer.add(name, 'Reshape', [product, sizes], { dtype: 'f32', shape })];
};

/** The sizes of the first operand, the last of them replaced, computed when the model runs. */
function keptSizes({ writer, node }: Writing, rank: number, last: number): Ref {
  const { name } = node.output;
  const type = (count: number) => ({ dtype: 'i32', shape: [count] }) as const;
  const whole = writer.add(`${name}/sizes`, 'Shape', [writer.of(node.inputs[0])], type(rank));
  const part = [writer.make(`${name}/first`, 'i32', [0]), writer.make(`${name}/count`, 'i32', [rank - 1])];
  const kept = writer.add(`${name}/kept`, 'Slice', [whole, ...part], type(rank - 1));
  const axis = writer.make(`${name}/axis`, 'i32', 0);
  return writer.add(`${name}/shape`, 'ConcatV2', [kept, writer.make(`${name}/last`, 'i32', [last]), axis], type(rank));
}

/** Weights `[O, H, W, I]` become `[H, W, O, I]`. */
const transposeConv: Write = (w) => {
  const { writer, node } = w;
  const [sizes, , x] = node.inputs;
  const { name, shape } = node.output;
  const { ref, factors } = filterOf(w, 1, 'TRANSPOSE', [1, 2, 0, 3]);
  const type = { dtype: 'f32', shape } as const;
  const inputs = [writer.of(sizes), ref, writer.of(x)];
  let y = writer.add(`${name}/Conv2DBackpropInput`, 'Conv2DBackpropInput', inputs, type, window(w));
  if (factors) y = writer.add(`${name}/scaled`, 'Mul', [y, factors], type);
  const bias = biasOf(w, 3);
  if (bias) y = writer.add(`${name}/BiasAdd`, 'BiasAdd', [y, bias], type);
  return [activated(w, y, activationOf(w))];
};

const pool =
  (op: string): Write =>
  (w) => {
    const { filterHeight, filterWidth } = w.options;
    const attrs = { ...window(w), ksize: [1, filterHeight as number, filterWidth as number, 1] };
    const x = w.writer.of(w.node.inputs[0]);
    const { name, shape } = w.node.output;
    return [activated(w, w.writer.add(name, op, [x], { dtype: 'f32', shape }, attrs), activationOf(w))];
  };

const conv3d: Write = (w) => {
  const { writer, node, options: o } = w;
  const { name, shape } = node.output;
  const type = { dtype: 'f32', shape } as const;
  const weight = weightOf(node.inputs[1]);
  const filter = weight ? writer.constant(node.inputs[1]?.name ?? name, realOf(weight)) : writer.of(node.inputs[1]);
  const numbers = (names: readonly string[]) => [1, ...names.map((n) => (o[n] as number | undefined) ?? 1), 1];
  let y = writer.add(`${name}/Conv3D`, 'Conv3D', [writer.of(node.inputs[0]), filter], type, {
    strides: numbers(['strideD', 'strideH', 'strideW']),
    dilations: numbers(['dilationDFactor', 'dilationHFactor', 'dilationWFactor']),
    padding: o.padding as string,
    data_format: 'NDHWC',
  });
  const bias = biasOf(w, 2);
  if (bias) y = writer.add(`${name}/bias_added`, 'AddV2', [y, bias], type);
  return [activated(w, y, activationOf(w))];
};

const batchMatMul: Write = (w) => {
  const { adjX, adjY } = w.options;
  const { name, dtype, shape } = w.node.output;
  return [w.writer.add(name, 'BatchMatMulV2', w.inputs, { dtype, shape }, { adj_x: !!adjX, adj_y: !!adjY })];
};

/** Layers with weights, and pools. */
export const layers: Readonly<Record<string, Write>> = {
  AVERAGE_POOL_2D: pool('AvgPool'),
  BATCH_MATMUL: batchMatMul,
  CONV_2D: conv2d,
  CONV_3D: conv3d,
  DEPTHWISE_CONV_2D: depthwise,
  FULLY_CONNECTED: fullyConnected,
  MAX_POOL_2D: pool('MaxPool'),
  TRANSPOSE_CONV: transposeConv,
};
