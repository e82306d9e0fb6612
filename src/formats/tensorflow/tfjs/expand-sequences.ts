import { ModelError } from '../../../errors.js';
import { Constant } from '../../../ir/constant.js';
import { copyModel } from '../../../ir/copy.js';
import { Graph, type Model, type Node, type Options, Value } from '../../../ir/graph.js';
import type { Shape } from '../../../ir/tensor.js';
import { addNode, emit } from '../../../ops/build.js';
import { weightOf } from './graph-writer.js';

const FUSED = /^UNIDIRECTIONAL_SEQUENCE_(LSTM|RNN)$/;

/**
 * The model with a loop over its steps in place of each operator over a whole sequence. The loop begins with zeros, as the
 * operator does in a model that was just loaded. Models without such operators are given back as they are.
 * @throws {ModelError} `unsupported` for forms that layers of TensorFlow do not have
 */
export function withoutFusedSequences(model: Model): Model {
  const isFused = (node: Node): boolean => FUSED.test(node.op);
  if (!model.graphs.some((graph) => [...graph.nodes()].some(isFused))) return model;
  const copy = copyModel(model);
  const graphs = [...copy.graphs];
  for (const graph of copy.graphs)
    for (const node of [...graph.nodes()]) if (isFused(node)) new Expansion(graphs, graph, node).replace();
  return { ...copy, graphs };
}

/** Operands of a long short-term memory by what they are for: those of the gates i, f, c and o in a row. */
const LSTM = { weights: 1, recurrent: 5, peepholes: 9, biases: 12, projection: 16, state: 18, norms: 20 } as const;

type Make = (op: string, inputs: readonly (Value | undefined)[], options?: Options) => Value;

/** One operator on its way to a loop. */
class Expansion {
  /** Those of the model, to which the loop adds its own. */
  readonly #graphs: Graph[];
  readonly #graph: Graph;
  readonly #node: Node;

  constructor(graphs: Graph[], graph: Graph, node: Node) {
    this.#graphs = graphs;
    this.#graph = graph;
    this.#node = node;
  }

  replace(): void {
    const { options, output } = this.#node;
    const make = this.#making(this.#graph, this.#node);
    const swapped = i32([1, 0, 2]);
    const input = this.#node.inputs[0] as Value;
    const x = options.timeMajor ? input : make('TRANSPOSE', [input, swapped]);
    const [steps = -1, batch = -1] = x.shape ?? [];
    if (steps < 0 || batch < 0) throw this.#refusal('a sequence of known sizes expected.');
    const units = output.shape?.at(-1) ?? -1;
    const sizes = this.#isLstm ? [units, this.#node.inputs[LSTM.state + 1]?.shape?.[1] ?? units] : [units];
    const begin = [i32(0), x, ...sizes.map((size) => this.#zeros([batch, size])), this.#zeros([steps, batch, units])];
    const all = this.#loop(begin, steps).at(-1) as Value;
    const result = options.timeMajor ? all : make('TRANSPOSE', [all, swapped]);
    this.#graph.replaceUses(output, result);
    this.#graph.remove(this.#node);
  }

  get #isLstm(): boolean {
    return this.#node.op.endsWith('LSTM');
  }

  #refusal(text: string): ModelError {
    return new ModelError('unsupported', text, { where: `${this.#node.op} '${this.#node.name}'` });
  }

