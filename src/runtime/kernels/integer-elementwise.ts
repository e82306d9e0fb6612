import { eachBroadcastRun } from '../../ops/broadcast.js';
import type { Affine } from '../../ops/integers.js';
import { findOp } from '../../ops/registry.js';
import { type Pointer, shifted } from '../buffers.js';
import {
  byteExtreme,
  byteLeakyRelu,
  bytePrelu,
  byteProduct,
  byteSquaredDifference,
  byteSum,
  isLeaky,
  isSummable,
  type Term,
} from '../emit/byte-functions.js';
import type { ByteGrid } from '../emit/bytes.js';
import {
  BYTE_STEP,
  type ByteFunction,
  type ByteRows,
  elementwiseBytesKey,
  emitElementwiseBytes,
  emitTableBytes,
} from '../emit/elementwise-bytes.js';
import type { Kernel, KernelBuilder, KernelNode, Operand } from '../kernel.js';
import { activationOf, byteAffine, gridOf } from './integers.js';

/** Factors of float arithmetic above are not taken: results would leave what can be rounded. */
const MAX_FACTOR = 64;

const inSteps = ({ scale, zeroPoint }: Affine, step: number): Term => ({
  factor: Math.fround(scale / step),
  zeroPoint,
});

/** Makes the function of two tensors; undefined when their scales are too far apart. */
type BinaryRule = (a: Affine, b: Affine, to: Affine) => ByteFunction | undefined;

const sum =
  (sign: 1 | -1): BinaryRule =>
  (a, b, to) => {
    const right = inSteps(b, to.scale);
    const terms = [inSteps(a, to.scale), { ...right, factor: sign * right.factor }];
    return isSummable(terms) ? byteSum(terms, to.zeroPoint) : undefined;
  };

const BINARY: Readonly<Record<string, BinaryRule>> = {
  ADD: sum(1),
  SUB: sum(-1),
  MUL(a, b, to) {
    const factor = Math.fround(Math.fround(a.scale * b.scale) / to.scale);
    return factor < MAX_FACTOR ? byteProduct(factor, [a.zeroPoint, b.zeroPoint], to.zeroPoint) : undefined;
  },
  SQUARED_DIFFERENCE(a, b, to) {
    const terms = [a, b].map((t) => inSteps(t, Math.sqrt(to.scale))) as [Term, Term];
    return terms.every((t) => t.factor < 4) ? byteSquaredDifference(...terms, to.zeroPoint) : undefined;
  },
  PRELU(a, b, to) {
    const slope = (a.scale * b.scale) / to.scale;
    const keep = a.scale / to.scale;
    if (Math.max(slope, keep) > MAX_FACTOR) return undefined;
    return bytePrelu(keep, slope, [a.zeroPoint, b.zeroPoint], to.zeroPoint);
  },
  MAXIMUM: () => byteExtreme('MAXIMUM'),
  MINIMUM: () => byteExtreme('MINIMUM'),
};

function binaryOf(node: KernelNode) {
  const [a, b] = node.inputs;
  const [left, right, to] = [byteAffine(a), byteAffine(b), byteAffine(node.outputs[0])];
  if (!a || !b || !left || !right || !to || left.dtype !== to.dtype || right.dtype !== to.dtype) return undefined;
  const f = BINARY[node.op]?.(left, right, to);
  return f && { a, b, f, grid: gridOf(to, activationOf(node)), isSigned: to.dtype === 'i8' };
}

const TABLES = {};

/** Where the runs of the operands begin, as they broadcast to the shape of the result. */
function broadcastRuns({ shape }: Operand, operands: readonly Operand[]) {
  const offsets: number[][] = operands.map(() => []);
  let length = 0;
  let steps: readonly number[] = [];
  eachBroadcastRun(
    shape,
    operands.map((o) => o.shape),
    (_, starts, count, innerSteps) => {
      for (const [i, list] of offsets.entries()) list.push(starts[i] as number);
      length = count;
      steps = innerSteps;
    },
  );
  return { offsets, length, steps };
}

