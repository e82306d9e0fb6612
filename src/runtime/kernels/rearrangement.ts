import { elementCount, type Shape, type Tensor, type TensorData } from '../../ir/tensor.js';
import { requireOp } from '../../ops/build.js';
import { emitGatherCells, emitMoveRuns, gatherKey, RUN_ENTRY } from '../emit/move-runs.js';
import type { Kernel, KernelNode, Operand } from '../kernel.js';
import { elementBytes, memoryBytes } from '../operands.js';

/** The input as cells of elements that stay together: its shape with one axis less of them, and the other inputs. */
interface Cells {
  readonly shape: Shape;
  /** Elements of a cell. */
  readonly elements: number;
  readonly others: readonly (Tensor | undefined)[];
}

const product = (sizes: readonly number[]): number => sizes.reduce((n, d) => n * d, 1);
const tensorOf = (operand: Operand | undefined): Tensor | undefined => operand?.constant?.tensor();
const numbersOf = (operand: Operand | undefined): number[] =>
  Array.from((tensorOf(operand)?.data ?? []) as ArrayLike<number | bigint>, Number);
const i32Tensor = (shape: Shape, data: readonly number[]): Tensor => ({
  dtype: 'i32',
  shape,
  data: Int32Array.from(data),
});

/** All axes from `rank` on are one cell. */
const innermost = (shape: Shape, rank: number, others: Cells['others']): Cells => ({
  shape: [...shape.slice(0, rank), 1],
  elements: product(shape.slice(rank)),
  others,
});

function padded({ inputs: [input, paddings] }: KernelNode): Cells {
  const amounts = numbersOf(paddings);
  let rank = input!.shape.length;
  while (rank > 0 && amounts[2 * rank - 1] === 0 && amounts[2 * rank - 2] === 0) rank--;
  const rows = i32Tensor([rank + 1, 2], [...amounts.slice(0, 2 * rank), 0, 0]);
  return innermost(input!.shape, rank, [rows, i32Tensor([], [0])]);
}

const spaced = ({ inputs: [input, block, amounts] }: KernelNode): Cells =>
  innermost(input!.shape, numbersOf(block).length + 1, [tensorOf(block), tensorOf(amounts)]);

/** How the operators see their cells. */
const CELLS: Readonly<Record<string, (node: KernelNode) => Cells>> = {
  PAD: padded,
  PADV2: padded,
  MIRROR_PAD: padded,
  SPACE_TO_DEPTH: ({ inputs: [input] }) => innermost(input!.shape, 3, []),
  DEPTH_TO_SPACE({ inputs: [input], options }) {
    const cells = (options.blockSize as number) ** 2;
    const [n = 0, h = 0, w = 0, c = 0] = input!.shape;
    return { shape: [n, h, w, cells], elements: c / cells, others: [] };
  },
  SPACE_TO_BATCH_ND: spaced,
  BATCH_TO_SPACE_ND: spaced,
  RESIZE_NEAREST_NEIGHBOR: ({ inputs: [input, size] }) => innermost(input!.shape, 3, [tensorOf(size)]),
};

/** Neighbouring bytes that move together. */
interface Run {
  readonly to: number;
  /** -1: they are filled. */
  readonly from: number;
  bytes: number;
}

/** Where the bytes of the result come from: the operator's reference kernel moves the numbers of the cells to tell. */
function runsOf(node: KernelNode, cells: Cells): Run[] {
  const count = elementCount(cells.shape);
  const numbers = i32Tensor(
    cells.shape,
    Array.from({ length: count }, (_, i) => i + 1),
  );
  const types = [{ dtype: 'i32' as const, shape: undefined }];
  const [moved] = requireOp(node.op).reference!([numbers, ...cells.others], types, node.options);
  const bytes = cells.elements * elementBytes(node.inputs[0]!.dtype);
  const runs: Run[] = [];
  for (const [i, number] of (moved!.data as Int32Array).entries()) {
    const from = number === 0 ? -1 : (number - 1) * bytes;
    const last = runs.at(-1);
    const follows = last && (from === -1 ? last.from === -1 : last.from >= 0 && last.from + last.bytes === from);
    if (follows) last.bytes += bytes;
    else runs.push({ to: i * bytes, from, bytes });
  }
  return runs;
}

/** Sixteen bytes of what fills the room: the value of PADV2, else what stands for zero. */
function fillOf({ op, inputs: [input, , value] }: KernelNode): number[] {
  const { dtype, quantization } = input!;
  const zero = new Uint8Array(16).fill(quantization?.zeroPoint[0] ?? 0);
  if (op !== 'PADV2') return [...(elementBytes(dtype) === 1 ? zero : new Uint8Array(16))];
  const bytes = memoryBytes(dtype, value!.constant!.data() as TensorData);
  return Array.from({ length: 16 }, (_, i) => bytes[i % elementBytes(dtype)]!);
}

/** Operators that move the elements of their first input to places that the other, constant ones say. */
export const rearrangement: Kernel = {
  ops: [
    'PAD',
    'PADV2',
    'MIRROR_PAD',
    'SPACE_TO_DEPTH',
    'DEPTH_TO_SPACE',
    'SPACE_TO_BATCH_ND',
    'BATCH_TO_SPACE_ND',
    'RESIZE_NEAREST_NEIGHBOR',
  ],

  accepts({ inputs: [input, ...others], outputs: [output] }) {
    if (!input || !output || ![1, 2, 4, 8].includes(elementBytes(input.dtype))) return undefined;
    return input.count > 0 && output.count > 0 && others.every((o) => o?.constant) ? 'move' : undefined;
  },

  build(node, to) {
    const { pointer: x } = node.inputs[0]!;
    const { pointer: out } = node.outputs[0]!;
    const runs = runsOf(node, CELLS[node.op]!(node));
    const [first] = runs;
    const isEven = runs.every(({ from, bytes }) => from >= 0 && bytes === first!.bytes);
    const entries = isEven ? runs.map((r) => [r.from]) : runs.map((r) => [r.to, r.from, r.bytes]);
    const table = to.data(runs.length * (isEven ? 4 : RUN_ENTRY), (view) =>
      new Int32Array(view.buffer, view.byteOffset, entries.length * entries[0]!.length).set(entries.flat()),
    );
    if (isEven) {
      const { bytes } = first!;
      const gather = to.func(gatherKey(bytes), (module) => emitGatherCells(module, bytes));
      to.call(gather, [x, out, table], runs.length, 1);
      return;
    }
    const fill = fillOf(node);
    const step = runs.every(({ bytes }) => bytes % 4 === 0) ? 4 : 1;
    const move = to.func(`move runs ${fill} ${step}`, (module) => emitMoveRuns(module, fill, step));
    to.call(move, [x, out, table], runs.length, 1);
  },
};
