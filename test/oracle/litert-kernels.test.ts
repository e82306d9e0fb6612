import { expect, it } from 'vitest';
import type { Graph, Node } from '../../src/ir/graph.js';
import { parseGraphs } from '../../src/ir/parse.js';
import { findOp } from '../../src/ops/registry.js';
import { liteRtKernel } from '../../src/report/kernels.js';
import { loadLiteRt } from './litert.js';
import { modelBytes } from './model-bytes.js';

/** Types of activations in the graphs below. */
const TYPES = ['f32', 'i8', 'u8', 'i16'] as const;
type Type = (typeof TYPES)[number];

const tensor = (type: Type, shape: string, q?: string): string => {
  const scale = q ?? (type === 'i16' ? 'q(0.05, 0)' : 'q(0.05, 3)');
  return type === 'f32' ? `f32[${shape}]` : `${type}[${shape}] ${scale}`;
};

/** A node on `%x` (and `%z`) of `[1, 8, 8, 4]`, with the shape of its result. */
const small = (type: Type, node: string, shape = '1,8,8,4', constants = '', q?: string) =>
  `graph main(%x: ${tensor(type, '1,8,8,4')}, %z: ${tensor(type, '1,8,8,4')}) {
${constants}  %y = ${node} : ${tensor(type, shape, q)}
  return %y
}`;

const UNARY = [
  'ABS CEIL COS ELU EXP FLOOR HARD_SWISH LOG NEG RELU RELU6 RELU_0_TO_1 RELU_N1_TO_1 ROUND RSQRT SIGN SIN SQRT SQUARE',
  'GELU ZEROS_LIKE L2_NORMALIZATION LOCAL_RESPONSE_NORMALIZATION',
].flatMap((line) => line.split(' '));
const BINARY = 'ADD SUB MUL DIV MAXIMUM MINIMUM SQUARED_DIFFERENCE POW FLOOR_DIV FLOOR_MOD ATAN2 EQUAL LESS'.split(' ');
const REDUCTIONS = 'MEAN SUM REDUCE_MAX REDUCE_MIN REDUCE_PROD'.split(' ');
const POOLS = 'AVERAGE_POOL_2D MAX_POOL_2D L2_POOL_2D'.split(' ');

/** The scales that results of these must have. */
const FIXED: Readonly<Record<string, Readonly<Partial<Record<Type, string>>>>> = {
  LOGISTIC: { i8: 'q(0.00390625, -128)', u8: 'q(0.00390625, 0)', i16: 'q(0.000030517578125, 0)' },
  SOFTMAX: { i8: 'q(0.00390625, -128)', u8: 'q(0.00390625, 0)', i16: 'q(0.000030517578125, 0)' },
  TANH: { i8: 'q(0.0078125, 0)', u8: 'q(0.0078125, 128)', i16: 'q(0.000030517578125, 0)' },
};

const graphs: Readonly<Record<string, (type: Type) => string>> = {
  ...Object.fromEntries(UNARY.map((op) => [op, (t: Type) => small(t, `${op}(%x)`)])),
  ...Object.fromEntries(
    Object.keys(FIXED).map((op) => [op, (t: Type) => small(t, `${op}(%x)`, undefined, '', FIXED[op]?.[t])]),
  ),
  ...Object.fromEntries(
    BINARY.map((op) => [
      op,
      (t: Type) => {
        const text = small(t, `${op}(%x, %z)`);
        return op === 'EQUAL' || op === 'LESS' ? text.replace(/(\) : )\S+\](.*)/, '$1bool[1,8,8,4]') : text;
      },
    ]),
  ),
  ...Object.fromEntries(
    REDUCTIONS.map((op) => [op, (t: Type) => small(t, `${op}(%x, @a)`, '1,4', '  @a = const i32[2] [1, 2]\n')]),
  ),
  ...Object.fromEntries(
    POOLS.map((op) => [
      op,
      (t: Type) =>
        small(t, `${op}(%x) {padding: VALID, strideW: 2, strideH: 2, filterWidth: 2, filterHeight: 2}`, '1,4,4,4'),
    ]),
  ),
  LEAKY_RELU: (t) => small(t, 'LEAKY_RELU(%x) {alpha: 0.5}'),
  PRELU: (t) => small(t, 'PRELU(%x, @a)', undefined, `  @a = const ${tensor(t, '1,1,4')}\n`),
  RESHAPE: (t) => small(t, 'RESHAPE(%x, @a)', '4,64', '  @a = const i32[2] [4, 64]\n'),
  TRANSPOSE: (t) => small(t, 'TRANSPOSE(%x, @a)', '1,4,8,8', '  @a = const i32[4] [0, 3, 1, 2]\n'),
  PAD: (t) => small(t, 'PAD(%x, @a)', '1,10,10,4', '  @a = const i32[4,2] [0, 0, 1, 1, 1, 1, 0, 0]\n'),
  MIRROR_PAD: (t) => small(t, 'MIRROR_PAD(%x, @a)', '1,10,10,4', '  @a = const i32[4,2] [0, 0, 1, 1, 1, 1, 0, 0]\n'),
  RESIZE_BILINEAR: (t) =>
    small(t, 'RESIZE_BILINEAR(%x, @a) {halfPixelCenters: true}', '1,16,16,4', '  @a = const i32[2] [16, 16]\n'),
  RESIZE_NEAREST_NEIGHBOR: (t) =>
    small(t, 'RESIZE_NEAREST_NEIGHBOR(%x, @a)', '1,16,16,4', '  @a = const i32[2] [16, 16]\n'),
  DEPTH_TO_SPACE: (t) => small(t, 'DEPTH_TO_SPACE(%x) {blockSize: 2}', '1,16,16,1'),
  SPACE_TO_DEPTH: (t) => small(t, 'SPACE_TO_DEPTH(%x) {blockSize: 2}', '1,4,4,16'),
  SLICE: (t) =>
    small(t, 'SLICE(%x, @a, @b)', '1,4,4,4', '  @a = const i32[4] [0, 1, 1, 0]\n  @b = const i32[4] [1, 4, 4, 4]\n'),
  CONCATENATION: (t) => small(t, 'CONCATENATION(%x, %z) {axis: 3}', '1,8,8,8'),
  PACK: (t) => small(t, 'PACK(%x, %z) {valuesCount: 2, axis: 0}', '2,1,8,8,4'),
  GATHER: (t) => small(t, 'GATHER(%x, @a)', '2,8,8,4', '  @a = const i32[2] [0, 0]\n'),
};

