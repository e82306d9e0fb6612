import { ModelError, type Obstacle } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import type { TfModel, TfNode } from '../graph.js';
import { cutAround } from './cut.js';

/** Layers named for each operation. */
const NAMED = 3;
/** Operations and cases listed in full. */
const LISTED = 12;

/** Operations with a common remedy. */
interface Family {
  readonly ops: RegExp;
  readonly remedy: string;
}
const LOOPS: Family = {
  ops: /^(Stateless)?(While|If|Case)$|^(Ref)?(Enter|Exit|Switch|Merge|NextIteration)$|^(LoopCond|For|RemoteCall|SymbolicGradient)$|^Tensor(List|Array)/,
  remedy:
    'These loops and lists have a form that is not known here: unroll the layers (`unroll=True`), or export the part ' +
    'of the model without them.',
};
/** A model is cut behind these. */
const TEXT: Family = {
  ops: /^(Lookup|MutableHashTable|InitializeTable|AnonymousHashTable|StaticHashTable)|^(String|Regex|Unicode|AsString|Decode|Encode|Parse|ReduceJoin|ReadFile)/,
  remedy: 'Text, lookup tables and file formats belong in front of the model: export it from the numeric tensors on.',
};
const VARIABLES: Family = {
  ops: /VariableOp|^(Variable|VarHandle|Assign|Scatter(Update|Add|Sub))|^Resource/,
  remedy: 'Variables can be read and assigned; these operations do more with them: export the inference function only.',
};
const AUGMENTATION: Family = {
  ops: /^ImageProjectiveTransform$|^Random(Shuffle|Crop)$|^Stateless(Truncated|Shuffle|SampleDistorted)|^SampleDistortedBoundingBox/,
  remedy: 'Random changes of the data belong to training: export the model without these layers.',
};
const FORESTS: Family = {
  ops: /^(SimpleML|BoostedTrees|TensorForest|DecisionTree|GrowTree)/,
  remedy:
    'Trees and forests have no form in TFLite: run them with their own library, or train a small network instead.',
};
const CODE: Family = {
  ops: /PyFunc|^NumpyFunction$/,
  remedy: 'Python code does not come with the model: write it in operations of TensorFlow, and export again.',
};
const GPU: Family = {
  ops: /^(Cudnn|TRTEngine|_?Trt)/,
  remedy: 'These operations run on GPUs only: export the model with plain layers, before it is made for one.',
};
const FAMILIES = [LOOPS, TEXT, VARIABLES, AUGMENTATION, FORESTS, CODE, GPU];

/** What helps with an operation of no family. */
const REPLACE = 'Replace these layers, or allow custom operators if your runtime implements them.';

/** Collects everything of a model that cannot be lowered, for one error that names it all. */
export class Unsupported {
  readonly #operations = new Map<string, string[]>();
  readonly #cases: { readonly obstacle: Obstacle; readonly error: ModelError }[] = [];
  readonly #stubs = new Set<Value>();

  get isEmpty(): boolean {
    return this.#operations.size === 0 && this.#cases.length === 0;
  }

  /** How many nodes have been noted. */
  get count(): number {
    return this.#cases.length + [...this.#operations.values()].reduce((n, names) => n + names.length, 0);
  }

  /** An operation without a row. */
  addOperation(node: TfNode): void {
    const names = this.#operations.get(node.op) ?? [];
    this.#operations.set(node.op, names);
    names.push(node.name);
  }

  /** A node of a known operation in a form that has no counterpart. */
  addCase(node: TfNode, error: ModelError): void {
    const { op, name } = node;
    const named = error.message.includes(name)
      ? error
      : new ModelError('unsupported', error.message, { where: `${op} '${name}'` });
    this.#cases.push({ obstacle: { op, nodes: [name], reason: error.message, remedy: null }, error: named });
  }

  /** True for operations that stand for graphs of their own: a custom operator cannot replace them. */
  isControlFlow(node: TfNode): boolean {
    return LOOPS.ops.test(node.op);
  }

  /** Remembers a value as the result of something that could not be lowered. */
  stub(value: Value): Value {
    this.#stubs.add(value);
    return value;
  }

  comesFrom(value: Value): boolean {
    return this.#stubs.has(value);
  }

  /** @throws {ModelError} `unsupported` when anything was collected. */
  report(model: TfModel): void {
    if (this.isEmpty) return;
    const isText = [...this.#operations.keys()].some((op) => TEXT.ops.test(op));
    const cut = cutAround(model, (n) => this.#operations.has(n.op), isText);
    const operations = [...this.#operations].map(([op, nodes]) => obstacleOf(op, nodes, cut));
    const obstacles = [...this.#cases.map((c) => c.obstacle), ...operations];
    const lines = [...this.#cases.map((c) => c.error.message), ...operations.map(describe)];
    const more = lines.length - LISTED;
    const listed = more > 0 ? [...lines.slice(0, LISTED), `and ${more} more`] : lines;
    const remedies = new Set(operations.map((o) => o.remedy as string));
    throw new ModelError('unsupported', textOf(listed, operations.length, [...remedies]), { obstacles });
  }
}

function textOf(lines: readonly string[], operations: number, remedies: readonly string[]): string {
  if (operations === 0)
    return lines.length === 1
      ? (lines[0] as string)
      : `the model cannot be expressed in TFLite operators:\n  ${lines.join('\n  ')}`;
  return lines.length === 1
    ? `the model uses an operation without a TFLite counterpart: ${lines[0]}. ${remedies.join(' ')}`
    : `the model uses operations without a TFLite counterpart:\n  ${lines.join('\n  ')}\n${remedies.join('\n')}`;
}

function obstacleOf(op: string, nodes: readonly string[], cut: string): Obstacle {
  const family = FAMILIES.find((f) => f.ops.test(op));
  const remedy = [family?.remedy ?? REPLACE, ...(cut ? [cut] : [])].join(' ');
  return { op, nodes, reason: 'has no TFLite counterpart.', remedy };
}

function describe({ op, nodes }: Obstacle): string {
  const shown = nodes.slice(0, NAMED).map((n) => `'${n}'`);
  const more = nodes.length > NAMED ? ', …' : '';
  return `${op}${nodes.length > 1 ? ` ×${nodes.length}` : ''} (layer ${shown.join(', ')}${more})`;
}
