import { normalizeAxis } from '../../ops/shapes.js';
import type { BuiltinName } from '../../schema/tflite.gen.js';
import { f32x4, i32x4 } from '../../wasm/instructions.js';
import type { Pointer } from '../buffers.js';
import {
  type ArgElement,
  columnBlock,
  emitArgRows,
  emitReduceColumns,
  emitReduceRows,
  type Reduction,
} from '../emit/reduce.js';
import type { Kernel, KernelBuilder, KernelNode, Operand } from '../kernel.js';

const FLOATS: Readonly<Record<string, Reduction>> = {
  SUM: { key: 'sum', join: f32x4.add, neutral: f32x4.const(0) },
  MEAN: { key: 'sum', join: f32x4.add, neutral: f32x4.const(0) },
  REDUCE_MAX: { key: 'max', join: (sum, x) => f32x4.pmax(sum, x), neutral: f32x4.const(-Infinity) },
  REDUCE_MIN: { key: 'min', join: (sum, x) => f32x4.pmin(sum, x), neutral: f32x4.const(Infinity) },
  REDUCE_PROD: { key: 'prod', join: f32x4.mul, neutral: f32x4.const(1) },
};

const INTEGERS: Readonly<Record<string, Reduction>> = {
  SUM: { key: 'i32 sum', join: i32x4.add, neutral: i32x4.const(0) },
  REDUCE_MAX: { key: 'i32 max', join: i32x4.maxS, neutral: i32x4.const(-0x80000000) },
  REDUCE_MIN: { key: 'i32 min', join: i32x4.minS, neutral: i32x4.const(0x7fffffff) },
  REDUCE_PROD: { key: 'i32 prod', join: i32x4.mul, neutral: i32x4.const(1) },
};

/** Neighbouring axes that are all reduced, or all kept. */
interface AxisGroup {
  readonly size: number;
  readonly isReduced: boolean;
}

/** The axes in as few groups as possible; axes of size 1 count for nothing. */
function groupsOf(shape: readonly number[], reduced: ReadonlySet<number>): AxisGroup[] {
  const groups: AxisGroup[] = [];
  for (const [i, size] of shape.entries()) {
    if (size === 1) continue;
    const isReduced = reduced.has(i);
    const last = groups.at(-1);
    if (last?.isReduced === isReduced) groups[groups.length - 1] = { size: last.size * size, isReduced };
    else groups.push({ size, isReduced });
  }
  return groups;
}

interface Task {
  readonly reduction: Reduction;
  readonly groups: readonly AxisGroup[];
}

function taskOf({ op, inputs: [input, axes], outputs: [output] }: KernelNode): Task | undefined {
  if (!input || !output || !axes?.constant || input.dtype !== output.dtype || input.count === 0) return undefined;
  const table = input.dtype === 'f32' ? FLOATS : input.dtype === 'i32' && !input.quantization ? INTEGERS : undefined;
  const reduction = table?.[op];
  if (!reduction) return undefined;
  const list = Array.from(axes.constant.data() as ArrayLike<number | bigint>, Number);
  const reduced = new Set(list.map((a) => normalizeAxis(a, input.shape.length)));
  const groups = groupsOf(input.shape, reduced);
  // Without one the result is the input under another shape: rows of one element.
  if (!groups.some((g) => g.isReduced)) groups.push({ size: 1, isReduced: true });
  return { reduction: op === 'MEAN' ? { ...reduction, scale: output.count / input.count } : reduction, groups };
}

const product = (groups: readonly AxisGroup[]): number => groups.reduce((n, { size }) => n * size, 1);

/** Reduces one group of axes: all before it are matrices, all behind it columns. */
function reduceGroup(
  to: KernelBuilder,
  reduction: Reduction,
  groups: readonly AxisGroup[],
  at: number,
  x: Pointer,
  out: Pointer,
): void {
  const matrices = product(groups.slice(0, at));
  const rows = (groups[at] as AxisGroup).size;
  const columns = product(groups.slice(at + 1));
  const key = `reduce ${reduction.key} ${reduction.scale} ${rows} ${columns}`;
  if (columns === 1) {
    const func = to.func(key, (module) => emitReduceRows(module, reduction, rows));
    to.call(func, [x, out], matrices, 1);
  } else {
    const func = to.func(key, (module) => emitReduceColumns(module, reduction, rows, columns));
    to.call(func, [x, out], matrices * Math.ceil(columns / columnBlock(columns)), 1);
  }
}

/** Sums, means, products and extremes along any axes: one group of neighbouring axes after the other, the last first. */
const reductions: Kernel = {
  ops: Object.keys(FLOATS) as BuiltinName[],

  accepts: (node) => (taskOf(node) ? `reduce_${node.inputs[0]?.dtype}` : undefined),

  build(node, to) {
    const task = taskOf(node)!;
    let { groups } = task;
    let x = node.inputs[0]!.pointer;
    for (;;) {
      const at = groups.findLastIndex((g) => g.isReduced);
      const rest = groups.filter((_, i) => i !== at);
      const isLast = !rest.some((g) => g.isReduced);
      const out = isLast ? node.outputs[0]!.pointer : to.scratch(product(rest) * 4);
      const { scale: _, ...unscaled } = task.reduction;
      reduceGroup(to, isLast ? task.reduction : unscaled, groups, at, x, out);
      if (isLast) return;
      groups = rest;
      x = out;
    }
  },
};

/** Size of the last axis, when that is the one in which an extreme is looked for. */
function argSize({ inputs: [input, axis] }: KernelNode): number | undefined {
  if (!input || !/^(f32|[iu]8)$/.test(input.dtype) || !axis?.constant || input.count === 0) return undefined;
  const at = normalizeAxis(Number(axis.constant.data()[0]), input.shape.length);
  return at === input.shape.length - 1 ? input.shape.at(-1) : undefined;
}

const argBytes = (output: Operand | undefined): 4 | 8 => (output?.dtype === 'i64' ? 8 : 4);

/** Places of the greatest or least floats, or bytes, along the last axis. */
const argExtremes: Kernel = {
  ops: ['ARG_MAX', 'ARG_MIN'],

  accepts: (node) => (argSize(node) === undefined ? undefined : `arg_rows_${node.inputs[0]?.dtype}`),

  build(node, to) {
    const size = argSize(node)!;
    const [output] = node.outputs;
    const bytes = argBytes(output);
    const input = node.inputs[0]!;
    const dtype = input.dtype as ArgElement;
    const func = to.func(`${node.op} ${size} ${bytes} ${dtype}`, (module) =>
      emitArgRows(module, node.op === 'ARG_MIN', size, bytes, dtype),
    );
    to.call(func, [input.pointer, output!.pointer], output!.count, 1);
  },
};

export const reduceKernels: readonly Kernel[] = [reductions, argExtremes];
