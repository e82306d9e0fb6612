import { assert } from '../errors.js';
import type { Graph, Node, Value } from '../ir/graph.js';
import { scalarOf } from './match.js';

/**
 * A tree of operators to look for, written as an expression over values:
 *
 * - `x` (a lower-case word) stands for any value; the same word again means the same value
 * - `3`, `0.044715` is a constant with that number in every element, equal up to two units in the last place of `f32`
 * - `_` is an absent optional input
 * - `MUL(x, RELU(y))` is a node without fused activation; `RELU(…)` also matches an activation that is already fused
 * - `Erf(x)` (mixed case) is a `CUSTOM` node of that code
 * - `e=EXP(x)` gives the result a name, which may be used again further right
 *
 * Operands of ADD, MUL, MAXIMUM, MINIMUM, EQUAL and NOT_EQUAL match in either order.
 */
export type Pattern =
  | { readonly kind: 'any'; readonly name: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'absent' }
  | {
      readonly kind: 'node';
      readonly op: string;
      readonly custom: boolean;
      readonly inputs: readonly Pattern[];
      readonly name: string | undefined;
    };

/** What a pattern's words stand for, and the nodes it covers, the root first. */
export interface Match {
  readonly values: ReadonlyMap<string, Value>;
  readonly nodes: readonly Node[];
}

const COMMUTATIVE: ReadonlySet<string> = new Set(['ADD', 'MUL', 'MAXIMUM', 'MINIMUM', 'EQUAL', 'NOT_EQUAL']);
const FUSED: ReadonlySet<string> = new Set(['RELU', 'RELU6', 'RELU_N1_TO_1']);
const TOKEN = /\s*(?:([0-9.e-]+)|([A-Za-z_][A-Za-z0-9_]*)|([=(),]))/y;

/** Parses the notation of {@link Pattern}. */
export function pattern(text: string): Pattern {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const token = TOKEN.exec(text);
    assert(token, `pattern '${text}' is not well formed`);
    tokens.push(token[1] ?? token[2] ?? (token[3] as string));
  }
  let at = 0;
  const parse = (name?: string): Pattern => {
    const word = tokens[at++] as string;
    if (word === '_') return { kind: 'absent' };
    if (/^[0-9.-]/.test(word)) return { kind: 'number', value: Number(word) };
    if (tokens[at] === '=') {
      at++;
      return parse(word);
    }
    if (tokens[at] !== '(') return { kind: 'any', name: word };
    const inputs: Pattern[] = [];
    do {
      at++;
      inputs.push(parse());
    } while (tokens[at] === ',');
    assert(tokens[at++] === ')', `pattern '${text}' lacks a bracket`);
    return { kind: 'node', op: word, custom: /[a-z]/.test(word), inputs, name };
  };
  const result = parse();
  assert(at === tokens.length, `pattern '${text}' goes on after its end`);
  return result;
}

/** Equal up to two units in the last place of an `f32`. */
export const almost = (a: number, b: number): boolean => a === b || Math.abs(a - b) <= Math.abs(b) * 2 ** -22;

/** The activation that a node applies to its own result; `'NONE'` when it has none. */
export const activationOf = (node: Node): string => (node.options.fusedActivationFunction as string) ?? 'NONE';

/**
 * How the pattern matches the value, or undefined. No value inside the match is read outside of it or leaves the graph,
 * so all its nodes can be replaced by one that gives the root.
 */
export function findMatch(graph: Graph, root: Value, wanted: Pattern): Match | undefined {
  if (!mayMatch(wanted, root)) return undefined;
  for (const state of matchValue(wanted, root, { values: new Map(), nodes: [] }))
    if (isClosed(graph, state, root)) return state;
  return undefined;
}

/** A quick look at operators only, which nearly all values fail: each part of the pattern has some operand to match. */
function mayMatch(wanted: Pattern, value: Value | undefined): boolean {
  if (wanted.kind === 'any') return value !== undefined;
  if (wanted.kind === 'absent') return value === undefined;
  if (wanted.kind === 'number') return value?.constant !== undefined;
  const node = value?.producer;
  if (!node) return false;
  const [inner] = wanted.inputs;
  if (inner?.kind === 'node' && activationOf(node) === wanted.op) return mayMatch(inner, value);
  if ((wanted.custom ? node.customCode : node.op) !== wanted.op) return false;
  return wanted.inputs.every((input) => input.kind === 'absent' || node.inputs.some((v) => mayMatch(input, v)));
}

function isClosed(graph: Graph, match: Match, root: Value): boolean {
  const inside = new Set(match.nodes);
  return match.nodes.every((node) =>
    node.outputs.every((v) => v === root || (!graph.isOutput(v) && v.uses.every((use) => inside.has(use.node)))),
  );
}

function* matchValue(wanted: Pattern, value: Value | undefined, state: Match): Generator<Match> {
  switch (wanted.kind) {
    case 'absent':
      if (!value) yield state;
      return;
    case 'number': {
      const number = scalarOf(value);
      if (number !== undefined && almost(number, wanted.value)) yield state;
      return;
    }
    case 'any':
      if (value) yield* bind(wanted.name, value, state);
      return;
    case 'node':
      if (!value?.producer || value.outputIndex !== 0) return;
      for (const bound of wanted.name ? bind(wanted.name, value, state) : [state])
        yield* matchNode(wanted, value.producer, false, bound);
      return;
    default:
      wanted satisfies never;
  }
}

function* bind(name: string, value: Value, state: Match): Generator<Match> {
  const known = state.values.get(name);
  if (known === value) yield state;
  else if (!known) yield { ...state, values: new Map(state.values).set(name, value) };
}

/** `stripped`: the pattern has already accounted for the node's fused activation. */
function* matchNode(wanted: Pattern & { kind: 'node' }, node: Node, stripped: boolean, state: Match): Generator<Match> {
  const activation = activationOf(node);
  if (activation !== 'NONE' && !stripped) {
    const inner = wanted.inputs[0];
    if (wanted.op === activation && FUSED.has(activation) && inner?.kind === 'node')
      yield* matchNode(inner, node, true, state);
    return;
  }
  if (wanted.custom ? node.customCode !== wanted.op : node.op !== wanted.op) return;
  if (node.inputs.length < wanted.inputs.length) return;
  const next = state.nodes.includes(node) ? state : { ...state, nodes: [...state.nodes, node] };
  yield* matchInputs(wanted.inputs, node.inputs, next);
  if (COMMUTATIVE.has(wanted.op)) yield* matchInputs([...wanted.inputs].reverse(), node.inputs, next);
}

function* matchInputs(
  wanted: readonly Pattern[],
  inputs: readonly (Value | undefined)[],
  state: Match,
): Generator<Match> {
  const [first, ...rest] = wanted;
  if (!first) {
    yield state;
    return;
  }
  for (const next of matchValue(first, inputs[0], state)) yield* matchInputs(rest, inputs.slice(1), next);
}
