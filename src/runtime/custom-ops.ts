import { ModelError } from '../errors.js';
import { Constant } from '../ir/constant.js';
import { Node, Value, type ValueType } from '../ir/graph.js';
import { isStatic, type Tensor } from '../ir/tensor.js';

type Inputs = readonly (Value | undefined)[];

/** Custom operators that are builtin ones under another name. */
const BUILTINS: Readonly<Record<string, (node: Node, inputs: Inputs, options: DataView) => Node | undefined>> = {
  Convolution2DTransposeBias: transposeConv,
};

/** Custom operators that have kernels here: `kernels/custom-kernels.ts` fills it when it is loaded. */
export const customKernels = new Map<string, CustomKernel>();

/** What computes a custom operator. */
export interface CustomKernel {
  /** Types of the outputs, which files need not know. */
  types(options: Uint8Array): readonly ValueType[];
  run(inputs: readonly (Tensor | undefined)[], options: Uint8Array): readonly Tensor[];
}

const kernelOf = ({ customCode = '' }: Node): CustomKernel | undefined => customKernels.get(customCode);

/** Whether a custom node runs. */
export const hasCustomKernel = (node: Node): boolean => kernelOf(node) !== undefined;

/** Types of the outputs of a custom node; none where nothing is known of it. */
export const customTypes = (node: Node): readonly ValueType[] =>
  kernelOf(node)?.types(node.customOptions ?? new Uint8Array()) ?? [];

/** Runs a custom node. @throws {ModelError} `unsupported` when it has no kernel here. */
export function runCustom(node: Node, inputs: readonly (Tensor | undefined)[]): readonly Tensor[] {
  const kernel = kernelOf(node);
  if (kernel) return kernel.run(inputs, node.customOptions ?? new Uint8Array());
  const flex = /^Flex(\w+)$/.exec(node.customCode ?? '')?.[1];
  throw new ModelError(
    'unsupported',
    flex === undefined
      ? 'this custom operator has no kernel here. Convert the model without it.'
      : `TensorFlow's operation ${flex} has no kernel here; it runs with the Flex delegate of LiteRT alone. Convert the ` +
          'SavedModel or Keras file that the model was made of: many such operations become builtin operators.',
  );
}

/** A custom node as the builtin one that computes the same; undefined for any other. */
export function asBuiltin(node: Node, inputs: Inputs): Node | undefined {
  const { customOptions } = node;
  if (node.op !== 'CUSTOM' || !node.customCode || !customOptions) return undefined;
  const view = new DataView(customOptions.buffer, customOptions.byteOffset, customOptions.byteLength);
  return BUILTINS[node.customCode]?.(node, inputs, view);
}

/** `TfLitePadding` of the C interface: 0 is unknown. */
const PADDINGS = [undefined, 'SAME', 'VALID'] as const;

/**
 * MediaPipe's transposed convolution: input, weights `[O, KH, KW, C]`, bias. Its options are the first fields of the struct
 * `TfLiteTransposeConvParams`: padding, stride across, stride down, 32 bits each.
 */
function transposeConv(node: Node, [input, weights, bias]: Inputs, options: DataView): Node | undefined {
  if (!isStatic(input?.shape) || !isStatic(weights?.shape) || options.byteLength < 12) return undefined;
  const padding = PADDINGS[options.getInt32(0, true)];
  const strideW = options.getInt32(4, true);
  const strideH = options.getInt32(8, true);
  if (!padding || strideW < 1 || strideH < 1) return undefined;
  const [n = 0, h = 0, w = 0] = input.shape;
  const [filters = 0, kh = 0, kw = 0] = weights.shape;
  const size = (cells: number, stride: number, kernel: number) =>
    padding === 'SAME' ? cells * stride : (cells - 1) * stride + kernel;
  const shape = [n, size(h, strideH, kh), size(w, strideW, kw), filters];
  const recorded = node.output.shape;
  if (isStatic(recorded) && String(recorded.slice(1)) !== String(shape.slice(1))) return undefined;
  return new Node({
    op: 'TRANSPOSE_CONV',
    name: node.name,
    inputs: [Value.constant(`${node.name} shape`, Constant.i32(shape)), weights, input, bias],
    outputs: node.outputs,
    options: { padding, strideH, strideW },
  });
}
