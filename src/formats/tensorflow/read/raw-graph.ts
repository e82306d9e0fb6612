import { type Origin, place } from '../../../bytes/protobuf.js';
import { ModelError } from '../../../errors.js';
import type { Constant } from '../../../ir/constant.js';
import type { DType, Shape } from '../../../ir/tensor.js';
import type { GraphDef, NodeDef, OpDef, OpDef_ArgDef } from '../../../schema/tensorflow.gen.js';
import type { TfArgFacts, TfAttrs, TfAttrValue, TfOpFacts } from '../graph.js';
import { type AttrParts, attrValue, makeAttrs } from './attrs.js';
import { findOp } from './op-registry.js';
import { decode, dtypeOf } from './protos.js';

/** Where a tensor comes from, as text in the file says it: an output of a node, or an argument of the function. */
export interface RawSource {
  readonly node: string;
  /** Name of the output argument that `index` counts in; without it, `index` counts all outputs. */
  readonly output?: string;
  readonly index: number;
}

/** A node as the file has it. */
export interface RawNode {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly RawSource[];
  /** Names of nodes that run before. */
  readonly controls: readonly string[];
  readonly encoded: ReadonlyMap<string, Uint8Array>;
}

/**
 * A node of the graph itself. Its name and operation are known, the rest is decoded when asked for: most nodes of a
 * SavedModel are there for saving and restoring.
 */
class LaterNode implements RawNode {
  readonly name: string;
  readonly op: string;
  readonly #bytes: Uint8Array;
  readonly #origin: Origin;
  #whole: RawNode | undefined;

  constructor(bytes: Uint8Array, origin: Origin) {
    const { name, op } = decode('NodeName', bytes, origin);
    this.name = name;
    this.op = op;
    this.#bytes = bytes;
    this.#origin = origin;
  }

  get inputs(): readonly RawSource[] {
    return this.#decoded().inputs;
  }
  get controls(): readonly string[] {
    return this.#decoded().controls;
  }
  get encoded(): ReadonlyMap<string, Uint8Array> {
    return this.#decoded().encoded;
  }

  #decoded(): RawNode {
    this.#whole ??= rawNode(decode('NodeDef', this.#bytes, this.#origin), mainSource);
    return this.#whole;
  }
}

/** The nodes of a graph or function, in the order of the file. */
export interface RawBody {
  readonly name: string;
  readonly nodes: ReadonlyMap<string, RawNode>;
}

export interface RawFunction extends RawBody {
  readonly args: readonly { readonly name: string; readonly dtype: DType }[];
  readonly argNames: ReadonlySet<string>;
  readonly results: readonly RawSource[];
  /** Nodes that run although no result needs them. */
  readonly controls: readonly string[];
  readonly facts: TfOpFacts;
}

/** A GraphDef: nodes, functions (decoded when asked for) and the definitions of operations. */
export interface RawGraph {
  readonly origin: Origin;
  readonly main: RawBody;
  readonly hasFunction: (name: string) => boolean;
  /** @throws {ModelError} `invalid-graph` when the library has no such function. */
  readonly functionOf: (name: string) => RawFunction;
  /** Definition of an operation or function; from the model, else the registry. */
  readonly factsOf: (op: string) => TfOpFacts | undefined;
  /** Attributes of a node with defaults, and types and shapes (as far as the file says) of its outputs. */
  readonly detailsOf: (node: RawNode) => RawDetails;
  /** The elements of a `Const` of type `dtype` that stand elsewhere; undefined: in the node itself. */
  readonly externalValue?: ConstantSource;
}

/** Where the elements of `Const` nodes are, when not in the graph. */
export type ConstantSource = (body: RawBody, node: RawNode, dtype: DType) => Constant | undefined;

export interface RawDetails {
  readonly attrs: TfAttrs;
  readonly types: readonly DType[] | undefined;
  readonly shapes: readonly (Shape | undefined)[] | undefined;
}

/** Types and shapes are found out when asked for: most nodes of a file leave no node in the flat graph. */
class NodeDetails implements RawDetails {
  readonly attrs: TfAttrs;
  readonly #parts: AttrParts;

  constructor(parts: AttrParts) {
    this.#parts = parts;
    this.attrs = makeAttrs(parts);
  }