/** Two tensors of bytes, as ADD and MUL take them, with broadcasting and a fused activation. */
const binary: Kernel = {
  ops: ['ADD', 'SUB', 'MUL', 'SQUARED_DIFFERENCE', 'PRELU', 'MAXIMUM', 'MINIMUM'],
  inPlace: [0, 1],

  accepts: (node) =>
    binaryOf(node) && node.outputs[0]!.count > 0 ? `elementwise_${node.outputs[0]?.dtype}` : undefined,

  build(node, to) {
    const { a, b, f, grid, isSigned } = binaryOf(node)!;
    const out = node.outputs[0]!;
    const { offsets, length, steps } = broadcastRuns(out, [a, b]);
    if (length === out.count) {
      mapRun(to, { operands: [a, b], splats: steps.map((s) => s === 0), out, grid }, f);
      return;
    }
    const rows: ByteRows[] = steps.map((step) => ({ isSigned, stride: 'table', isSplat: step === 0 }));
    const spec = { operands: rows, length, outStride: length, grid };
    const func = to.func(elementwiseBytesKey(spec, f), (module) => emitElementwiseBytes(module, spec, f));
    const tables = offsets.map((list) =>
      to.sharedData(TABLES, `offsets ${list}`, list.length * 4, (view) =>
        new Int32Array(view.buffer, view.byteOffset, list.length).set(list),
      ),
    );
    to.call(func, [a.pointer, b.pointer, ...tables, out.pointer], offsets[0]!.length, 1);
  },
};

interface Run {
  readonly operands: readonly Operand[];
  readonly splats: readonly boolean[];
  readonly out: Operand;
  readonly grid: ByteGrid;
}

/** Elements of a piece of a tensor that is one run. */
const PIECE = 16 * BYTE_STEP;

/** One run of elements, in pieces, so that threads can share it. The last step may run over the end. */
function mapRun(to: KernelBuilder, { operands, splats, out, grid }: Run, f: ByteFunction): void {
  const whole = Math.floor(out.count / PIECE);
  const rest = out.count - whole * PIECE;
  for (const [first, length, units] of [
    [0, PIECE, whole],
    [whole * PIECE, Math.ceil(rest / BYTE_STEP) * BYTE_STEP, rest > 0 ? 1 : 0],
  ] as const) {
    if (units === 0) continue;
    const rows = operands.map(({ dtype }, i): ByteRows => {
      const isSplat = splats[i] as boolean;
      return { isSigned: dtype === 'i8', stride: isSplat ? 0 : length, isSplat };
    });
    const spec = { operands: rows, length, outStride: length, grid };
    const func = to.func(elementwiseBytesKey(spec, f), (module) => emitElementwiseBytes(module, spec, f));
    const pointers = operands.map((o, i): Pointer => (splats[i] ? o.pointer : shifted(o.pointer, first)));
    to.call(func, [...pointers, ...operands.map(() => 0), shifted(out.pointer, first)], units, 1);
  }
}

/** Operators that only rescale and clamp, with the bounds of what they clamp to. */
const LINEAR: Readonly<Record<string, readonly [number, number]>> = {
  QUANTIZE: [-Infinity, Infinity],
  RELU: [0, Infinity],
  RELU6: [0, 6],
  RELU_0_TO_1: [0, 1],
  RELU_N1_TO_1: [-1, 1],
};

/** Rescaling of bytes: to other parameters, with a clamp where the operator has one. */
export function rescalingOf(input: Operand | undefined, output: Operand | undefined, op: string) {
  const from = byteAffine(input);
  const to = byteAffine(output);
  const bounds = LINEAR[op];
  if (!from || !to || !bounds) return undefined;
  const term = inSteps(from, to.scale);
  if (!isSummable([term])) return undefined;
  const bound = (x: number) => to.zeroPoint + Math.round(x / to.scale);
  const grid = {
    ...gridOf(to),
    low: Math.min(to.high, Math.max(to.low, bound(bounds[0]))),
    high: Math.max(to.low, Math.min(to.high, bound(bounds[1]))),
  };
  return { f: byteSum([term], to.zeroPoint), grid };
}

