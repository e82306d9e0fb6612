import type { Node, Value } from '../../../ir/graph.js';

/** A part of a matrix: rows are output channels, columns input channels. */
export interface Block {
  readonly row: number;
  readonly rows: number;
  readonly column: number;
  readonly columns: number;
}

/** One term of a sum: a part of constant weights times a vector, or a part of a constant. */
export type Term =
  | { readonly kind: 'product'; readonly source: Value; readonly weights: Value; readonly block: Block }
  | { readonly kind: 'constant'; readonly value: Value; readonly from: number };

/**
 * The last axis of a value, from element `from` on, as a sum of products with constant weights and of constants: through
 * additions, parts of a vector, dense layers, and vectors put together in front of them. Undefined for anything else.
 */
export function linearTerms(value: Value, from: number, count: number): readonly Term[] | undefined {
  if (value.constant) {
    const size = value.constant.shape.at(-1) ?? 1;
    const isVector = value.constant.count === size;
    return isVector && value.dtype === 'f32' ? [{ kind: 'constant', value, from: size === 1 ? 0 : from }] : undefined;
  }
  const node = value.producer;
  if (!node) return undefined;
  const [first, second] = node.inputs;
  if (!first) return undefined;
  switch (node.op) {
    case 'ADD': {
      const parts = second && isPlain(node) && [first, second].map((v) => linearTerms(v, from, count));
      const [a, b] = parts || [];
      return a && b && [...a, ...b];
    }
    case 'RESHAPE':
      return lastSize(first) === lastSize(value) ? linearTerms(first, from, count) : undefined;
    case 'SPLIT':
      return second && isLast(first, second) ? linearTerms(second, offset(node, value) + from, count) : undefined;
    case 'SPLIT_V':
    case 'SLICE':
    case 'STRIDED_SLICE': {
      const begin = beginOf(node, value);
      return begin === undefined ? undefined : linearTerms(first, begin + from, count);
    }
    case 'FULLY_CONNECTED':
      return denseTerms(node, from, count);
    default:
      return undefined;
  }
}

const isPlain = (node: Node): boolean => (node.options.fusedActivationFunction ?? 'NONE') === 'NONE';
const lastSize = (value: Value): number => value.shape?.at(-1) ?? -1;
const offset = (node: Node, value: Value): number => value.outputIndex * lastSize(node.output);

/** Whether a constant axis is the last one of a value. */
function isLast(axis: Value, value: Value): boolean {
  const at = axis.constant?.numbers()[0];
  return at !== undefined && (at === -1 || at + 1 === value.shape?.length);
}

/** Where a part of a vector begins, when it leaves all other axes whole. */
function beginOf(node: Node, value: Value): number | undefined {
  const [whole, begins, third] = node.inputs;
  if (!whole || whole.shape?.length !== value.shape?.length || !begins?.constant) return undefined;
  const sameElsewhere = whole.shape?.slice(0, -1).every((d, i) => d === value.shape?.[i]);
  if (!sameElsewhere) return undefined;
  const numbers = begins.constant.numbers();
  if (node.op === 'SPLIT_V')
    return third && isLast(third, whole) ? numbers.slice(0, value.outputIndex).reduce((a, b) => a + b, 0) : undefined;
  const last = numbers.length - 1;
  if (node.op === 'SLICE') return numbers[last];
  const steps = node.inputs[3]?.constant?.numbers();
  if (!steps?.every((s) => s === 1)) return undefined;
  const isFromStart = ((Number(node.options.beginMask) >> last) & 1) === 1;
  const begin = isFromStart ? 0 : (numbers[last] as number);
  return begin < 0 ? begin + lastSize(whole) : begin;
}

function denseTerms(node: Node, row: number, rows: number): readonly Term[] | undefined {
  const [input, weights, bias] = node.inputs;
  if (!input || weights?.constant?.shape.length !== 2 || weights.dtype !== 'f32' || !isPlain(node)) return undefined;
  const terms: Term[] = bias?.constant ? [{ kind: 'constant', value: bias, from: row }] : [];
  let column = 0;
  for (const source of partsOf(input)) {
    const columns = lastSize(source);
    terms.push({ kind: 'product', source: stripped(source), weights, block: { row, rows, column, columns } });
    column += columns;
  }
  return column === weights.constant.shape[1] ? terms : undefined;
}

/** The vectors that are put together to a longer one. */
function partsOf(value: Value): readonly Value[] {
  const node = value.producer;
  if (node?.op !== 'CONCATENATION') return [value];
  const axis = Number(node.options.axis);
  const isLastAxis = axis === -1 || axis + 1 === value.shape?.length;
  return isLastAxis ? node.inputs.filter((v) => v !== undefined) : [value];
}

/** What a reshape that keeps the last axis was made of. */
function stripped(value: Value): Value {
  const source = value.producer?.op === 'RESHAPE' ? value.producer.inputs[0] : undefined;
  return source && lastSize(source) === lastSize(value) ? stripped(source) : value;
}