const runtime = () => loadLiteRt();

/** Whether XNNPACK takes the only node; undefined when the runtime refuses the model. */
async function isOnXnnpack(text: string): Promise<boolean | undefined> {
  try {
    const model = await (await runtime()).load(modelBytes(text), 'xnnpack');
    const { isAllXnnpack } = model;
    model.delete();
    return isAllXnnpack;
  } catch {
    return undefined;
  }
}

const nodeOf = (text: string): Node => {
  const [graph] = parseGraphs(text, (op) => findOp(op)?.defaults ?? {});
  return [...(graph as Graph).nodes()].at(-1) as Node;
};
const isClaimed = (text: string): boolean => liteRtKernel(nodeOf(text)).kernel.startsWith('XNNPACK');

it.each(Object.keys(graphs))('%s is on XNNPACK for the types that its file names', async (op) => {
  const found = await Promise.all(TYPES.map((t) => isOnXnnpack(graphs[op]!(t))));
  const claimed = TYPES.map((t) => isClaimed(graphs[op]!(t)));
  expect(Object.fromEntries(TYPES.map((t, i) => [t, claimed[i]]))).toEqual(
    Object.fromEntries(TYPES.map((t, i) => [t, found[i] ?? false])),
  );
});

/** How weights are held -> the constants of a product, and the name of the weights as floats or integers. */
const HELD = {
  f32: (w: string, n: number) => `  @w = const f32[${w}]\n  @b = const f32[${n}]\n`,
  f16: (w: string, n: number) => `  @h = const f16[${w}]\n  @b = const f32[${n}]\n  %w = DEQUANTIZE(@h) : f32[${w}]\n`,
  hybrid: (w: string, n: number, axis: number) =>
    `  @w = const i8[${w}] q(${n} scales, axis ${axis})\n  @b = const f32[${n}]\n`,
  'hybrid-i4': (w: string, n: number, axis: number) =>
    `  @w = const i4[${w}] q(${n} scales, axis ${axis})\n  @b = const f32[${n}]\n`,
} as const;

const PRODUCTS = {
  FULLY_CONNECTED: (w: string) => `  %y = FULLY_CONNECTED(%x, ${w}, @b) : f32[4,32]\n`,
  CONV_2D: (w: string) => `  %y = CONV_2D(%x, ${w}, @b) {padding: SAME} : f32[1,8,8,32]\n`,
  DEPTHWISE_CONV_2D: (w: string) =>
    `  %y = DEPTHWISE_CONV_2D(%x, ${w}, @b) {padding: SAME, depthMultiplier: 1} : f32[1,8,8,32]\n`,
  TRANSPOSE_CONV: (w: string) =>
    `  @s = const i32[4] [1, 16, 16, 32]\n  %y = TRANSPOSE_CONV(@s, ${w}, %x, @b) {padding: SAME, strideW: 2, strideH: 2} : f32[1,16,16,32]\n`,
};
const SHAPES = {
  FULLY_CONNECTED: ['4,32', '32,32', 0],
  CONV_2D: ['1,8,8,32', '32,3,3,32', 0],
  DEPTHWISE_CONV_2D: ['1,8,8,32', '1,3,3,32', 3],
  TRANSPOSE_CONV: ['1,8,8,32', '32,2,2,32', 0],
} as const;

const products = Object.keys(PRODUCTS).flatMap((op) => Object.keys(HELD).map((held) => [op, held] as const));

it.each(products)('%s with %s weights is where its file says', async (op, held) => {
  const [input, filter, axis] = SHAPES[op as keyof typeof SHAPES];
  const constants = HELD[held as keyof typeof HELD](filter, 32, axis);
  const node = PRODUCTS[op as keyof typeof PRODUCTS](held === 'f16' ? '%w' : '@w');
  const text = `graph main(%x: f32[${input}]) {\n${constants}${node}  return %y\n}`;
  expect(isClaimed(text)).toBe((await isOnXnnpack(text)) ?? false);
});
