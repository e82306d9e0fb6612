import { Graph, Value } from '../../../ir/graph.js';
import type { Lowering } from './context.js';
import { argument } from './loop-types.js';

/** Makes of a round (its number from 0 on, an `i32` scalar) and the values before it those after it, of the same types. */
type Step = (inside: Lowering, round: Value, values: readonly Value[]) => readonly Value[];

/**
 * The node's work as a loop of `count` rounds over values that begin with `begin`: a WHILE, within which the node's own
 * operands are at hand.
 */
export function countedLoop(c: Lowering, count: Value, begin: readonly Value[], step: Step): Value[] {
  const computed = [...new Set(c.inputs.filter((v) => !v.constant))];
  const variables = [c.i32(0), count, ...begin, ...computed];
  const graphOf = (kind: string): Graph => {
    const graph = new Graph(c.unique(kind));
    graph.inputs.push(...variables.map((v, i) => argument(`${graph.name}/${i}`, v)));
    return graph;
  };
  const within = (graph: Graph): Lowering =>
    c.within(
      graph,
      c.inputs.map((v) =>
        v.constant
          ? Value.constant(v.name, v.constant)
          : (graph.inputs[2 + begin.length + computed.indexOf(v)] as Value),
      ),
    );
  const condition = graphOf('condition');
  condition.outputs.push(within(condition).emit('LESS', [condition.inputs[0], condition.inputs[1]]));
  const body = graphOf('body');
  const inside = within(body);
  const [round, all, ...values] = body.inputs as [Value, Value, ...Value[]];
  const results = step(inside, round, values.slice(0, begin.length));
  body.outputs.push(inside.emit('ADD', [round, inside.i32(1)]), all, ...results, ...values.slice(begin.length));
  const options = { condSubgraphIndex: c.functions.add(condition), bodySubgraphIndex: c.functions.add(body) };
  return c.append('WHILE', variables, variables, { options }).slice(2, 2 + begin.length);
}
