import { Constant } from '../../../ir/constant.js';
import type { Node, Value } from '../../../ir/graph.js';
import type { Lowering } from './context.js';
import { type Block, linearTerms, type Term } from './linear.js';

/** What goes into an activation: weights for the step's input and for the last output, and a bias. */
export interface Gate {
  /** `[U, I]` */
  readonly weights: Value;
  /** `[U, U]` */
  readonly recurrent: Value;
  /** `[U]` */
  readonly bias: Value;
}

/** Gates of a long short-term memory, or the one of a plain recurrent cell. */
export type Cell =
  | { readonly kind: 'lstm'; readonly input: Sum; readonly forget: Sum; readonly cell: Sum; readonly output: Sum }
  | { readonly kind: 'plain'; readonly activation: string; readonly sum: Sum };
type Sum = readonly Term[];

const producer = (value: Value | undefined, op: string): Node | undefined =>
  value?.producer?.op === op && (value.producer.options.fusedActivationFunction ?? 'NONE') === 'NONE'
    ? value.producer
    : undefined;

/** Both ways round of the two operands of a node. */
function* pairs(node: Node | undefined): Generator<readonly [Value, Value]> {
  const [a, b] = node?.inputs ?? [];
  if (!a || !b) return;
  yield [a, b];
  yield [b, a];
}

/**
 * `h' = sigmoid(o) * tanh(c')` with `c' = sigmoid(f) * c + sigmoid(i) * tanh(g)`: the sums o, f, i and g. Undefined when
 * the values are computed in another way.
 */
export function lstmCellOf(output: Value, state: Value, before: Value): Cell | undefined {
  const units = output.shape?.at(-1) ?? -1;
  const sum = (op: string, value: Value) => {
    const input = producer(value, op)?.inputs[0];
    return input && linearTerms(input, 0, units);
  };
  for (const [gate, activated] of pairs(producer(output, 'MUL'))) {
    const o = sum('LOGISTIC', gate);
    if (!o || producer(activated, 'TANH')?.inputs[0] !== state) continue;
    for (const [kept, added] of pairs(producer(state, 'ADD')))
      for (const [forget, previous] of pairs(producer(kept, 'MUL')))
        for (const [input, fresh] of pairs(producer(added, 'MUL'))) {
          if (previous !== before) continue;
          const [f, i, g] = [sum('LOGISTIC', forget), sum('LOGISTIC', input), sum('TANH', fresh)];
          if (f && i && g) return { kind: 'lstm', input: i, forget: f, cell: g, output: o };
        }
  }
  return undefined;
}

/** `h' = activation(sum)`. */
export function plainCellOf(output: Value): Cell | undefined {
  const units = output.shape?.at(-1) ?? -1;
  for (const activation of ['TANH', 'RELU', 'RELU6']) {
    const input = producer(output, activation)?.inputs[0];
    const sum = input && linearTerms(input, 0, units);
    if (sum) return { kind: 'plain', activation, sum };
  }
  return undefined;
}

/** The weights of a sum over the step's input and the last output; undefined when it has other terms. */
export function gateOf(c: Lowering, sum: Sum, input: Value, last: Value, units: number): Gate | undefined {
  const weightsOf = (source: Value) => {
    const terms = sum.filter((t) => t.kind === 'product' && t.source === source);
    const [term] = terms;
    return terms.length === 1 && term?.kind === 'product' ? blockOf(c, term.weights, term.block) : undefined;
  };
  const known = sum.every((t) => t.kind === 'constant' || t.source === input || t.source === last);
  const [weights, recurrent] = known ? [weightsOf(input), weightsOf(last)] : [];
  if (!weights || !recurrent || recurrent.shape?.[1] !== units) return undefined;
  return { weights, recurrent, bias: biasOf(c, sum, units) };
}

/** A part of a weight matrix. */
function blockOf(c: Lowering, weights: Value, { row, rows, column, columns }: Block): Value {
  const { constant } = weights;
  const [, width = 0] = constant?.shape ?? [];
  const read = () => {
    const from = constant?.data() as Float32Array;
    const data = new Float32Array(rows * columns);
    for (let r = 0; r < rows; r++) {
      const start = (row + r) * width + column;
      data.set(from.subarray(start, start + columns), r * columns);
    }
    return data;
  };
  const key = `rows ${row} ${rows} columns ${column} ${columns}`;
  return c.derive(weights, key, () => Constant.lazy('f32', [rows, columns], read));
}

/** The sum of all constants. */
function biasOf(c: Lowering, sum: Sum, units: number): Value {
  const data = new Float32Array(units);
  for (const term of sum) {
    if (term.kind !== 'constant') continue;
    const numbers = term.value.constant?.data() as Float32Array;
    for (let i = 0; i < units; i++)
      data[i] = (data[i] as number) + (numbers[numbers.length === 1 ? 0 : term.from + i] ?? 0);
  }
  const name = sum.find((t) => t.kind === 'constant');
  const value = c.keep(Constant.of('f32', [units], data), 'bias');
  if (name?.kind === 'constant') value.name = name.value.name;
  return value;
}
