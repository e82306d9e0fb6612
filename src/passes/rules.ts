import { assert } from '../errors.js';
import type { Graph, Node, Value } from '../ir/graph.js';

import { findOp } from '../ops/registry.js';
import { integersOf, isPlainFloat, optionsOf, sameShape } from './match.js';
import { activationOf, findMatch, type Match, type Pattern, pattern } from './pattern.js';
import { type Replacement, rewrite } from './replace.js';

/** What a rule knows of the place it matched. */
export interface Found {
  readonly graph: Graph;
  readonly root: Value;
  /** The value a word of the pattern stands for. */
  value(name: string): Value;
  /** The node that computes the value of that word. */
  node(name: string): Node;
}

/** One rewrite: an expression to find and the one operation that means the same. */
export interface Rule {
  /** In the notation of {@link Pattern}. */
  readonly find: string;
  /** Further conditions. */
  when?(found: Found): boolean;
  replace(found: Found): Replacement;
}

interface ParsedRule extends Rule {
  /** The operator the pattern begins with. */
  readonly op: string;
  /** All operators of the pattern. */
  readonly needs: readonly string[];
  readonly wanted: () => Pattern;
}

/** Prepares rules. Patterns are parsed once a graph has the operator they begin with: most graphs need few of them. */
export function parseRules(rules: readonly Rule[]): readonly ParsedRule[] {
  return rules.map((rule) => {
    const op = /^\s*(?:\w+=)?(\w+)\(/.exec(rule.find)?.[1];
    assert(op, `rule '${rule.find}' must begin with an operator`);
    const needs = Array.from(rule.find.matchAll(/(\w+)\(/g), (m) => m[1] as string);
    let parsed: Pattern | undefined;
    const wanted = () => {
      parsed ??= pattern(rule.find);
      return parsed;
    };
    return { ...rule, op, needs, wanted };
  });
}

/**
 * Replaces every match of a rule whose root is a plain float by the rule's operation, and drops the nodes it covers.
 * Repeats until none matches, and returns the number of replacements.
 */
export function applyRules(graph: Graph, rules: readonly ParsedRule[]): number {
  let changes = 0;
  let possible = possibleRules(graph, rules);
  for (let before = -1; before !== changes && possible.length > 0; ) {
    before = changes;
    for (const node of graph.nodes()) {
      if (!applyFirst(graph, node, possible)) continue;
      changes++;
      possible = possibleRules(graph, rules);
    }
  }
  return changes;
}

/** The rules of whose operators the graph has each: for most graphs, few or none. */
function possibleRules(graph: Graph, rules: readonly ParsedRule[]): readonly ParsedRule[] {
  const there = new Set<string>();
  for (const node of graph.nodes()) there.add(node.customCode ?? node.op).add(activationOf(node));
  return rules.filter(({ needs }) => needs.every((name) => there.has(name)));
}

function applyFirst(graph: Graph, node: Node, rules: readonly ParsedRule[]): boolean {
  const root = node.outputs[0];
  if (!root || node.outputs.length > 1 || !isPlainFloat(root)) return false;
  const names = [node.customCode ?? node.op, activationOf(node)];
  for (const rule of rules) {
    if (!names.includes(rule.op)) continue;
    const match = findMatch(graph, root, rule.wanted());
    if (!match) continue;
    const found = foundAt(graph, root, match);
    if ((rule.when && !rule.when(found)) || !rewrite(graph, node, rule.replace(found))) continue;
    removeUnused(graph, match.nodes);
    return true;
  }
  return false;
}

function foundAt(graph: Graph, root: Value, match: Match): Found {
  const value = (name: string): Value => {
    const found = match.values.get(name);
    assert(found, `the pattern has no '${name}'`);
    return found;
  };
  const node = (name: string): Node => {
    const { producer } = value(name);
    assert(producer, `'${name}' stands for no node`);
    return producer;
  };
  return { graph, root, value, node };
}

/**
 * Removes those of the nodes whose results nothing reads any more, and then the nodes that only they read. Operators with
 * effects, and custom ones beyond the list itself, stay.
 */
export function removeUnused(graph: Graph, nodes: Iterable<Node | undefined>): void {
  const queue = [...nodes];
  while (queue.length > 0) {
    const node = queue.shift();
    if (!node?.alive || node.outputs.some((v) => v.producer === node && isRead(graph, v))) continue;
    const feeding = node.inputs.map((v) => v?.producer);
    graph.remove(node);
    queue.push(...feeding.filter((n) => n && findOp(n.op)?.impure === false));
  }
}

const isRead = (graph: Graph, value: Value): boolean => value.uses.length > 0 || graph.isOutput(value);

/** True when the value of that word has the shape of the root, so that an element-wise operation can take its place. */
export function hasRootShape(name: string): (found: Found) => boolean {
  return ({ value, root }) => sameShape(value(name).shape, root.shape);
}

/** True when a reduction runs over the last axis only and keeps it as size 1. */
export function reducesLastAxis(node: Node): boolean {
  const axes = integersOf(node.inputs[1]);
  const rank = node.inputs[0]?.shape?.length;
  if (axes?.length !== 1 || rank === undefined) return false;
  return (axes[0] === -1 || axes[0] === rank - 1) && optionsOf(node).keepDims === true;
}