  #making(graph: Graph, before?: Node): Make {
    let count = 0;
    return (op, inputs, options) => {
      const name = `${this.#node.name}/${op.toLowerCase()}_${count++}`;
      return emit(graph, before, { op, name, inputs, ...(options && { options }) })[0] as Value;
    };
  }

  /** Made when the model runs: they need no place in the file. */
  #zeros(shape: Shape): Value {
    const spec = { op: 'FILL', name: `${this.#node.name}/zeros`, inputs: [i32(shape), f32(0)] };
    return addNode(this.#graph, this.#node, spec)[0] as Value;
  }

  /** The variables after the loop: step, `[T, N, I]`, states `[N, U]`, `[T, N, U]`. */
  #loop(begin: readonly Value[], steps: number): Value[] {
    const graphOf = (kind: string): Graph => {
      const graph = new Graph(`${this.#node.name}/${kind}`);
      graph.inputs.push(...begin.map((v, i) => new Value(`${graph.name}/${i}`, v.dtype, v.shape)));
      this.#graphs.push(graph);
      return graph;
    };
    const condition = graphOf('condition');
    const condSubgraphIndex = this.#graphs.length - 1;
    condition.outputs.push(this.#making(condition)('LESS', [condition.inputs[0], i32(steps)]));
    const body = graphOf('step');
    const bodySubgraphIndex = this.#graphs.length - 1;
    body.outputs.push(...this.#step(this.#making(body), body.inputs));
    const options = { condSubgraphIndex, bodySubgraphIndex };
    const outputs = begin.map((v, i) => new Value(`${this.#node.name}/while:${i}`, v.dtype, v.shape));
    const name = `${this.#node.name}/while`;
    this.#graph.insert(this.#node, { op: 'WHILE', name, inputs: [...begin], outputs, options });
    return outputs;
  }

  #step(make: Make, [step, x, ...rest]: readonly Value[]): Value[] {
    const now = make('GATHER', [x, step], { axis: 0 });
    const outputs = rest.at(-1) as Value;
    const before = rest.slice(0, -1);
    const states = this.#isLstm ? this.#lstm(make, now, before as [Value, Value]) : [this.#plain(make, now, before)];
    const row = make('EXPAND_DIMS', [states[0], i32(0)]);
    const start = make('PACK', [step, i32(0), i32(0)], { valuesCount: 3, axis: 0 });
    const written = make('DYNAMIC_UPDATE_SLICE', [outputs, row, start]);
    return [make('ADD', [step, i32(1)]), x as Value, ...states, written];
  }

  #plain(make: Make, x: Value, [h]: readonly Value[]): Value {
    const sum = make('ADD', [this.#dense(make, x, 1, 3), this.#dense(make, h as Value, 2)]);
    const activation = String(this.#node.options.fusedActivationFunction ?? 'NONE');
    return activation === 'NONE' ? sum : make(activation, [sum]);
  }

  #lstm(make: Make, x: Value, [h, c]: readonly [Value, Value]): [Value, Value] {
    const { inputs, options } = this.#node;
    if (inputs.slice(LSTM.norms).some((v) => v)) throw this.#refusal('has layer normalization.');
    if (Number(options.cellClip ?? 0) !== 0 || Number(options.projClip ?? 0) !== 0) throw this.#refusal('is clipped.');
    const sum = (gate: number, cell?: Value): Value => {
      const own = this.#dense(make, x, LSTM.weights + gate, LSTM.biases + gate);
      const all = make('ADD', [own, this.#dense(make, h, LSTM.recurrent + gate)]);
      const peephole = cell && inputs[LSTM.peepholes + Math.min(gate, 2)];
      return peephole ? make('ADD', [all, make('MUL', [cell, this.#constant(peephole)])]) : all;
    };
    const forget = make('LOGISTIC', [sum(1, c)]);
    const input = inputs[LSTM.weights] ? make('LOGISTIC', [sum(0, c)]) : make('SUB', [f32(1), forget]);
    const fresh = make('MUL', [input, make('TANH', [sum(2)])]);
    const cell = make('ADD', [make('MUL', [forget, c]), fresh]);
    const output = make('MUL', [make('LOGISTIC', [sum(3, cell)]), make('TANH', [cell])]);
    const hasProjection = inputs[LSTM.projection] !== undefined;
    return [hasProjection ? this.#dense(make, output, LSTM.projection, LSTM.projection + 1) : output, cell];
  }

  #dense(make: Make, x: Value, weights: number, bias?: number): Value {
    const { inputs } = this.#node;
    const matrix = this.#constant(inputs[weights] as Value);
    if (matrix.shape?.length !== 2) throw this.#refusal('has weights that are no matrix.');
    const added = bias === undefined ? undefined : inputs[bias];
    return make('FULLY_CONNECTED', [x, matrix, added && this.#constant(added)]);
  }

  /** A constant operand inside of another graph. */
  #constant(value: Value): Value {
    const weight = weightOf(value);
    if (!weight) throw this.#refusal(`'${value.name}' is computed; constant weights expected.`);
    const constant = Value.constant(value.name, weight.constant);
    constant.quantization = weight.quantization;
    return constant;
  }
}

const i32 = (numbers: number | readonly number[]): Value => Value.constant('number', Constant.i32(numbers));
const f32 = (number: number): Value => Value.constant('number', Constant.f32(number));
