import { ModelError } from '../errors.js';
import { Constant } from '../ir/constant.js';
import { Graph, type Options, Value } from '../ir/graph.js';
import { seededData, seededRandom } from '../ir/seeded.js';
import { elementCount, type Shape } from '../ir/tensor.js';
import { addNode } from '../ops/build.js';

/** What the makers of nodes draw from. */
class Maker {
  readonly graph = new Graph('random');
  readonly values: Value[] = [];
  readonly #random: () => number;
  #count = 0;

  constructor(seed: string) {
    this.#random = seededRandom(seed);
  }

  below = (n: number): number => Math.floor(this.#random() * n);
  pick = <T>(list: readonly T[]): T => list[this.below(list.length)] as T;

  input(shape: Shape): void {
    const value = new Value(`in${this.graph.inputs.length}`, 'f32', shape);
    this.graph.inputs.push(value);
    this.values.push(value);
  }

  /** Adds a node; its float results may be drawn from now on. */
  node(op: string, inputs: readonly (Value | undefined)[], options: Options = {}): void {
    const outputs = addNode(this.graph, undefined, { op, name: `v${this.#count++}`, inputs, options });
    this.values.push(...outputs.filter((v) => v.dtype === 'f32' && v.shape && v.shape.length <= 4));
  }

  ints(values: readonly number[], shape?: Shape): Value {
    return Value.constant(`c${this.#count++}`, Constant.i32(values, shape ?? [values.length]));
  }

  floats(shape: Shape): Value {
    const name = `c${this.#count++}`;
    const count = elementCount(shape);
    const number = this.pick([undefined, 0, 1, -1, 0.5, 2, 6]);
    const data =
      number === undefined ? (seededData('f32', count, name) as Float32Array) : new Float32Array(count).fill(number);
    return Value.constant(name, Constant.of('f32', shape, data));
  }

  shuffled(n: number): number[] {
    return Array.from({ length: n }, (_, i) => ({ i, key: this.#random() }))
      .sort((a, b) => a.key - b.key)
      .map(({ i }) => i);
  }
}

const UNARY = ['NEG', 'ABS', 'RELU', 'RELU6', 'TANH', 'LOGISTIC', 'EXP', 'FLOOR', 'SQUARE'];
const BINARY = ['ADD', 'SUB', 'MUL', 'DIV', 'MAXIMUM', 'MINIMUM', 'SQUARED_DIFFERENCE'];
const REDUCTIONS = ['SUM', 'MEAN', 'REDUCE_MAX', 'REDUCE_MIN'];

/** Adds one node that reads `x`, where that makes sense. */
type Make = (m: Maker, x: Value, shape: Shape) => void;

const MAKERS: readonly Make[] = [
  (m, x) => m.node(m.pick(UNARY), [x]),
  (m, x, shape) => {
    const broadcast = shape.map((d) => (d < 0 || m.below(2) ? 1 : d)).slice(m.below(shape.length + 1));
    const inputs = [x, m.floats(broadcast)];
    const op = m.pick(BINARY);
    m.node(op, m.below(3) || op === 'DIV' ? inputs : inputs.reverse());
  },
  (m, x, shape) => {
    const same = m.values.filter((v) => String(v.shape) === String(shape));
    const fusedActivationFunction = m.pick(['NONE', 'NONE', 'RELU']);
    m.node(m.pick(['ADD', 'SUB', 'MUL']), [x, m.pick(same)], { fusedActivationFunction });
  },
  (m, x, shape) => {
    const exponent = Value.constant('exponent', Constant.f32(m.pick([1, 2, 0.5, -0.5, 3])));
    m.node('ABS', [x]);
    if (shape.length > 0) m.node('POW', [m.values.at(-1), exponent]);
  },
  (m, x, shape) => m.node('TRANSPOSE', [x, m.ints(m.shuffled(shape.length))]),
  (m, x, shape) => m.node('TRANSPOSE', [x, m.ints(m.shuffled(shape.length))]),
  (m, x, shape) => {
    if (shape.filter((d) => d < 0).length > 1) return;
    const flat = shape.map((d) => Math.abs(d));
    const at = m.below(flat.length + 1);
    const to = m.pick([[...flat.slice(0, at), 1, ...flat.slice(at)], [elementCount(flat)], flat, [...flat].reverse()]);
    if (to.length > 4) return;
    if (!shape.includes(-1)) m.node('RESHAPE', [x, m.ints(to)]);
    else if (shape[0] === -1) m.node('RESHAPE', [x, m.ints([-1, ...shape.slice(1)])]);
  },
  (m, x, shape) => {
    const axis = m.below(shape.length);
    const options = { keepDims: m.below(2) === 1 };
    if (shape.length > 0) m.node(m.pick(REDUCTIONS), [x, m.ints(m.pick([[axis], [axis - shape.length], []]))], options);
  },
  (m, x, shape) => {
    const rows = shape.flatMap((d) => (m.below(2) && d > 0 ? [m.below(2), m.below(2)] : [0, 0]));
    m.node('PAD', [x, m.ints(rows, [shape.length, 2])]);
  },
  (m, x, shape) => {
    const begin = shape.map((d) => (d > 1 ? m.below(2) : 0));
    const size = shape.map((d, i) => (d < 0 ? -1 : d - (begin[i] as number)));
    m.node('SLICE', [x, m.ints(begin), m.ints(size)]);
  },
  (m, x, shape) => {
    const begin = shape.map((d) => (d > 1 ? m.below(2) : 0));
    const end = shape.map((d) => (d < 0 ? 0 : m.pick([d, d + 1])));
    const steps = shape.map((d) => (d > 2 ? m.pick([1, 1, 2]) : 1));
    const endMask = shape.reduce((mask, d, i) => (d < 0 ? mask | (1 << i) : mask), 0);
    m.node('STRIDED_SLICE', [x, m.ints(begin), m.ints(end), m.ints(steps)], { endMask });
  },
  (m, x, shape) => {
    const axis = shape.findIndex((d) => d > 0 && d % 2 === 0);
    if (axis < 0) return;
    const numSplits = 2;
    m.node('SPLIT', [m.ints([axis], []), x], { numSplits });
    if (m.below(2)) m.node('CONCATENATION', m.values.slice(-2), { axis });
  },
  (m, x, shape) => {
    const axis = shape.findIndex((d) => d > 0 && d <= 3);
    if (axis < 0) return;
    const num = shape[axis] as number;
    m.node('UNPACK', [x], { axis, num });
    const parts = m.values.slice(-num);
    if (m.below(2)) m.node('PACK', m.below(4) ? parts : [...parts].reverse(), { axis, valuesCount: num });
    else if (shape.length > 1) m.node('CONCATENATION', parts, { axis: Math.min(axis, shape.length - 2) });
  },
  (m, x, shape) => {
    const same = m.values.filter((v) => String(v.shape) === String(shape));
    const axes = shape.flatMap((d, i) => (d > 0 ? [i] : []));
    if (axes.length > 0) m.node('CONCATENATION', [x, m.pick(same)], { axis: m.pick(axes) });
  },
  (m, x, shape) => m.node('EXPAND_DIMS', [x, m.ints([m.below(shape.length + 1)], [])]),
  (m, x, shape) => {
    const squeezeDims = shape.flatMap((d, i) => (d === 1 && m.below(2) ? [i] : []));
    if (squeezeDims.length > 0) m.node('SQUEEZE', [x], { squeezeDims });
  },
  (m, x, shape) => {
    const c = shape[3] ?? -1;
    if (shape.length !== 4 || c < 1) return;
    const filter = Value.constant(
      `w${m.values.length}`,
      Constant.of('f32', [3, 2, 2, c], seededData('f32', 12 * c, 'w')),
    );
    m.node('CONV_2D', [x, filter, m.below(2) ? m.floats([3]) : undefined], { padding: 'SAME' });
  },
  (m, x, shape) => {
    const c = shape.at(-1) ?? -1;
    if (shape.length < 2 || c < 1) return;
    const weights = Value.constant(`w${m.values.length}`, Constant.of('f32', [4, c], seededData('f32', 4 * c, 'w')));
    m.node('FULLY_CONNECTED', [x, weights, m.below(2) ? m.floats([4]) : undefined], { keepNumDims: true });
  },
  (m, x, shape) => {
    if (shape.length < 2 || shape[0] !== -1 || shape.slice(1).includes(-1)) return;
    const { graph } = m;
    const [dims] = addNode(graph, undefined, { op: 'SHAPE', name: `s${m.values.length}`, inputs: [x] });
    const [n] = addNode(graph, undefined, {
      op: 'STRIDED_SLICE',
      name: `n${m.values.length}`,
      inputs: [dims, m.ints([0]), m.ints([1]), m.ints([1])],
      options: { shrinkAxisMask: 1 },
    });
    const rest = m.ints([elementCount(shape.slice(1))], []);
    const [to] = addNode(graph, undefined, {
      op: 'PACK',
      name: `p${m.values.length}`,
      inputs: [n, rest],
      options: { valuesCount: 2 },
    });
    m.node('RESHAPE', [x, to]);
  },
  (m, x) => m.node('SOFTMAX', [x], { beta: 1 }),
];

/** A graph of 4 to 20 nodes over small float tensors, the same for the same seed; some have an unknown batch size. */
export function randomGraph(seed: string): Graph {
  const m = new Maker(seed);
  m.input(
    m.pick<Shape>([
      [1, 4, 2, 3],
      [-1, 2, 3],
      [2, 4],
      [-1, 4, 4, 2],
      [2, 1, 4],
    ]),
  );
  if (m.below(2)) m.input(m.graph.inputs[0]?.shape as Shape);
  for (let n = 4 + m.below(16); n > 0; n--) {
    const x = m.pick(m.values.slice(-4));
    if (!x.shape || x.shape.some((d) => d > 64)) continue;
    try {
      m.pick(MAKERS)(m, x, x.shape);
    } catch (error) {
      if (!(error instanceof ModelError)) throw error; // the drawn operands do not fit: draw again
    }
  }
  const { outputs } = m.graph;
  for (let n = 1 + m.below(3); n > 0; n--) {
    const value = m.pick(m.values.slice(-5));
    if (value.producer && !outputs.includes(value)) outputs.push(value);
  }
  if (outputs.length === 0) outputs.push(m.graph.inputs[0] as Value);
  return m.graph;
}
