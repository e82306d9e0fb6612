import { Constant } from '../ir/constant.js';
import { type Graph, type Node, Value } from '../ir/graph.js';
import { isStatic } from '../ir/tensor.js';
import { definePass, type Pass } from './define.js';
import { floatsOf, hasNoActivation, isPlainFloat, keepsShape, knownEqual, producerOf, scalarOf } from './match.js';
import { canReplace, type Replacement, replaceNode, rewrite } from './replace.js';

/**
 * Cheaper ways to compute the same values:
 *
 * 1. POW by 1, 2, 0.5, -0.5: the base, MUL, SQRT, RSQRT
 * 2. DIV by a constant: MUL by its reciprocal
 * 3. MAXIMUM with 0: RELU; clamping between 0 and 6: RELU6, between -1 and 1: RELU_N1_TO_1
 * 4. SELECT with a constant condition: the chosen operand; with a negated condition: the operands swapped
 * 5. MUL by zeros of the shape of the result: the zeros
 *
 * Cases 1 to 3 are for floats. Case 5 takes infinities and NaN for what they are in a model: mistakes.
 */
export function simplifyArithmetic(): Pass {
  return definePass('simplify-arithmetic', (graph) => {
    let changes = 0;
    for (const node of graph.nodes()) if (simplify(graph, node)) changes++;
    return changes;
  });
}

function simplify(graph: Graph, node: Node): boolean {
  const [output] = node.outputs;
  if (!output || node.outputs.length > 1) return false;
  if (node.op === 'SELECT' || node.op === 'SELECT_V2') return select(graph, node);
  if (node.op === 'MUL' && hasNoActivation(node) && multipliesByZero(graph, node)) return true;
  if (!isPlainFloat(output)) return false;
  if (node.op === 'POW' && scalarOf(node.inputs[1]) === 1) return replaceBy(graph, node, node.inputs[0]); // case 1
  const replacement = RULES[node.op]?.(node);
  return replacement ? rewrite(graph, node, replacement) : false;
}

const RULES: Readonly<Record<string, (node: Node) => Replacement | undefined>> = {
  POW: power,
  DIV: reciprocal,
  MAXIMUM: clamp,
  MINIMUM: clamp,
};

/** Case 1. */
function power({ inputs: [x, exponent] }: Node): Replacement | undefined {
  if (!keepsShape(exponent?.shape, x?.shape)) return undefined;
  switch (scalarOf(exponent)) {
    case 2:
      return { op: 'MUL', inputs: [x, x] };
    case 0.5:
      return { op: 'SQRT', inputs: [x] };
    case -0.5:
      return { op: 'RSQRT', inputs: [x] };
    default:
      return undefined;
  }
}

/** Divisors beyond this have reciprocals that lose digits. */
const LARGEST = 2 ** 125;
/** Divisors with more elements are left alone. */
const DIVISORS = 65536;

/** Case 2. */
function reciprocal({ inputs: [x, divisor], options }: Node): Replacement | undefined {
  if (!divisor?.shape || (divisor.constant?.count ?? 0) > DIVISORS) return undefined;
  const numbers = floatsOf(divisor);
  if (!numbers?.every((n) => Math.abs(n) < LARGEST && Math.abs(n) > 1 / LARGEST)) return undefined;
  const inverse = Constant.f32(
    numbers.map((n) => 1 / n),
    divisor.shape,
  );
  const { fusedActivationFunction = 'NONE' } = options;
  return {
    op: 'MUL',
    inputs: [x, Value.constant(`${divisor.name}/reciprocal`, inverse)],
    options: { fusedActivationFunction },
  };
}

/** Case 3. */
function clamp(node: Node): Replacement | undefined {
  const outer = boundOf(node);
  if (!outer) return undefined;
  const { producer } = outer.value;
  const inner = producer && boundOf(producer);
  if (inner && inner.op !== outer.op) {
    const range = [inner.bound, outer.bound].sort((a, b) => a - b).join();
    const isRange = Math.min(inner.bound, outer.bound) === (outer.op === 'MAXIMUM' ? outer : inner).bound;
    if (isRange && range === '0,6') return { op: 'RELU6', inputs: [inner.value] };
    if (isRange && range === '-1,1') return { op: 'RELU_N1_TO_1', inputs: [inner.value] };
  }
  return outer.op === 'MAXIMUM' && outer.bound === 0 ? { op: 'RELU', inputs: [outer.value] } : undefined;
}

interface Bound {
  readonly op: 'MAXIMUM' | 'MINIMUM';
  readonly value: Value;
  readonly bound: number;
}

/** A MAXIMUM or MINIMUM with one number, on either side; a RELU is a MAXIMUM with 0. */
function boundOf({ op, inputs: [a, b] }: Node): Bound | undefined {
  if (op === 'RELU' && a) return { op: 'MAXIMUM', value: a, bound: 0 };
  if ((op !== 'MAXIMUM' && op !== 'MINIMUM') || !a || !b) return undefined;
  for (const [value, constant] of [
    [a, b],
    [b, a],
  ] as const) {
    const bound = scalarOf(constant);
    if (bound !== undefined && keepsShape(constant.shape, value.shape)) return { op, value, bound };
  }
  return undefined;
}

/** Case 4. */
function select(graph: Graph, node: Node): boolean {
  const [condition, yes, no] = node.inputs;
  const chosen = scalarOf(condition);
  if (chosen !== undefined) return replaceBy(graph, node, chosen ? yes : no);
  const negated = producerOf(condition, 'LOGICAL_NOT');
  return negated ? rewrite(graph, node, { op: node.op, inputs: [negated.inputs[0], no, yes] }) : false;
}

/** Case 5. */
function multipliesByZero(graph: Graph, node: Node): boolean {
  const zeros = node.inputs.find((v) => scalarOf(v) === 0);
  return zeros !== undefined && isStatic(zeros.shape) && replaceBy(graph, node, zeros);
}

function replaceBy(graph: Graph, node: Node, value: Value | undefined): boolean {
  if (!value || !knownEqual(value.shape, node.output.shape) || !canReplace(graph, node.output, value)) return false;
  replaceNode(graph, node, [value]);
  return true;
}
