import { Constant } from '../ir/constant.js';
import { type Graph, type Node, Value } from '../ir/graph.js';
import { emit } from '../ops/build.js';
import { definePass, type Pass } from './define.js';
import { isPlainFloat } from './match.js';
import { rewrite } from './replace.js';

/** Coefficients of `t`, `t^2`, … `t^5`, and the scale `p` in `t = 1 / (1 + p |x|)`. */
const COEFFICIENTS = [0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429];
const SCALE = 0.3275911;

/**
 * Writes out the error function, a `CUSTOM` node `Erf` or `Erfc` (`1 - erf`) without a builtin operator, as
 *
 *     erf(x) = sign(x) (1 - (a1 t + a2 t^2 + … + a5 t^5) exp(-x^2)),   t = 1 / (1 + p |x|)
 *
 * with an error below 1.5e-7 plus rounding. Run after `recognize-gelu`, which looks for these nodes.
 *
 * Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26.
 */
export function expandErf(): Pass {
  return definePass('expand-erf', (graph) => {
    let changes = 0;
    for (const node of graph.nodes()) if (isErrorFunction(node) && expand(graph, node)) changes++;
    return changes;
  });
}

const isErrorFunction = ({ op, customCode, inputs }: Node): boolean =>
  op === 'CUSTOM' &&
  (customCode === 'Erf' || customCode === 'Erfc') &&
  isPlainFloat(inputs[0]) &&
  inputs[0]?.dtype === 'f32';

function expand(graph: Graph, node: Node): boolean {
  const prefix = node.output.name;
  let count = 0;
  const make = (op: string, ...inputs: readonly (Value | number)[]): Value => {
    const name = `${prefix}/${++count}`;
    const values = inputs.map((v, i) => (typeof v === 'number' ? number(`${name}/${i}`, v) : v));
    return emit(graph, node, { op, name, inputs: values })[0] as Value;
  };
  const x = node.inputs[0] as Value;
  const t = make('DIV', 1, make('ADD', make('MUL', make('ABS', x), SCALE), 1));
  const [last = 0, ...others] = [...COEFFICIENTS].reverse();
  let sum = make('MUL', t, last);
  for (const coefficient of others) sum = make('MUL', make('ADD', sum, coefficient), t);
  const tail = make('MUL', sum, make('EXP', make('NEG', make('MUL', x, x))));
  const sign = make('SIGN', x);
  const size = make('SUB', 1, tail);
  if (node.customCode === 'Erf') return rewrite(graph, node, { op: 'MUL', inputs: [size, sign] });
  return rewrite(graph, node, { op: 'SUB', inputs: [number(`${prefix}/one`, 1), make('MUL', size, sign)] });
}

const number = (name: string, value: number): Value => Value.constant(name, Constant.f32(value));
