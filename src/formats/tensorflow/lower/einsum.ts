import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import type { Lower, Lowering } from './context.js';
import { batchProduct } from './matmul.js';
import { product, reshape, type Size, sizesOf, transpose } from './shapes.js';

type Labels = readonly string[];

/** A value and the label of each of its axes. */
interface Operand {
  readonly value: Value;
  readonly labels: Labels;
}

const unsupported = (message: string): ModelError => new ModelError('unsupported', message);

/** A sum of products over labelled axes, as transpositions, sums and one product of matrices. */
const einsum: Lower = (c) => {
  const equation = c.attrs.string('equation').replace(/\s/g, '');
  const [left = '', right] = equation.split('->');
  const terms = left.split(',');
  if (right === undefined || terms.length !== c.inputs.length || terms.length > 2)
    throw unsupported(`has the equation '${equation}'; one or two operands and a result are expected.`);
  const operands = terms.map((term, i) => operandOf(c, term, c.input(i), equation));
  const result = labelsOf(right, Math.max(...operands.map((o) => ellipsisRank(o.labels))));
  const [a, b] = operands as [Operand, Operand | undefined];
  const summed = b ? contract(c, a, b, result) : sumOthers(c, a, result);
  return [arrange(c, summed, result).value];
};

/** The labels of an ellipsis are `.1`, `.2`, … counted from the right. */
const ellipsisRank = (labels: Labels): number => labels.filter((l) => l.startsWith('.')).length;

function labelsOf(term: string, ellipsis: number): string[] {
  const dots = Array.from({ length: ellipsis }, (_, i) => `.${ellipsis - i}`);
  const [before = '', behind] = term.split('...');
  return behind === undefined ? [...before] : [...before, ...dots, ...behind];
}

function operandOf(c: Lowering, term: string, value: Value, equation: string): Operand {
  const rank = c.rank(value, `'${value.name}'`);
  const named = term.replace('...', '').length;
  const labels = labelsOf(term, Math.max(0, rank - named));
  if (labels.length !== rank) throw new ModelError('invalid-graph', `'${equation}' does not fit [${value.shape}]`);
  if (new Set(labels).size !== labels.length) throw unsupported(`takes a diagonal: '${equation}' repeats a label.`);
  return { value, labels };
}

/** Sums over the axes whose labels are not among `kept`. */
function sumOthers(c: Lowering, { value, labels }: Operand, kept: Labels): Operand {
  const axes = labels.flatMap((l, i) => (kept.includes(l) ? [] : [i]));
  if (axes.length === 0) return { value, labels };
  const sum = c.emit('SUM', [value, c.i32(axes)], { keepDims: false });
  return { value: sum, labels: labels.filter((l) => kept.includes(l)) };
}

function arrange(c: Lowering, { value, labels }: Operand, wanted: Labels): Operand {
  const order = wanted.map((l) => labels.indexOf(l));
  if (order.includes(-1)) throw new ModelError('invalid-graph', 'the result has a label that no operand has');
  return { value: transpose(c, value, order), labels: wanted };
}

/** The product of two operands, with its axes in the order batch, free axes of the first, free axes of the second. */
function contract(c: Lowering, first: Operand, second: Operand, result: Labels): Operand {
  const a = sumOthers(c, first, [...second.labels, ...result]);
  const b = sumOthers(c, second, [...first.labels, ...result]);
  const shared = a.labels.filter((l) => b.labels.includes(l));
  const batch = shared.filter((l) => result.includes(l));
  // Constant weights come second: then they are those of a dense layer.
  if (batch.length === 0 && a.value.constant && !b.value.constant) return contract(c, b, a, result);
  const inner = shared.filter((l) => !result.includes(l));
  const freeA = a.labels.filter((l) => !shared.includes(l));
  const freeB = b.labels.filter((l) => !shared.includes(l));
  const x = arrange(c, a, [...batch, ...freeA, ...inner]).value;
  const y = arrange(c, b, [...batch, ...inner, ...freeB]).value;
  const labels = [...batch, ...freeA, ...freeB];
  if (inner.length === 0) return { value: outer(c, x, y, batch.length, freeA.length, freeB.length), labels };
  return { value: multiply(c, x, y, batch.length, freeA.length, freeB.length), labels };
}

/** Without a common axis to sum over, the operands meet by broadcasting. */
function outer(c: Lowering, x: Value, y: Value, batch: number, freeA: number, freeB: number): Value {
  const ones = (n: number) => new Array<number>(n).fill(1);
  const [sx, sy] = [sizesOf(c, x), sizesOf(c, y)];
  const wide = freeB === 0 ? x : reshape(c, x, [...sx, ...ones(freeB)]);
  const tall = freeA === 0 ? y : reshape(c, y, [...sy.slice(0, batch), ...ones(freeA), ...sy.slice(batch)]);
  return c.emit('MUL', [wide, tall]);
}

/** `x` is `[batch…, freeA…, inner…]`, `y` `[batch…, inner…, freeB…]`; each group becomes one axis where it has to. */
function multiply(c: Lowering, x: Value, y: Value, batch: number, freeA: number, freeB: number): Value {
  const [sx, sy] = [sizesOf(c, x), sizesOf(c, y)];
  const sizesB = sx.slice(0, batch);
  const rows = sx.slice(batch, batch + freeA);
  const columns = sy.slice(sy.length - freeB);
  const depth = sx.length - batch - freeA;
  const keepRows = batch === 0 && freeA > 0;
  const group = (sizes: readonly Size[]): Size => product(c, sizes);
  const lhs = [...sizesB, ...(keepRows ? rows : [group(rows)]), group(sx.slice(batch + freeA))];
  const rhs = [...sy.slice(0, batch), group(sy.slice(batch, batch + depth)), group(columns)];
  const isPlain = (free: number) => free === 1 && depth === 1;
  const p = keepRows ? (depth === 1 ? x : reshape(c, x, lhs)) : isPlain(freeA) ? x : reshape(c, x, lhs);
  const q = freeB === 1 && depth === 1 ? y : reshape(c, y, rhs);
  const all = batchProduct(c, p, q, { transposeA: false, transposeB: false });
  if (freeB === 1 && (keepRows || freeA === 1)) return all;
  return reshape(c, all, [...batchSizes(sizesB, sy), ...rows, ...columns]);
}

/** Batch axes of the result: of two sizes, the one that is not 1. */
const batchSizes = (a: readonly Size[], b: readonly Size[]): Size[] => a.map((s, i) => (s === 1 ? (b[i] as Size) : s));

/** Sums of products over labelled axes. */
export const einsums: Readonly<Record<string, Lower>> = { Einsum: einsum };