const rescaling: Kernel = {
  ops: ['QUANTIZE', 'RELU', 'RELU6', 'RELU_0_TO_1', 'RELU_N1_TO_1'],
  inPlace: [0],

  accepts: ({ op, inputs, outputs }) =>
    rescalingOf(inputs[0], outputs[0], op) && outputs[0]!.count > 0 ? `rescale_${outputs[0]?.dtype}` : undefined,

  build({ op, inputs, outputs }, to) {
    const [input, out] = [inputs[0]!, outputs[0]!];
    const { f, grid } = rescalingOf(input, out, op)!;
    mapRun(to, { operands: [input], splats: [false], out, grid }, f);
  },
};

function leakyOf({ inputs, outputs, options }: KernelNode) {
  const [from, to] = [byteAffine(inputs[0]), byteAffine(outputs[0])];
  if (!from || !to || from.dtype !== to.dtype || outputs[0]!.count === 0) return undefined;
  const above = from.scale / to.scale;
  const factors = [above, above * Number(options.alpha ?? 0)] as const;
  return isLeaky(factors) ? byteLeakyRelu(factors, from.zeroPoint, to.zeroPoint) : undefined;
}

/** LEAKY_RELU in 16 bits. */
const leakyRelu: Kernel = {
  ops: ['LEAKY_RELU'],
  inPlace: [0],
  accepts: (node) => (leakyOf(node) ? `leaky_relu_${node.outputs[0]?.dtype}` : undefined),

  build(node, to) {
    const [input, out] = [node.inputs[0]!, node.outputs[0]!];
    mapRun(to, { operands: [input], splats: [false], out, grid: gridOf(byteAffine(out)!) }, leakyOf(node)!);
  },
};

/** Square roots of negative numbers are errors that a table would not show. */
const POSITIVE = new Set(['SQRT', 'RSQRT']);

/** The results of an operator for all 256 bytes, by its reference kernel, in the order of the bits. */
function tableOf(node: KernelNode): Uint8Array {
  const [input, out] = [node.inputs[0]!, node.outputs[0]!];
  const bits = Uint8Array.from({ length: 256 }, (_, i) => i);
  const data = input.dtype === 'i8' ? new Int8Array(bits.buffer) : bits;
  const tensor = { dtype: input.dtype, shape: [256], data, quantization: input.quantization };
  const type = { dtype: out.dtype, shape: [256], quantization: out.quantization };
  const [result] = findOp(node.op)!.reference!([tensor], [type], node.options);
  return Uint8Array.from(result!.data as Int8Array);
}

/** Functions of one byte: a table of all of them. */
const tables: Kernel = {
  ops: [
    'ABS', 'COS', 'ELU', 'EXP', 'GELU', 'HARD_SWISH', 'LEAKY_RELU', 'LOG', 'LOGISTIC', 'NEG', 'RELU', 'RELU6',
    'RELU_0_TO_1', 'RELU_N1_TO_1', 'RSQRT', 'SIGN', 'SIN', 'SQRT', 'SQUARE', 'TANH', 'QUANTIZE',
  ], // biome-ignore format: a list
  inPlace: [0],

  accepts({ op, inputs, outputs }) {
    const from = byteAffine(inputs[0]);
    const to = byteAffine(outputs[0]);
    if (!from || !to || outputs[0]!.count === 0) return undefined;
    return POSITIVE.has(op) && from.zeroPoint > from.low ? undefined : `table_${from.dtype}`;
  },

  build(node, to) {
    const [input, out] = [node.inputs[0]!, node.outputs[0]!];
    const table = to.data(256, (view) => view.set(tableOf(node)));
    const func = to.func('table bytes', emitTableBytes);
    to.call(func, [input.pointer, table, out.pointer], Math.ceil(out.count / 4), BYTE_STEP);
  },
};

export const integerElementwise: readonly Kernel[] = [binary, rescaling, leakyRelu, tables];