  get types(): readonly DType[] | undefined {
    return outputTypes(this.#parts.facts, this.attrs, this.#parts.where);
  }

  get shapes(): readonly (Shape | undefined)[] | undefined {
    return this.#parts.encoded.has('_output_shapes') ? this.attrs.shapes('_output_shapes') : undefined;
  }
}

/** Prepares a decoded graph. `strippedOps` are the serialized definitions that a SavedModel carries. */
export function rawGraph(graph: GraphDef, origin: Origin, strippedOps?: Uint8Array): RawGraph {
  const library = functionIndex(graph, origin);
  const functions = new Map<string, RawFunction>();
  const functionOf = (name: string): RawFunction => {
    const known = functions.get(name);
    if (known) return known;
    const bytes = library.get(name);
    if (!bytes)
      throw new ModelError('invalid-graph', `a function '${name}' expected, the file has none.`, {
        where: origin.name,
      });
    const made = rawFunction(bytes, origin);
    functions.set(name, made);
    return made;
  };
  let stripped: Map<string, TfOpFacts> | undefined;
  const factsOf = (op: string): TfOpFacts | undefined => {
    stripped ??= new Map(
      strippedOps ? decode('OpList', strippedOps, origin).op.map((def) => [def.name, opFacts(def, origin)]) : [],
    );
    return stripped.get(op) ?? findOp(op) ?? (library.has(op) ? functionOf(op).facts : undefined);
  };
  const kept = new WeakMap<RawNode, RawDetails>();
  const detailsOf = (node: RawNode): RawDetails => {
    let details = kept.get(node);
    if (!details) {
      const { op, name, encoded } = node;
      details = new NodeDetails({ where: `${op} '${name}'`, origin, encoded, facts: factsOf(op) });
      kept.set(node, details);
    }
    return details;
  };
  return {
    origin,
    main: {
      name: origin.name,
      nodes: byName(
        graph.node.map((bytes) => new LaterNode(bytes, origin)),
        origin.name,
      ),
    },
    hasFunction: (name) => library.has(name),
    functionOf,
    factsOf,
    detailsOf,
  };
}

/** Name -> serialized function; only the name is decoded. */
function functionIndex(graph: GraphDef, origin: Origin): Map<string, Uint8Array> {
  const index = new Map<string, Uint8Array>();
  for (const bytes of graph.library?.function ?? []) {
    const { signature } = decode('FunctionName', bytes, origin);
    if (signature) index.set(signature.name, bytes);
  }
  return index;
}

function rawFunction(bytes: Uint8Array, origin: Origin): RawFunction {
  const where = place(origin, bytes);
  const def = decode('FunctionDef', bytes, origin);
  const signature = def.signature as OpDef;
  const { name } = signature;
  const args = signature.inputArg.map((arg) => {
    if (arg.numberAttr || arg.typeListAttr || arg.typeAttr)
      throw new ModelError('unsupported', `function '${name}' takes types bound at the call; it cannot be handled.`, {
        where,
      });
    return { name: arg.name, dtype: dtypeOf(arg.type, where) };
  });
  const results = signature.outputArg.map((arg) => {
    const text = def.ret.get(arg.name);
    if (text === undefined)
      throw new ModelError('malformed-file', `function '${name}' has no result '${arg.name}'.`, { where });
    return functionSource(text);
  });
  return {
    name,
    nodes: byName(
      def.nodeDef.map((node) => rawNode(node, functionSource)),
      `function '${name}'`,
    ),
    args,
    argNames: new Set(args.map((arg) => arg.name)),
    results,
    controls: [...def.controlRet.values()],
    facts: opFacts(signature, origin),
  };
}

function byName(list: readonly RawNode[], where: string): ReadonlyMap<string, RawNode> {
  const nodes = new Map<string, RawNode>();
  for (const node of list) {
    const { name } = node;
    if (nodes.has(name))
      throw new ModelError('malformed-file', `nodes of different names expected, two are called '${name}'.`, { where });
    nodes.set(name, node);
  }
  return nodes;
}

function rawNode({ name, op, input, attr }: NodeDef, sourceOf: (text: string) => RawSource): RawNode {
  const inputs: RawSource[] = [];
  const controls: string[] = [];
  for (const text of input) {
    if (text.startsWith('^')) controls.push(text.slice(1));
    else inputs.push(sourceOf(text));
  }
  return { name, op, inputs, controls, encoded: attr };
}

/** `name` or `name:index`. */
export function mainSource(text: string): RawSource {
  const colon = text.lastIndexOf(':');
  if (colon < 0 || !/^\d{1,9}$/.test(text.slice(colon + 1))) return { node: text, index: 0 };
  return { node: text.slice(0, colon), index: Number(text.slice(colon + 1)) };
}

/** In a function: `argument`, `node:output` or `node:output:index`. */
function functionSource(text: string): RawSource {
  const [node, output, index] = text.split(':') as [string, string | undefined, string | undefined];
  if (output === undefined) return { node, index: 0 };
  if (index === '0') return { node, output, index: 0 }; // nearly always
  if (index === undefined && /^\d+$/.test(output)) return { node, index: Number(output) };
  // An index that is no number is no output of any node.
  return { node, output, index: /^\d{1,9}$/.test(index ?? '0') ? Number(index ?? 0) : -1 };
}

function opFacts(def: OpDef, origin: Origin): TfOpFacts {
  const arg = (a: OpDef_ArgDef): TfArgFacts => ({
    name: a.name,
    type: a.type > 0 ? dtypeOf(a.type, place(origin, new Uint8Array(0))) : undefined,
    ...(a.typeAttr ? { typeAttr: a.typeAttr } : {}),
    ...(a.numberAttr ? { numberAttr: a.numberAttr } : {}),
    ...(a.typeListAttr ? { listAttr: a.typeListAttr } : {}),
  });
  const attrs = new Map<string, { type: string; default?: TfAttrValue }>();
  for (const { name, type, defaultValue } of def.attr) {
    const value = defaultValue ? attrValue(defaultValue, origin, type) : undefined;
    attrs.set(name, value ? { type, default: value } : { type });
  }
  return {
    name: def.name,
    inputs: def.inputArg.map(arg),
    outputs: def.outputArg.map(arg),
    attrs,
    stateful: def.isStateful,
    flex: findOp(def.name)?.flex ?? false,
  };
}

/** Most outputs of one node. */
const MAX_OUTPUTS = 65536;

function argLength(arg: TfArgFacts, attrs: TfAttrs, where: string): number {
  const length = arg.numberAttr
    ? attrs.int(arg.numberAttr)
    : arg.listAttr
      ? (attrs.value(arg.listAttr)?.value as readonly unknown[] | undefined)?.length
      : 1;
  if (length === undefined || !(length >= 0 && length <= MAX_OUTPUTS))
    throw new ModelError(
      'invalid-graph',
      `at most ${MAX_OUTPUTS} outputs '${arg.name}' expected, ${length ?? 'no number'} found.`,
      {
        where,
      },
    );
  return length;
}

/** The place among all outputs that `source` names. @throws {ModelError} `invalid-graph` */
export function outputIndex(graph: RawGraph, node: RawNode, source: RawSource): number {
  if (source.output === undefined) return source.index;
  const where = `${node.op} '${node.name}'`;
  const facts = graph.factsOf(node.op);
  if (!facts)
    throw new ModelError('unsupported', `the operation is not known, so its output '${source.output}' is not either.`, {
      where,
    });
  const { attrs } = graph.detailsOf(node);
  let start = 0;
  for (const arg of facts.outputs) {
    if (arg.name === source.output) return start + source.index;
    start += argLength(arg, attrs, where);
  }
  throw new ModelError('invalid-graph', `no output '${source.output}'.`, { where });
}

/** The type of each output; undefined where an attribute that decides it is missing or the operation is not known. */
export function outputTypes(facts: TfOpFacts | undefined, attrs: TfAttrs, where: string): DType[] | undefined {
  if (!facts) return undefined;
  const types: DType[] = [];
  for (const arg of facts.outputs) {
    if (arg.listAttr) {
      if (!attrs.has(arg.listAttr)) return undefined;
      types.push(...attrs.types(arg.listAttr));
      continue;
    }
    if (arg.numberAttr && !attrs.has(arg.numberAttr)) return undefined;
    if (!arg.type && !attrs.has(arg.typeAttr ?? '')) return undefined;
    const type = arg.type ?? attrs.type(arg.typeAttr ?? '');
    for (let n = argLength(arg, attrs, where); n > 0; n--) types.push(type);
  }
  return types;
}
